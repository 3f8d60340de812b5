"""A made-up crowd for measuring and for showing: institutions, courses, learners, and what they did."""
