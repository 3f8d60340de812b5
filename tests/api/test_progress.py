"""The learner's own progress, as the page's script and other programs of the session read it."""

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lti.models import Launch, Score
from tests.player.seats import sit

URL = "/api/v1/launches/{}/progress/"


def read(seat):
    return seat.client.get(URL.format(seat.launch.pk))


def test_before_the_learner_begins_there_is_nothing_to_tell(lin):
    response = read(lin)

    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"
    assert response.json() == {
        "byte": {"slug": "it-project-manager", "version": 1, "language": "en"},
        "sections_seen": [],
        "started_at": None,
        "completed_at": None,
        "counted_points": None,
        "counted_possible": None,
        "attempts_left": None,
        "attempts": [],
        "grade": {
            "state": "none",
            "score_given": None,
            "score_maximum": None,
            "sent_at": None,
            "next_try_at": None,
            "advice": "",
        },
    }


def test_attempts_and_the_state_of_the_grade_are_told(lin):
    lin.post("seen/", {"section": "opening"})
    lin.answer("peter")
    lin.answer("samantha", attempt=2)

    told = read(lin).json()

    assert told["sections_seen"] == ["opening"]
    assert (told["counted_points"], told["counted_possible"]) == ("1.0000", 1)
    assert [(attempt["number"], attempt["points"], attempt["answers"]) for attempt in told["attempts"]] == [
        (1, "0.0000", {"quiz": ["peter"]}),
        (2, "1.0000", {"quiz": ["samantha"]}),
    ]
    assert (told["grade"]["state"], told["grade"]["score_given"]) == ("waiting", "1.0000")


def test_a_grade_that_arrived_says_when(lin):
    lin.answer("samantha")
    sent_at = timezone.now()
    Score.objects.update(state="sent", sent_at=sent_at)

    assert read(lin).json()["grade"]["sent_at"] == sent_at.isoformat()


def test_somebody_elses_progress_is_never_told(people, lin):
    lin.answer("samantha")

    max_ = sit(people.max, people.max_link)
    response = max_.client.get(URL.format(lin.launch.pk))

    assert response.status_code == 401
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["title"] == "The session of this launch has ended"


def test_a_teacher_reads_only_the_own_empty_preview(lin, ada):
    lin.answer("samantha")

    assert read(ada).json()["attempts"] == []


def test_the_bearer_token_opens_it(lin):
    client = Client(headers={"Authorization": f"Bearer {lin.sealed}"})

    assert client.get(URL.format(lin.launch.pk)).status_code == 200


def test_an_unknown_launch_is_not_told_from_a_foreign_one(lin):
    response = lin.client.get(URL.format("00000000-0000-4000-8000-000000000000"))

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_a_link_without_a_byte_is_not_found(people):
    assert read(sit(people.lin, people.link)).status_code == 404


def test_it_only_reads(lin):
    for method in ("post", "put", "patch", "delete"):
        assert getattr(lin.client, method)(URL.format(lin.launch.pk)).status_code in {401, 405}


def test_it_costs_as_many_queries_with_three_attempts_as_with_one(lin):
    lin.answer("peter")
    read(lin)
    with CaptureQueriesContext(connection) as with_one:
        read(lin)
    lin.answer("peter", attempt=2)
    lin.answer("peter", attempt=3)
    with CaptureQueriesContext(connection) as with_three:
        read(lin)

    assert (len(with_one), len(with_three)) == (3, 3)


def test_a_launch_that_is_over_tells_nothing(lin):
    Launch.objects.update(ended_at=timezone.now())

    assert read(lin).status_code == 401
