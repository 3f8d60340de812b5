"""`python -m tests.fuzz.drive TARGET [libFuzzer's options] FOLDER …`: one target under atheris, until told to stop."""

import os
import sys

import atheris


def main() -> None:
    os.environ.setdefault("ITPM_ENVIRONMENT", "development")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "itpm_byte.settings")
    name, *options = sys.argv[1:]
    with atheris.instrument_imports(include=["lti", "itpm_byte"]):
        import django

        django.setup()
        from tests.fuzz.targets import TARGETS
    atheris.Setup([sys.argv[0], *options], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
