"""`python -m tests.bench.sizes`: how large the database grows with each learner, on a crowd of `demo_data`."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg

from tests.bench import databases, figures
from tests.checks.words import ROOT

LEARNERS, ACTIVITIES, ATTEMPTS = 2_000, 10, 30
SIZES = """
    SELECT relname, pg_total_relation_size(oid), GREATEST(reltuples, 0) FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 2 DESC
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, databases.cluster("postgres", Path(folder)) as cluster:
        url = cluster.url_of("sizes")
        environment = {**os.environ, "DATABASE_URL": url, "ITPM_ENVIRONMENT": "development"}
        crowd = {
            "courses": LEARNERS // 50,
            "learners": LEARNERS,
            "progress": LEARNERS * ACTIVITIES,
            "attempts": LEARNERS * ATTEMPTS,
        }
        told = [word for name, number in crowd.items() for word in (f"--{name}", str(number))]
        for command in (["migrate", "--verbosity", "0"], ["demo_data", *told]):
            subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=environment, check=True)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
            rows = connection.execute(SIZES).fetchall()
    total = sum(size for _, size, _ in rows)
    for name, size, number in rows[:12]:
        print(f"{name:32} {size / LEARNERS:8.0f} bytes for each learner, {number:9.0f} rows")
    print(f"all: {total / LEARNERS:.0f} bytes for each with {ACTIVITIES} activities and {ATTEMPTS} attempts")
    figures.keep("size/postgres", bytes_per_learner=total / LEARNERS, activities=ACTIVITIES, attempts=ATTEMPTS)


if __name__ == "__main__":
    main()
