"""Django's PostgreSQL, but while a commit waits for the disk the next request of this process begins."""

from django.db.backends.postgresql import base

from itpm_byte.engine.turns import aside
from lti.durability import is_awaited


class DatabaseWrapper(base.DatabaseWrapper):
    def _commit(self) -> None:
        if not is_awaited():
            super()._commit()  # type: ignore[misc]  # django-stubs leave it out
            return
        with aside():
            super()._commit()  # type: ignore[misc]
