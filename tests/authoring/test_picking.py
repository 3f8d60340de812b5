"""An LMS asks a teacher for activities: the picker, and what the LMS gets of it."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from itpm_byte.learning.models import Pick, Placement
from lti.models import DeepLinkingRequest, Launch, Membership, Role
from tests.authoring.teacher import DL, INSTRUCTOR, Sent, Teacher, fields_of, path_of, policy, text_of
from tests.learning import casting
from tests.lti.platform import LEFT_OUT, LTI, MEMBERSHIP
from tests.player.seats import SECOND, published

BOTH = ("it-project-manager", "sticky-note-board")
TAUGHT = "http://purl.imsglobal.org/vocab/lis/v2/membership"


@pytest.fixture
def byte(db):
    return published()


@pytest.fixture
def bytes_(byte):
    return byte, published(SECOND)


# --- coming in


def test_a_deep_linking_launch_opens_a_session_and_leads_to_the_list_of_bytes(ada, bytes_):
    """DL-02: all checks of a launch but the resource link."""
    answer = ada.select()

    assert (answer.status_code, path_of(answer)) == (303, "pick/")
    page = text_of(ada.get())
    assert "Choose a Byte" in page
    assert all(byte.title in page and byte.objective in page for byte in bytes_)
    launch = Launch.objects.get()
    assert (launch.message_type, launch.resource_link, launch.may_author) == ("LtiDeepLinkingRequest", None, True)


def test_with_one_byte_its_details_come_at_once(ada, byte):
    ada.select()

    assert path_of(ada.get()) == "pick/details/"
    page = ada.get("pick/details/", byte=byte.slug)
    assert fields_of(page)["it-project-manager-title"] == "IT Project Manager"
    assert fields_of(page)["points"] == "10"


ADMIN = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator"


def test_an_administrator_without_a_role_in_the_course_may_pick_there_and_no_more(platform, registration, byte):
    """DL-02: Canvas opens its picker to account administrators, who are nobody in the course."""
    user = "http://purl.imsglobal.org/vocab/lis/v2/system/person#User"
    ida = Teacher(platform, sub="ida", roles=[ADMIN, user])
    ida.select()
    assert path_of(ida.add()) == "pick/sent/"
    launch = Launch.objects.get()
    assert (launch.may_author, launch.membership, Membership.objects.count()) == (True, None, 0)

    # OTH-03: in an activity nothing comes of it.
    ida.launch()
    assert ida.get("settings/").status_code == 403
    assert Membership.objects.get().role == Role.NONE


@pytest.mark.parametrize(
    "roles",
    [
        [ADMIN, f"{TAUGHT}#Learner"],
        [ADMIN, f"{TAUGHT}#Member"],
        ["http://purl.imsglobal.org/vocab/lis/v2/person#Administrator"],
        [f"{TAUGHT}#Learner"],
        [f"{TAUGHT}/Instructor#TeachingAssistant"],
        [f"{TAUGHT}#Instructor", f"{TAUGHT}/Instructor#TeachingAssistant"],
        [f"{TAUGHT}#Mentor"],
        ["http://purl.imsglobal.org/vocab/lis/v2/institution/person#Instructor"],
        [],
    ],
    ids=[
        "learns here",
        "some other role here",
        "an old form",
        "learner",
        "assistant",
        "assistant beside",
        "mentor",
        "teaches elsewhere",
        "nobody",
    ],
)
def test_who_does_not_teach_here_is_told_so_and_gets_nothing(platform, registration, byte, roles):
    """DL-02, SEC-13."""
    lin = Teacher(platform, sub="lin", roles=roles)

    answer = lin.select()

    assert answer.status_code == 403
    assert "Only teachers can choose activities" in text_of(answer)
    assert not DeepLinkingRequest.objects.exists()


def test_without_any_roles_nobody_is_taken_for_a_teacher(ada, byte):
    """DL-02: roles are optional in this message; least privilege (SEC-14)."""
    assert ada.select(claims={LTI + "roles": LEFT_OUT}).status_code == 403


@pytest.mark.parametrize("role", ["Instructor", "Administrator", "ContentDeveloper"])
def test_teachers_designers_and_administrators_may_pick(platform, registration, byte, role):
    assert path_of(Teacher(platform, roles=[MEMBERSHIP + role]).select()) == "pick/"


@pytest.mark.parametrize("path", ["pick/", "pick/details/", "pick/sent/", "bytes/it-project-manager/en/"])
def test_a_teacher_who_was_demoted_finds_the_open_picker_closed(ada, byte, path):
    """SEC-14: the role of now counts, in older tabs too."""
    ada.select()
    Membership.objects.update(role=Role.TEACHING_ASSISTANT)

    answer = ada.get(path)

    assert answer.status_code == 403
    assert "Only teachers can set up activities" in text_of(answer)
    assert ada.post("pick/nothing/").status_code in {400, 403}
    assert DeepLinkingRequest.objects.get().answered_at is None


def test_a_learner_finds_no_picker_behind_an_activity_either(platform, registration, byte):
    lin = Teacher(platform, sub="lin", roles=[MEMBERSHIP + "Learner"])
    lin.launch()

    answers = [lin.get(path) for path in ("pick/", "pick/details/", "pick/sent/", "choose/", "settings/")]

    assert [answer.status_code for answer in answers] == [403] * 5
    assert all("Only teachers can set up activities" in text_of(answer) for answer in answers)


def test_a_teacher_who_was_not_asked_finds_no_picker(ada, byte):
    ada.launch()

    answer = ada.get()

    assert answer.status_code == 404
    assert "There is nothing to choose here" in text_of(answer)


def test_another_browser_cannot_use_the_picker(ada, byte):
    """DL-04."""
    ada.select()
    stranger = Client()

    assert stranger.get(f"{ada.base}pick/").status_code == 401
    assert stranger.post(f"{ada.base}pick/nothing/").status_code == 401


def test_a_session_of_another_tenant_opens_nobody_elses_picker(ada, platform, byte):
    """SEC-05."""
    platform.register(client_id="other", deployment_ids=("1",))
    ada.select()
    theirs = Teacher(platform, sub="ada")
    theirs.visit.log_in(client_id="other")
    theirs.visit.arrive(aud="other", sub="ada", **{LTI + "roles": INSTRUCTOR})

    assert theirs.client.get(f"{ada.base}pick/").status_code == 401


def test_an_answer_may_go_only_to_the_lms(ada, byte):
    """DL-19, SEC-08."""
    answer = ada.select(deep_link_return_url="https://evil.example/return")

    assert answer.status_code == 400
    assert "named an address for the answer that does not belong to it" in text_of(answer)
    assert not DeepLinkingRequest.objects.exists()


def test_an_administrator_may_add_the_host_that_takes_answers(platform, keyset, byte):
    """DL-19: all hosted Canvas share an issuer, each school has its own host (CORE-04)."""
    keyset.install()
    platform.register(frame_origins=["https://*.school.example"])
    ada = Teacher(platform)
    ada.select(deep_link_return_url="https://canvas.school.example/deep_linking_response?x=1")

    assert policy(ada.get("pick/details/", byte="it-project-manager"), "form-action") == [
        "'self'",
        "https://canvas.school.example",
    ]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "", "/return", None, 7])
def test_an_address_that_is_none_refuses_the_launch(ada, byte, url):
    """DL-01, DL-19."""
    assert ada.select(deep_link_return_url=url).status_code == 400


# --- the pages


def test_words_and_language_narrow_the_list_and_what_is_chosen_stays(ada, bytes_):
    first, second = bytes_
    ada.select()

    page = ada.get(q="STÍCKY")

    assert second.title in text_of(page)
    assert first.title not in text_of(page)
    assert "1 of 2 Bytes" in text_of(page)
    kept = ada.get(q="sticky", byte=first.slug)
    assert first.title in text_of(kept)
    assert re.search(r'value="it-project-manager"[^>]*checked', kept.content.decode())
    assert "No Byte has these words" in text_of(ada.get(q="zebra"))


def test_a_byte_can_be_looked_at_before_it_is_chosen(ada, byte):
    ada.select()

    page = ada.get("bytes/it-project-manager/en/")

    words = text_of(page)
    assert all(part in words for part in ("Samantha", "C$82,000", "Who is the best fit"))
    assert not re.search(r"<input[^>]*type=.radio", page.content.decode())
    assert ada.get("bytes/it-project-manager/fr/").status_code == 404
    assert ada.get("bytes/no-such-byte/en/").status_code == 404


def test_one_at_a_time_is_a_choice_of_radio_buttons_and_several_are_boxes(ada, bytes_):
    """DL-03: absent means one."""
    ada.select()
    assert 'type="radio"' in ada.get().content.decode()
    ada.select(accept_multiple="true")
    assert 'type="checkbox"' in ada.get().content.decode()


def test_nothing_chosen_and_too_much_chosen_are_told(ada, bytes_):
    """DL-03."""
    ada.select()

    nothing, much = ada.get("pick/details/"), ada.get("pick/details/", byte=BOTH)

    assert (nothing.status_code, much.status_code) == (422, 422)
    assert "Choose a Byte first." in text_of(nothing)
    assert "Your course takes one Byte at a time." in text_of(much)
    assert ada.add(*BOTH).status_code == 422
    assert not Pick.objects.exists()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"points": "0"}, "Give at least a fraction of a point."),
        ({"points": ""}, "This field is required."),
        ({"points": "1e9"}, "less than or equal to 10000"),
        ({"attempts_allowed": "0"}, "greater than or equal to 1"),
        ({"it-project-manager-title": " "}, "This field is required."),
        ({"it-project-manager-language": "xx"}, "Select a valid choice."),
        ({"grade_on": "beauty"}, "Select a valid choice."),
        ({"due_at": "soon"}, "Enter a valid date/time."),
        ({"opens_at": "2026-12-02T09:00", "closes_at": "2026-12-01T09:00"}, "It must close after it opens."),
        ({"opens_at": "2026-12-02T09:00", "due_at": "2026-12-01T09:00"}, "It must be due after it opens."),
        ({"due_at": "2026-12-02T09:00", "closes_at": "2026-12-01T09:00"}, "It must be due before it closes."),
    ],
)
def test_what_makes_no_sense_is_told_and_nothing_is_sent(ada, byte, fields, words):
    ada.select()

    answer = ada.add(**fields)

    assert answer.status_code == 422
    assert words in text_of(answer)
    assert not Pick.objects.exists()
    assert DeepLinkingRequest.objects.get().answered_at is None


def test_a_place_that_takes_files_is_told_about_and_the_way_back_is_an_empty_answer(ada, byte):
    """DL-03, DL-05, DL-15: we have no files, pages or pictures to give."""
    ada.select(accept_types=["link", "file", "html", "image"])

    page = ada.get()

    assert "Activities don’t fit here" in text_of(page)
    assert path_of(ada.get("pick/details/", byte=byte.slug)) == "pick/"
    assert path_of(ada.add()) == "pick/"
    assert not Pick.objects.exists()
    ada.post("pick/nothing/")
    assert ada.items() == []


@pytest.mark.parametrize("name", ["pick/", "pick/details/"])
def test_forms_may_post_to_us_and_to_the_address_of_the_answer_only(ada, platform, byte, name):
    """DL-19, SEC-10."""
    ada.select()

    page = ada.get(name, byte=byte.slug)

    assert policy(page, "form-action") == ["'self'", platform.url]
    assert policy(page, "frame-ancestors") == ["'self'", platform.url]
    assert policy(page, "script-src") == ["'self'"]
    assert page["Cache-Control"] == "no-store"
    assert (page["Referrer-Policy"], "X-Frame-Options" in page) == ("strict-origin-when-cross-origin", False)


def test_pages_that_are_not_the_picker_post_to_us_alone(ada, byte):
    ada.launch()

    assert policy(ada.get("settings/"), "form-action") == ["'self'"]


# --- the answer


def test_the_lms_gets_the_byte_with_our_id_its_settings_and_a_column(ada, platform, byte):
    """DL-10, DL-11, DL-13, DL-14, DL-16, DL-17; OTH-10: the column says that work can be looked at."""
    ada.select()

    answer = ada.add(points="7.5", due_at="2026-12-01T09:00", opens_at="2026-11-24T08:00", closes_at="2026-12-24T08:00")

    assert path_of(answer) == "pick/sent/"
    sent, pick = ada.sent(), Pick.objects.get()
    assert sent.body[LTI + "message_type"] == "LtiDeepLinkingResponse"
    assert sent.actions == [f"{platform.url}/return?course=2&sesskey=k3y"]
    assert (sent.body["iss"], sent.body["aud"], sent.body[LTI + "deployment_id"]) == ("client", platform.url, "1")
    (item,) = sent.body[DL + "content_items"]
    assert item == {
        "type": "ltiResourceLink",
        "url": "http://127.0.0.1:8000/lti/launch/",
        "title": "Title of it-project-manager",
        "text": byte.objective,
        "custom": {
            "byte": "it-project-manager",
            "pick": str(pick.uuid),
            "context_history": "$Context.id.history",
            "link_history": "$ResourceLink.id.history",
            "available_from": "$ResourceLink.available.startDateTime",
            "available_until": "$ResourceLink.available.endDateTime",
            "submit_until": "$ResourceLink.submission.endDateTime",
        },
        "lineItem": {
            "scoreMaximum": 7.5,
            "label": "Title of it-project-manager",
            "resourceId": str(pick.uuid),
            "tag": "grade",
            "submissionReview": {"reviewableStatus": ["Completed"]},
        },
        "available": {"startDateTime": "2026-11-24T08:00:00Z", "endDateTime": "2026-12-24T08:00:00Z"},
        "submission": {"endDateTime": "2026-12-01T09:00:00Z"},
    }


def test_what_is_signed_was_stored_first(ada, registration, byte):
    """SEC-13."""
    ada.select()

    ada.add(points="5", attempts_allowed="2", grade_on="both", due_at="2026-12-01T09:00")

    pick = Pick.objects.get()
    assert (pick.deployment.registration, pick.made_by.sub, pick.byte_slug) == (registration, "ada", byte.slug)
    assert (pick.language, pick.title, pick.score_maximum) == ("en", "Title of it-project-manager", Decimal(5))
    assert pick.settings == {
        "attempts_allowed": 2,
        "due_at": "2026-12-01T09:00:00Z",
        "grade_on": "both",
        "reveal": "after_answer",
        "which_counts": "best",
    }
    assert not Placement.objects.exists()


def test_several_bytes_are_several_items_where_the_lms_takes_them(ada, bytes_):
    """DL-03, DL-16: one address for all."""
    ada.select(accept_multiple=True)

    ada.add(*BOTH)

    items = ada.items()
    assert {item["custom"]["byte"]: item["title"] for item in items} == {slug: f"Title of {slug}" for slug in BOTH}
    assert {item["url"] for item in items} == {"http://127.0.0.1:8000/lti/launch/"}
    assert {item["custom"]["pick"] for item in items} == {str(pick.uuid) for pick in Pick.objects.all()}
    assert len({item["lineItem"]["resourceId"] for item in items}) == 2


@pytest.mark.parametrize(("said", "has_column"), [(LEFT_OUT, True), (True, True), ("true", True), (False, False)])
def test_a_column_is_asked_for_only_where_the_lms_takes_one(ada, byte, said, has_column):
    """DL-03."""
    ada.select(accept_lineitem=said)

    assert ("points" in fields_of(ada.get("pick/details/", byte=byte.slug))) == has_column
    ada.add()

    assert ("lineItem" in ada.items()[0]) == has_column


@pytest.mark.parametrize(
    ("targets", "opens_in", "told"),
    [
        (["iframe", "window"], "window", {"window": {"targetName": "_blank"}}),
        (["iframe", "window"], "iframe", {"iframe": {"height": 800}}),
        (["iframe", "window"], "", {}),
        (["window"], "window", {}),
        (["embed"], "iframe", {}),
        ([], "window", {}),
    ],
)
def test_where_it_opens_is_said_only_if_the_lms_leaves_it_to_us(ada, byte, targets, opens_in, told):
    """DL-14."""
    ada.select(accept_presentation_document_targets=targets)

    ada.add(opens_in=opens_in)

    (item,) = ada.items()
    assert {name: item[name] for name in ("iframe", "window") if name in item} == told


@pytest.mark.parametrize("data", ["", "csrftoken:c7fbba78", "\"quoted\" 'é' <b>&amp; 🔑\\u0041", " spaces "])
def test_data_comes_back_to_the_letter(ada, byte, data):
    """DL-12."""
    ada.select(data=data)

    ada.add()

    assert ada.sent().body[DL + "data"] == data


def test_data_that_never_came_is_not_invented(ada, byte):
    ada.select()

    ada.add()

    assert DL + "data" not in ada.sent().body


def test_titles_cannot_break_out_of_the_page_or_the_form(ada, byte):
    """DL-19, SEC-09."""
    evil = '"><script>alert(1)</script><form action="https://evil.example">'
    ada.select(deep_link_return_url=f'{ada.platform.url}/return?"><script>alert(2)</script>', data=evil)

    refused = ada.add(**{"it-project-manager-title": evil, "points": ""})
    ada.add(**{"it-project-manager-title": evil})

    assert "<script>alert" not in refused.content.decode()
    sent = ada.sent()
    assert "<script>alert" not in sent.answer.content.decode()
    assert len(sent.actions) == 1
    assert sent.body[DL + "content_items"][0]["title"] == evil


def test_cancel_tells_the_lms_that_nothing_was_chosen(ada, byte):
    """DL-05, DL-13."""
    ada.select(data="d")

    answer = ada.post("pick/nothing/")

    assert path_of(answer) == "pick/sent/"
    body = ada.sent().body
    assert (body[DL + "content_items"], body[DL + "msg"], body[DL + "data"]) == ([], "Nothing was chosen.", "d")
    assert not Pick.objects.exists()


def test_a_second_submit_is_answered_with_the_first_answer(ada, byte):
    """DL-04, SEC-13."""
    ada.select()
    ada.add()
    first = ada.sent().jwt

    again = ada.client.post(f"{ada.base}pick/details/", {"byte": byte.slug}, headers={"Origin": "http://testserver"})
    cancelled = ada.client.get(f"{ada.base}pick/")

    assert again.status_code in {303, 403}
    assert path_of(cancelled) == "pick/sent/"
    assert ada.sent().jwt == first
    assert Pick.objects.count() == 1


def test_two_requests_of_one_person_have_answers_of_their_own(ada, byte):
    """DL-04."""
    ada.select(data="one")
    first = ada.base
    ada.select(data="two")
    ada.add()

    assert ada.sent().body[DL + "data"] == "two"
    ada.base = first
    assert path_of(ada.get("pick/sent/")) == "pick/"
    ada.post("pick/nothing/")
    assert ada.sent().body[DL + "data"] == "one"


def test_after_a_few_minutes_the_answer_is_not_shown_any_more(ada, byte):
    """DL-10: no LMS would take it."""
    ada.select()
    ada.add()

    with time_machine.travel(timezone.now() + timedelta(minutes=6), tick=False):
        late = ada.get("pick/sent/")

    assert late.status_code == 410
    assert "This choice was sent already" in text_of(late)
    assert Sent(late).jwt == ""


def test_the_page_that_sends_the_answer_works_without_scripts_and_holds_none_of_its_own(ada, byte):
    """DL-19."""
    ada.select()
    ada.add()

    html = ada.sent().answer.content.decode()

    assert re.search(r"<button type=.submit.>Continue to your course</button>", html)
    assert re.findall(r"<script(?![^>]*\bsrc=)", html) == []
    assert re.findall(r"\son[a-z]+=", html) == []


def test_what_the_lms_asked_for_is_kept_sealed(ada, byte):
    """Moodle's return address holds a key of the teacher's session."""
    ada.select(data="very private")

    row = DeepLinkingRequest.objects.get()

    assert "sesskey" not in row.settings_encrypted
    assert "private" not in row.settings_encrypted
    assert row.return_origin == ada.platform.url


def test_without_a_form_token_nothing_is_sent(ada, byte):
    """CK-24."""
    ada.select()

    answer = ada.client.post(f"{ada.base}pick/nothing/", headers={"Origin": "https://evil.example"})

    assert answer.status_code == 403
    assert DeepLinkingRequest.objects.get().answered_at is None


def test_the_picker_speaks_the_language_of_the_launch_and_offers_the_bytes_own(ada, byte):
    ada.select(claims={"locale": "fr", LTI + "launch_presentation": {"locale": "fr-CA"}})

    page = ada.get("pick/details/", byte=byte.slug)

    assert page["Content-Language"] == "fr"
    assert "Son fonctionnement dans votre cours" in text_of(page)
    assert fields_of(page)["it-project-manager-title"] == "IT Project Manager"


def test_a_picked_time_is_utc(ada, byte):
    ada.select()

    ada.add(due_at="2026-06-01T22:30")

    assert ada.items()[0]["submission"] == {"endDateTime": "2026-06-01T22:30:00Z"}
    assert datetime(2026, 6, 1, 22, 30, tzinfo=UTC).isoformat() == "2026-06-01T22:30:00+00:00"


def test_where_no_cookie_stays_the_documents_that_show_the_picker_let_its_form_out(ada, platform, byte):
    """DL-19, CK-25: the page that asks the browser for its secret, and the one that a reload brings."""
    ada.visit.log_in()
    ada.visit.client.cookies.clear()
    asking = ada.visit.arrive(
        sub="ada",
        **{
            LTI + "roles": INSTRUCTOR,
            LTI + "message_type": "LtiDeepLinkingRequest",
            LTI + "resource_link": LEFT_OUT,
            DL + "deep_linking_settings": {
                "deep_link_return_url": f"{platform.url}/return",
                "accept_types": ["ltiResourceLink"],
                "accept_presentation_document_targets": ["iframe"],
            },
        },
    )

    shell = Client().get(f"/l/{Launch.objects.get().pk}/pick/")

    assert [answer.status_code for answer in (asking, shell)] == [200, 401]
    assert [policy(answer, "form-action") for answer in (asking, shell)] == [["'self'", platform.url]] * 2


def test_the_documents_of_other_launches_let_no_form_out(platform, registration, byte):
    visit = Teacher(platform).visit
    visit.log_in()
    visit.client.cookies.clear()
    asking = visit.arrive()
    shell = Client().get(f"/l/{Launch.objects.get().pk}/")

    assert [policy(answer, "form-action") for answer in (asking, shell)] == [["'self'"]] * 2


def test_a_longer_list_costs_no_more_queries(ada, bytes_, django_assert_num_queries):
    ada.select()
    ada.get()
    with CaptureQueriesContext(connection) as two:
        ada.get()
    for number in range(3):
        casting.byte(slug=f"more-{number}", title=f"More {number}")

    with django_assert_num_queries(len(two)):
        assert "5 of 5 Bytes" in text_of(ada.get())
