"""`python -m tests.bench.rows`: rows of each table now, and after the upkeep of a day two years from now.

Tables that still hold rows then are kept on purpose: people and what they learned (until a rule of their institution
says otherwise), content, connections.
"""

import os
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "itpm_byte.settings")


def counts() -> dict[str, int]:
    from django.apps import apps

    return {
        model._meta.db_table: number
        for model in apps.get_models()
        if model._meta.managed and (number := model._default_manager.count())
    }


def main() -> None:
    from django.utils import timezone

    from itpm_byte.engine.upkeep import JOBS

    before = counts()
    for job in JOBS:
        if job.name not in {"mails", "tallies", "alerts"}:
            job.run(timezone.now() + timedelta(days=730))
    after = counts()
    for table, rows in sorted(before.items()):
        print(f"{table:40} {rows:8} rows, {after.get(table, 0):8} after the upkeep of a day two years later")


if __name__ == "__main__":
    django.setup()
    main()
