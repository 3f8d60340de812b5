"""Beside the launch: people, groups, notices, copies of courses, reviews from the gradebook."""
