"""The way out: what the gradebook should show, and how it gets there (AGS)."""
