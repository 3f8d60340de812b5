"""House rules that no ready-made linter knows; `make lint` runs them, each prints what it found."""
