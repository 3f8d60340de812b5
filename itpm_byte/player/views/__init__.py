"""The learner's pages, one module for each thing a learner does."""
