"""When workers last kept house: the rows that `engine.upkeep` moves on."""

from datetime import datetime

from django.apps import apps


def beats() -> dict[str, datetime]:
    """Each job by the clock, and when it last began. The engine stands above us: its table is asked by name."""
    jobs = apps.get_model("engine", "PeriodicJob")
    return dict(jobs.objects.values_list("name", "began_at"))


def last_sweep() -> datetime | None:
    return beats().get("sweep")
