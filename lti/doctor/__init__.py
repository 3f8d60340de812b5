"""The connection doctor: looks at one LMS from all sides and names the cause of what is wrong."""
