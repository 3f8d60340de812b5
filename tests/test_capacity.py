"""The table of what so many learners need is the one that follows from what was measured."""

from tests.bench import capacity, figures


def test_the_document_shows_what_the_measurements_say():
    assert capacity.page(figures.read()) in capacity.DOC.read_text()


def test_more_learners_need_more_in_step():
    """A thousand times the learners: a thousand times the launches, and machines where one core was enough before."""
    costs = {"cpu_ms": 6.0, "database_ms": 3.0, "where": "here", "on": "2026-01-01"}
    names = ("launch/postgres/granian", "submit/postgres/granian", "deliveries/postgres, database/10 ms")
    size = {"bytes_per_learner": 20_000, "activities": 10, "attempts": 30, "where": "here", "on": "2026-01-01"}
    report = {"rows": 1_000_000, "overview_ms": 30.0, "report_ms": 100.0, "where": "here", "on": "2026-01-01"}
    told = {**dict.fromkeys(names, costs), "size/postgres": size, "reports/postgresql/1000000": report}
    rows = capacity.page(told).splitlines()[-5:-2]

    assert rows == [
        "| 3,000 | 0.3 and 0.3 | 1 | 1 | 1 | 0.1 GB |",
        "| 30,000 | 3.0 and 3.0 | 1 | 1 | 1 | 0.6 GB |",
        "| 1,000,000 | 100.0 and 100.0 | 3 | 1 | 2 | 20.0 GB |",
    ]
