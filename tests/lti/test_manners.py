"""The whole way at each of six LMSs, with the manners that each of them has: launch, page, grade, results, roster.

T1, T2, T4, T5 of the test matrix: claim forms (CORE-14, CORE-17, CORE-18, CORE-30, OK-15, OK-16), role forms (OTH-02 to
OTH-04), line item ids (AGS-14), paging forms (AGS-16), audiences (AGS-02), and each row of the error table (AGS §4.4).
"""

import re
from datetime import datetime, timedelta
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.http import HttpResponseBase
from django.utils import timezone

from itpm_byte.learning.models import Placement
from itpm_byte.sandbox.server import LOGIN_METHODS, SandboxServer, first_form
from lti import http, services
from lti.grades import delivery, results
from lti.models import AccessToken, Context, LineItem, Membership, PlatformUser, Registration, ResourceLink, Role, Score
from tests.authoring.teacher import Sent, fields_of
from tests.lti.arrivals import Arrival, Browser, attribute, connect
from tests.player.seats import published, text_of
from tests.visitor import Visitor as WithoutScripts

pytestmark = pytest.mark.django_db

MANNERS = ("moodle", "canvas", "blackboard", "d2l", "sakai", "openedx")
SECOND = timedelta(seconds=1)


@pytest.fixture(scope="module")
def process(keyset):
    with SandboxServer(keyset.url) as lms:
        yield lms
        http.session().close()


@pytest.fixture(params=MANNERS)
def manner(request):
    return request.param


@pytest.fixture
def lms(process, manner, keyset, db):
    """A pretend LMS of this manner on its first day, registered as its administrator does; the Byte is published."""
    keyset.install()
    published()
    process.play(manner)
    product = {"audience": process.audience, "is_azp_strict": not process.has_foreign_azp, "product": process.product}
    connect(process, signing_algorithms=[process.algorithm], **product)
    process.connect_tool(jwks_url=f"{keyset.url}/jwks")
    return process


class Visitor(Browser):
    """As the LMS sends the browser: by POST or by GET (CORE-01)."""

    def log_in(self, person: str, link: str = "careers") -> HttpResponseBase:
        self.lms.enter(self.lms_session, person)
        send = self.client.get if LOGIN_METHODS.get(self.lms.manner) == "GET" else self.client.post
        return send("/lti/login/", self.lms.login_form(person, link))

    def pick(self, **fields: str) -> requests.Response:
        """Ada selects content in the LMS, takes the Byte as our picker offers it, and saves. What the LMS shows."""
        self.lms.enter(self.lms_session, "ada")
        begun = self.lms.call("begin-selection", person="ada", course="careers")
        answer = self.client.get("/lti/login/", begun)
        auth_url = answer.headers.get("Location") or attribute(answer, "auth-url")
        page = self.lms_session.get(auth_url, timeout=20)
        picker = Arrival(self.client, first_form(self.lms_session, page).fields).post()
        details = self.client.get(self.client.get(picker["Location"])["Location"])
        told = fields_of(details) | {"it-project-manager-language": "en", "grade_on": "quiz", "which_counts": "best"}
        told |= {"reveal": "after_answer", **fields}
        sent = self.client.post(details.wsgi_request.get_full_path(), told, headers={"Origin": "http://testserver"})
        form = Sent(self.client.get(sent["Location"]))
        shown = self.lms_session.post(form.actions[0], {"JWT": form.jwt}, timeout=20)
        if self.lms.manner != "canvas":  # which makes the link at once
            secret = parse_qs(urlsplit(form.actions[0]).query)["sesskey"][0]
            teacher = WithoutScripts()
            teacher.session = self.lms_session
            adding = teacher.open(f"{self.lms.url}/courses/careers/add/?chosen={secret}")
            teacher.submit(adding.form("/add/"))
        return shown

    def open(self, person: str, link: str = "careers", **claims) -> HttpResponseBase:
        """The page that a launch leads to."""
        answer = self.launch(person, link, **claims)
        assert answer.status_code == 303, answer.content.decode()
        self.page = self.client.get(answer["Location"])
        assert self.page.status_code == 200
        self.url = answer["Location"]
        return self.page

    def answer(self, choice: str, *, attempt: int = 1) -> None:
        form = {"question": "quiz", "attempt": attempt, "version": 1, "choice": choice}
        token = self.client.cookies["__Host-csrftoken"].value if "__Host-csrftoken" in self.client.cookies else ""
        sent = self.client.post(
            f"{self.url}answer/", form | {"csrfmiddlewaretoken": token or csrf_of(self.page)},
            headers={"Origin": "http://testserver"},
        )  # fmt: skip
        assert sent.status_code in {200, 303}, sent.content.decode()[:500]


def csrf_of(page: HttpResponseBase) -> str:
    return re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.content.decode())[1]


def delivered(at: datetime | None = None) -> Score:
    """The one score, after one try at the time that it and its LMS allow."""
    Registration.objects.update(services_paused_until=None)
    score = Score.objects.get()
    at = at or max(timezone.now(), score.timestamp)
    Score.objects.filter(pk=score.pk, state="due").update(next_try_at=at)
    delivery.deliver(score.pk, now=at)
    score.refresh_from_db()
    return score


def graded(lms: SandboxServer, choice: str = "samantha") -> Visitor:
    """Lin has answered; her score waits."""
    lin = Visitor(lms)
    lin.open("lin")
    lin.answer(choice)
    return lin


# --- Launches


ROLES = {
    "ada": Role.INSTRUCTOR, "tom": Role.TEACHING_ASSISTANT, "lin": Role.LEARNER,
}  # fmt: skip
OTHER_ROLES = {
    ("moodle", "tom"): Role.INSTRUCTOR,  # its launches do not tell assistants from teachers
    ("openedx", "ada"): Role.ADMINISTRATOR,
}


@pytest.mark.parametrize("person", ROLES)
def test_people_open_the_byte_in_the_role_that_this_lms_means(lms, manner, person):
    page = Visitor(lms).open(person)
    assert "IT Project Manager" in text_of(page)
    membership = Membership.objects.get()
    assert membership.role == OTHER_ROLES.get((manner, person), ROLES[person])
    assert membership.user.sub == lms.store.person(person)["id"]
    assert lms.journal.refusals == []


def test_an_administrator_without_a_role_in_the_course_is_no_teacher_there(lms, manner):
    """Institution and system roles give nothing (OTH-03); some LMSs send their administrators as teachers, too."""
    Visitor(lms).open("ines")
    role = Membership.objects.get().role
    assert (
        role
        == {
            "moodle": Role.INSTRUCTOR,
            "canvas": Role.NONE,
            "blackboard": Role.NONE,
            "d2l": Role.NONE,
            "sakai": Role.ADMINISTRATOR,
            "openedx": Role.ADMINISTRATOR,
        }[manner]
    )


@pytest.mark.parametrize("manner", ["canvas"], indirect=True)
def test_the_student_view_of_canvas_is_a_learner_who_does_not_count(lms):
    """OTH-04."""
    Visitor(lms).open("test")
    membership = Membership.objects.get()
    assert (membership.role, membership.is_test_user) == (Role.LEARNER, True)


@pytest.mark.parametrize("manner", ["blackboard"], indirect=True)
def test_variables_that_an_lms_did_not_fill_in_are_as_good_as_left_out(lms):
    """CORE-30: Blackboard sends the name of a variable that has no value."""
    page = Visitor(lms).open("lin")
    assert "$" not in text_of(page).replace("C$82,000", "").replace("US$88,980", "")


@pytest.mark.parametrize("manner", ["sakai"], indirect=True)
def test_a_claim_about_an_older_standard_joins_nobody_to_anybody(lms):
    """OTH-13: we have no accounts from LTI 1.1 that it could name; `sub` alone says who it is."""
    Visitor(lms).open("lin")
    older = {"user_id": lms.store.person("lin")["id"], "oauth_consumer_key": "key", "oauth_consumer_key_sign": "x"}
    Visitor(lms).open("kai", **{"https://purl.imsglobal.org/spec/lti/claim/lti1p1": older})
    assert PlatformUser.objects.count() == 2


@pytest.mark.parametrize("manner", ["openedx"], indirect=True)
def test_a_link_without_a_title_and_a_way_back_opens(lms):
    """OK-15, OK-16."""
    page = Visitor(lms).open("lin")
    assert ResourceLink.objects.get().title == ""
    assert "/courses/careers/return/" not in page.content.decode()


@pytest.mark.parametrize("manner", ["blackboard"], indirect=True)
def test_another_party_and_another_algorithm_are_accepted_only_where_registered(lms):
    """CORE-13, CORE-18: the same launch is refused by a registration as they usually are."""
    Visitor(lms).open("lin")
    Registration.objects.update(is_azp_strict=True)
    assert Visitor(lms).launch("lin").status_code == 401
    Registration.objects.update(is_azp_strict=False, signing_algorithms=["RS256"])
    assert Visitor(lms).launch("lin").status_code == 401


# --- Picking


def test_a_teacher_picks_the_byte_and_a_learner_opens_what_was_picked(lms, manner):
    """DL-10, DL-12, DL-14, DL-16: each LMS reads our answer in its own strict way; its link leads to the pick."""
    shown = Visitor(lms).pick(points="12", attempts_allowed="2")
    assert (shown.status_code, lms.journal.refusals) == (200, [])
    (key,) = [key for key in lms.store.all()["links"] if key.startswith("added")]
    assert lms.store.line_item(key)["score_maximum"] == 12
    lin = Visitor(lms)
    assert "IT Project Manager" in text_of(lin.open("lin", key))
    assert Placement.objects.get().attempts_allowed == 2
    lin.answer("samantha")
    assert delivered().state == "sent"
    assert lms.store.grade("lin", key)["score"] == 12


# --- Grades


def test_the_grade_arrives_and_can_be_read(lms, manner):
    graded(lms)
    score = delivered()
    assert (score.state, score.last_error) == ("sent", "")
    assert lms.store.grade("lin", "careers")["score"] == 10
    assert lms.journal.refusals == []
    assert read_results(score) == [Decimal(10)]


def test_nought_is_a_grade(lms, manner):
    """AGS-40: Moodle leaves it out of its results."""
    graded(lms, "peter")
    score = delivered()
    assert score.state == "sent"
    assert lms.store.grade("lin", "careers")["score"] == 0
    assert read_results(score) == [None if manner == "moodle" else Decimal(0)]


def read_results(score: Score) -> list[Decimal | None]:
    reach = services.Services.of_line_item(score.line_item, now=timezone.now())
    # Somebody else has a grade, too: Open edX answers with everybody.
    found = results.of_person(reach, score.line_item.url, user_id=score.user.sub)
    return [result.on_scale_of(Decimal(10)) for result in found]


def test_the_same_score_once_more_does_no_harm_and_is_no_failure(lms):
    """The answer to the first one was lost (AGS §4.4: 409, 400 with three wordings, or nothing said at all)."""
    lms.faults.add("scores", "reset-after", times=1)
    graded(lms)
    assert delivered().state == "due"
    score = delivered()
    assert score.state == "sent"
    grade = lms.store.grade("lin", "careers")
    assert (grade["score"], len(grade["history"])) == (10, 1)


MADE = dict.fromkeys(MANNERS, ("sent", 10)) | {"openedx": ("failed", None)}


def test_a_column_is_made_where_the_launch_names_none_and_the_lms_lets_us(lms, manner):
    """AGS-10, AGS-11, AGS-17, AGS-18: Blackboard does not bind it to the link, Open edX lets us only read."""
    lms.store.change_link("careers", line_item_claim="absent")
    lms.store.change_line_item("careers", is_deleted=True)
    graded(lms)
    score = delivered()
    found = lms.store.all()
    made = [item for item in found["line_items"].values() if not item["is_deleted"] and item["id"] > 31]
    grades = [grade["score"] for grade in found["grades"].values()]
    state, points = MADE[manner]
    assert (score.state, score.last_error) == (state, "" if points else "no_column")
    assert len(made) == (1 if points else 0)
    assert grades == ([made[0]["score_maximum"]] if points else [])


# --- Error rows (AGS §4.4)

GONE = {"status": 404}
ROWS = [
    # manner, what has happened in the LMS, state, code, and the status that said so
    ("moodle", "unenrolled", "failed", "not_accepted", 400),
    ("moodle", "locked", "due", "lms_error", 500),
    ("moodle", "changed there", "changed", "changed_in_lms", 200),
    ("moodle", "newer there", "due", "stale", 409),
    ("canvas", "unenrolled", "failed", "not_in_course", 422),
    ("canvas", "no attempts left", "failed", "attempts_exhausted", 422),
    ("canvas", "changed there", "changed", "changed_in_lms", 200),
    ("canvas", "newer there", "due", "stale", 400),
    ("canvas", "throttled", "due", "rate_limited", 403),
    ("blackboard", "unenrolled", "failed", "not_in_course", 400),
    ("blackboard", "unknown", "failed", "not_in_course", 400),
    ("d2l", "unenrolled", "failed", "not_in_course", 403),
    ("d2l", "unknown", "failed", "not_in_course", 404),
    ("sakai", "unenrolled", "failed", "not_in_course", 400),
    ("openedx", "changed there", "changed", "changed_in_lms", 200),
    ("openedx", "newer there", "due", "stale", 400),
    ("openedx", "unknown", "due", "lms_error", 500),
    *[(manner, "too many", "due", "rate_limited", 429) for manner in MANNERS],
    *[(manner, "away", "due", "unreachable", 503) for manner in MANNERS],
    *[(manner, "silent", "due", "unreachable", None) for manner in MANNERS],
    *[(manner, "forbidden", "failed", "forbidden", 403) for manner in MANNERS],
    *[(manner, "column deleted", "failed", "column_gone", 404) for manner in MANNERS],
    *[(manner, "tokens forgotten", "sent", "", 200) for manner in MANNERS],
    *[(manner, "no token", "due", "token_unavailable", 503) for manner in MANNERS],
]


@pytest.mark.parametrize(("manner", "trouble", "state", "code", "status"), ROWS, indirect=["manner"])
def test_what_an_lms_answers_is_understood(lms, manner, trouble, state, code, status):
    graded(lms)
    TROUBLE[trouble](lms)
    score = delivered()
    assert (score.state, score.last_error) == (state, code)
    if state != "sent":
        assert score.last_status == status
        assert (score.next_try_at is not None) == (state == "due")


def newer(lms: SandboxServer) -> None:
    """Something newer was told there, without a grade."""
    later = (timezone.now() + timedelta(hours=1)).isoformat()
    lms.store.change_grade("lin", "careers", timestamp=later)


def changed(lms: SandboxServer) -> None:
    """Somebody's newer grade stands there (AGS-31)."""
    newer(lms)
    lms.store.change_grade("lin", "careers", score=3)


def unknown(lms: SandboxServer) -> None:
    PlatformUser.objects.update(sub="nobody")


TROUBLE = {
    "unenrolled": lambda lms: lms.store.unenrol("lin", "careers"),
    "unknown": unknown,
    "locked": lambda lms: lms.store.change_grade("lin", "careers", is_locked=True),
    "newer there": newer,
    "changed there": changed,
    "no attempts left": lambda lms: (
        lms.store.change_line_item("careers", attempts_allowed=1),
        lms.store.change_grade("lin", "careers", submissions=1),
    ),
    "throttled": lambda lms: lms.faults.add("scores", "rate-limit"),
    "too many": lambda lms: lms.faults.add("scores", "too-many"),
    "away": lambda lms: lms.faults.add("scores", "status", status=503),
    "silent": lambda lms: lms.faults.add("scores", "reset"),
    "forbidden": lambda lms: lms.faults.add("scores", "status", status=403),
    "column deleted": lambda lms: lms.store.change_line_item("careers", is_deleted=True),
    "tokens forgotten": lambda lms: (delivery_token(lms), lms.forget_tokens()),
    "no token": lambda lms: lms.faults.add("token", "status", status=503),
}


def delivery_token(lms: SandboxServer) -> None:
    """We hold a token from before that the LMS has forgotten meanwhile (AGS-05)."""
    line_item = LineItem.objects.get()
    reach = services.Services.of_line_item(line_item, now=timezone.now())
    results.of_person(reach, line_item.url, user_id="anybody")
    assert AccessToken.objects.exclude(token_encrypted="").exists()


# --- Rosters and lists in pages


def test_the_roster_is_read_over_all_its_pages(lms, manner):
    """AGS-16, NRPS-02: curly quotes, an unquoted rel, a parameter before it, cursors in mixed case, page numbers."""
    Visitor(lms).open("ada")
    context = Context.objects.get()
    reach = services.Services.of_context(context, now=timezone.now())
    told = services.roster(reach, context.memberships_url, limit=3)
    people = lms.store.all()["people"].values()
    names = {person["id"]: person["name"] for person in people}
    assert [names[member.user_id] for member in told.members] == [
        *("Ada Okafor", "Tom Bergström", "Lin Tran", "Kai Jensen"),
        *("نور الحدّاد", "陈美玲", "Zoë O'Hara-Núñez", "Test Student"),
    ]
    assert len(lms.journal.entries("roster")) == 3
    assert lms.journal.refusals == []


def test_a_column_is_found_on_a_later_page(lms, manner):
    """AGS-10, AGS-16: the list comes in pages, and the filters of the question go along."""
    lms.store.change_link("careers", line_item_claim="absent")
    for number in range(40, 52):
        lms.store.change(
            "line_items", str(number), id=number, course="careers", label=f"Other {number}", score_maximum=1
        )
    lin = Visitor(lms)
    lin.open("lin")
    reach = services.Services.of_line_item(LineItem.objects.get(), now=timezone.now())
    url = services.with_query(ResourceLink.objects.get().lineitems_url, limit="5")
    wants = [scope for scope in reach.offered if "lineitem" in scope]
    rows = [row for page in reach.read_all(url, wants=wants, accept=services.LINE_ITEMS_TYPE) for row in page.rows()]
    assert [row["label"] for row in rows][2:] == [f"Other {number}" for number in range(40, 52)]
