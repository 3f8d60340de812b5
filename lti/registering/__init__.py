"""How an LMS and this tool come to know each other: links, presets, dynamic registration, approval."""
