"""Performance as ratios against baselines measured in the same run; see docs/performance.md for what was found."""
