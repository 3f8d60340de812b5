"""The whole service under hard faults: what is thrown at it, by whom it is used meanwhile, what must hold afterwards.

`python -m tests.faults` (or `make faults`) runs the long form, `test_short.py` a short one. docs/faults.md has figures.
"""
