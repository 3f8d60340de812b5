"""A small pretend LMS: the platform side of LTI 1.3 for people who have no LMS, and for tests.

It stands apart: its own Django project in its own process, speaking to the tool over HTTP only.
"""
