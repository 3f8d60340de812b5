#!/usr/bin/env python
"""Django's command line for ITPM Byte."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from lti.management.commands import new_secret


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "itpm_byte.settings")
    if sys.argv[1:2] == ["new_secret"]:
        # It makes what the settings ask for, so it can't wait for them.
        new_secret.Command().run_from_argv(sys.argv)
        return
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as wrong:
        if "--traceback" in sys.argv:
            raise
        sys.exit(f"Not started: {wrong}")


if __name__ == "__main__":
    main()
