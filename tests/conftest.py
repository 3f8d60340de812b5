"""What every test may use."""

import os

os.environ.setdefault("ITPM_ENVIRONMENT", "development")
