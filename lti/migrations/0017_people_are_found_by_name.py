"""People are found by a part of their name, e-mail address or id without a look at everybody (PostgreSQL's trigrams).

`pg_trgm` comes with PostgreSQL. Where it is not installed, or the database's user may not add it, nothing is missing
but speed: searching 100,000 people then takes a tenth of a second more. docs/operators.md says how to add it later.
"""

import logging

from django.db import DatabaseError, migrations, transaction

INDEX = "lti_platformuser_found"
EXTENSION = "CREATE EXTENSION IF NOT EXISTS pg_trgm"
# As Django writes `icontains` and `iexact`.
COLUMNS = ", ".join(f"UPPER({column}) gin_trgm_ops" for column in ("name", "email", "sub"))
CREATE = f"CREATE INDEX IF NOT EXISTS {INDEX} ON lti_platformuser USING gin ({COLUMNS})"


def make(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    try:
        with transaction.atomic(using=schema_editor.connection.alias):
            schema_editor.execute(EXTENSION, params=None)
            schema_editor.execute(CREATE, params=None)
    except DatabaseError as refused:
        logging.getLogger(__name__).warning("Searching people stays slower: no pg_trgm here (%s)", type(refused).__name__)


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP INDEX IF EXISTS {INDEX}", params=None)


class Migration(migrations.Migration):
    dependencies = [("lti", "0016_fewer_indexes")]

    operations = [migrations.RunPython(make, drop)]
