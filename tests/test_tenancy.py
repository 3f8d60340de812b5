"""Every address of the site, tried by people it is not for: nobody gets what is somebody else's (T8).

CORE-40, CORE-41, SEC-04, SEC-05, SEC-13, SEC-14.

A new address makes `test_every_address_says_who_it_is_for` fail until it stands in AUDIENCES.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from itpm_byte.insight.models import SavedView
from itpm_byte.learning import attempts, placements
from itpm_byte.learning.feedback import give
from itpm_byte.learning.models import Attempt, Placement, Progress
from lti.models import Context, Deployment, Membership, PlatformUser, ResourceLink, Role, Score
from tests.api.programs import program
from tests.cast import Cast, cast, someone
from tests.player.seats import Seat, published, sit

pytestmark = pytest.mark.django_db

# Who may come to an address. `session`: whoever launched it, in this browser. `authors`: of these, who teach or design.
# `teachers`: of these, who teaches, designs or assists.
PUBLIC, SESSION, AUTHORS, TEACHERS = "public", "session", "authors", "teachers"
# `programs`: who shows a token of the institution.
STAFF, ADMIN, PROGRAMS = "staff", "admin", "programs"
# `office`: every staff account, which sees its institutions there and nothing else.
OFFICE = "office"

LAUNCH = "l/<uuid:launch_id>/"
AUDIENCES = {
    "": PUBLIC,
    "lti/login/": PUBLIC,
    "lti/login/<uuid:registration_uuid>/": PUBLIC,
    "lti/launch/": PUBLIC,
    "lti/confirm/": PUBLIC,
    "lti/cookie/": PUBLIC,
    "lti/cookie/<uuid:launch_id>/": PUBLIC,
    "lti/notices/": PUBLIC,
    "lti/canvas.json": PUBLIC,
    "lti/register/<str:token>/": PUBLIC,
    ".well-known/jwks.json": PUBLIC,
    "livez": PUBLIC,
    "readyz": PUBLIC,
    "metrics": PUBLIC,
    # Whoever was given its code sees a receipt.
    "r/": PUBLIC,
    "r/<str:code>/": PUBLIC,
    r"^p/(?P<digest>[0-9a-f]{64})\.(?P<extension>svg|png|jpg|webp)$": PUBLIC,
    "lti/session/<uuid:launch_id>/": SESSION,
    "api/v1/launches/<uuid:launch_id>/progress/": SESSION,
    "api/v1/openapi.json": PUBLIC,
    "api/v1/docs/": PUBLIC,
    "api/^(?:.*)$": PUBLIC,
    **dict.fromkeys(
        (
            "api/v1/" + address
            for address in (
                "institutions/",
                "institutions/<int:key>/",
                "bytes/",
                "bytes/<int:key>/",
                "placements/",
                "placements/<uuid:key>/",
                "learners/",
                "learners/<int:key>/",
                "progress/",
                "progress/<int:key>/",
                "completions/",
                "attempts/",
                "attempts/<uuid:key>/",
                "responses/",
                "responses/<uuid:key>/",
                "grades/",
                "grades/<int:key>/",
                "grades/<int:key>/resend/",
                "feedback/",
                "feedback/<uuid:key>/",
                "rosters/",
            )
        ),
        PROGRAMS,
    ),
    **dict.fromkeys(("staff/api/", "staff/api/make/", "staff/api/<int:token_key>/revoke/"), STAFF),
    **dict.fromkeys(
        (
            LAUNCH + page
            for page in (
                "",
                "seen/",
                "answer/",
                "feedback/",
                "unclear/",
                "support/",
                "grade/",
                "resend/",
                "receipt/",
                "attempts/<int:learner_id>/",
            )
        ),
        SESSION,
    ),
    **dict.fromkeys(
        (
            LAUNCH + page
            for page in (
                "pick/",
                "pick/details/",
                "pick/nothing/",
                "pick/sent/",
                "choose/",
                "settings/",
                "settings/marking/",
                "settings/byte/",
                "copied/",
                "bytes/<slug:slug>/<str:language>/",
            )
        ),
        AUTHORS,
    ),
    f"{LAUNCH}room/arrange/": AUTHORS,
    f"{LAUNCH}room/learners/<int:learner_id>/": TEACHERS,
    f"{LAUNCH}room/learners/<int:learner_id>/arrange/": AUTHORS,
    f"{LAUNCH}room/learners/<int:learner_id>/resend/": AUTHORS,
    **dict.fromkeys(
        (
            f"{LAUNCH}room/{page}"
            for page in (
                "",
                "refresh/",
                "grades/",
                "grades/resend/",
                "grades/compare/",
                "questions/",
                "feedback/",
                "feedback/settle/",
                "files/<slug:table>.<slug:kind>",
            )
        ),
        TEACHERS,
    ),
    **dict.fromkeys((f"{LAUNCH}room/grades/{page}" for page in ("overwrite/", "rule/", "changes.csv")), AUTHORS),
    **dict.fromkeys(("staff/login/", "staff/login/code/", "staff/logout/", "staff/security/"), PUBLIC),
    "staff/reports/unsubscribe/<str:token>/": PUBLIC,
    **dict.fromkeys(
        (
            "staff/",
            "staff/password/",
            "staff/security/codes/",
            "staff/security/off/",
            "staff/reports/completion/",
            "staff/reports/completion/learners/",
            "staff/reports/completion/rows.csv",
            "staff/reports/completion/rows.xlsx",
            "staff/reports/completion/<int:placement>/<int:learner>/",
            "staff/reports/views/",
            "staff/reports/views/<uuid:uuid>/",
            "staff/reports/views/<uuid:uuid>/settings/",
            "staff/reports/views/<uuid:uuid>/subscribe/",
            "staff/reports/views/<uuid:uuid>/delete/",
        ),
        OFFICE,
    ),
    **dict.fromkeys(("staff/audit/", "staff/audit/rows.csv"), STAFF),
    **dict.fromkeys(("staff/inbox/", "staff/inbox/<int:request_id>/"), STAFF),
    **dict.fromkeys(
        (
            "staff/privacy/" + page
            for page in (
                "",
                "people/<int:person_id>/",
                "people/<int:person_id>/everything/",
                "people/<int:person_id>/erase/",
                "retention/",
                "retention/<int:institution_id>/",
            )
        ),
        STAFF,
    ),
    **dict.fromkeys(
        (
            "staff/lms/" + page
            for page in (
                "",
                "keys/",
                "link/",
                "link/<int:link>/withdraw/",
                "by-hand/",
                "by-hand/<uuid:registration_uuid>/",
                "<uuid:registration_uuid>/",
                "<uuid:registration_uuid>/doctor/",
                "<uuid:registration_uuid>/decide/",
                "<uuid:registration_uuid>/policy/",
                "<uuid:registration_uuid>/deployments/",
                "<uuid:registration_uuid>/deployments/<int:deployment>/",
            )
        ),
        STAFF,
    ),
}


def addresses() -> Iterator[str]:
    def walk(patterns: list[Any], before: str = "") -> Iterator[str]:
        for pattern in patterns:
            route = before + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, route)
            elif isinstance(pattern, URLPattern):
                yield route

    yield from walk(get_resolver().url_patterns)


def audience_of(route: str) -> str | None:
    return ADMIN if route.startswith("admin/") else AUDIENCES.get(route)


def test_every_address_says_who_it_is_for():
    unknown = [route for route in addresses() if audience_of(route) is None]
    assert unknown == [], "Say in AUDIENCES who these are for, and see that the tests below still pass."
    gone = set(AUDIENCES) - set(addresses())
    assert gone == set()


def of(*audiences: str) -> list[str]:
    return sorted({route for route in addresses() if audience_of(route) in audiences})


# --- The world: one institution whose data nobody else may see, and those who try

MARKS = ("of Amber", "@amber.example", "LMS Amber")


@dataclass
class World:
    """`here` is whose data it is about: all its texts hold one of MARKS."""

    here: Cast
    lin: Seat
    ada: Seat
    strangers: dict[str, Seat]
    deployment: Deployment
    view: SavedView

    def address(self, route: str, seat: Seat) -> str:
        """The route in that seat's launch, with the ids of what belongs here."""
        values = {
            "launch_id": seat.launch.pk,
            "learner_id": self.here.lin.pk,
            "person_id": self.here.lin.pk,
            "request_id": 1,
            "institution_id": self.here.institution.pk,
            "registration_uuid": self.here.registration.uuid,
            "deployment": self.deployment.pk,
            "placement": self.lin.launch.resource_link.placement.pk,
            "learner": self.here.lin.pk,
            "uuid": self.view.uuid,
            "link": 1,
            "token": "x" * 43,
            "code": "0000-0000-0000-0000-0000",
            "slug": "it-project-manager",
            "table": "roster",
            "kind": "csv",
            "language": "en",
            "key": self.key_of(route),
            "token_key": 1,
        }
        plain = route.replace(r"^p/(?P<digest>[0-9a-f]{64})\.(?P<extension>svg|png|jpg|webp)$", f"p/{'0' * 64}.svg")
        return "/" + re.sub(r"<\w+:(\w+)>", lambda found: str(values[found[1]]), plain)

    def key_of(self, route: str) -> Any:
        """What a program asks for by its key: something of Lin's."""
        if not route.startswith("api/v1/"):
            return None
        placement, lin = Placement.objects.get(resource_link=self.here.link), self.here.lin
        keys = {
            "institutions": self.here.institution.pk,
            "bytes": placement.byte_id,
            "placements": placement.uuid,
            "feedback": placement.uuid,
            "learners": lin.pk,
            "progress": Progress.objects.get(learner=lin).pk,
            "attempts": Attempt.objects.get(learner=lin, number=1).uuid,
            "responses": Attempt.objects.get(learner=lin, number=1).uuid,
            "grades": Score.objects.get(user=lin).pk,
        }
        return keys.get(route.split("/")[2])

    def rows(self) -> dict[str, list[Any]]:
        """Everything that could be changed by mistake; launches are touched by being used, refused notices counted."""
        models = [
            model for label in ("lti", "learning", "content") for model in apps.get_app_config(label).get_models()
        ]
        return {
            model.__name__: list(model._default_manager.order_by("pk").values())
            for model in models
            if model.__name__ not in {"Launch", "Login", "Examination", "NoticeMiss"}
        }


@pytest.fixture
def world() -> World:
    published()
    here, elsewhere = cast("amber"), cast("birch")
    for people, word in ((here, "Amber"), (elsewhere, "Birch")):
        _furnish(people, word)
    # The same LMS, another institution behind another deployment (CORE-41).
    second = Deployment.objects.create(
        registration=here.registration, institution=elsewhere.institution, deployment_id="2"
    )
    context = Context.objects.create(deployment=second, context_id="careers", title="Second")
    link = ResourceLink.objects.create(deployment=second, context=context, resource_link_id="link in careers")
    bea = PlatformUser.objects.create(registration=here.registration, sub="bea", name="Bea")
    Membership.objects.create(context=context, user=bea, role=Role.INSTRUCTOR)
    _begin(link)
    strangers = {
        "a learner of another course": sit(here.max, here.max_link),
        "a teacher of another deployment": sit(bea, link),
        "a teacher at another LMS": sit(elsewhere.ada, elsewhere.link),
        "a learner at another LMS": sit(elsewhere.lin, elsewhere.link),
    }
    view = SavedView.objects.create(
        owner=here.sue, name="View of Amber", institution=here.institution, created_at=timezone.now()
    )
    return World(here, sit(here.lin, here.link), sit(here.ada, here.link), strangers, here.deployment, view)


def _furnish(people: Cast, word: str) -> None:
    """Names, an attempt, a rating: all with this word in them."""
    for person in (people.lin, people.ada):
        person.name, person.email = f"{person.name} of {word}", f"{person.name.lower()}@{word.lower()}.example"
        person.save()
    people.context.title = f"Course of {word}"
    people.context.save()
    people.registration.name = f"LMS {word}"
    people.registration.save()
    now = timezone.now()
    placement = _begin(people.link)
    _begin(people.max_link)
    attempts.answer(placement, people.lin, attempt_number=1, question_key="quiz", choice_keys=["peter"], now=now)
    give(placement, people.lin, placement.byte, rating=2, comment=f"Opinion of {word}", now=now)


def _begin(link: ResourceLink) -> Placement:
    return placements.for_link(link, byte_slug="it-project-manager", language="en", now=timezone.now())


def tried(client: Client, url: str, **headers: str) -> list[HttpResponse]:
    """Reading, and writing with the fields that forms of this site send."""
    said = {
        "question": "quiz", "attempt": "2", "version": "1", "choice": "samantha", "rating": "5", "comment": "not mine",
        "message": "not mine", "byte": "it-project-manager", "decision": "disable", "policy": "auto", "seen": "1",
        "deployment_id": "new", "answer": "afresh", "attempts_allowed": "1", "points": "3", "name": "x",
        "deed": "attempts", "extra": "1",
        "what": "failed", "rule": "keep",
    }  # fmt: skip
    return [client.get(url, headers=headers), client.post(url, said, headers=headers)]


def text_in(answer: HttpResponse) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return body.decode(errors="replace") + str(dict(answer.items()))


class Wrong(list[str]):
    """What went wrong at which address, all of it, so that a failure tells more than the first."""

    def look(self, route: str, who: str, answers: list[HttpResponse], *, statuses: set[int]) -> None:
        """Nothing of theirs in any answer, and no other status than these."""
        for answer in answers:
            if marks := [mark for mark in MARKS if mark in text_in(answer)]:
                self.append(f"{who} at {route} reads {marks}")
            if answer.status_code not in statuses:
                self.append(f"{who} at {route}: {answer.status_code}")


# --- Pages of a launch


def test_a_launch_is_closed_to_everybody_but_the_browser_it_belongs_to(world: World):
    """By cookie and by bearer token; also to the teacher of the course and to people at the same LMS."""
    before, wrong = world.rows(), Wrong()
    for route in of(SESSION, AUTHORS, TEACHERS):
        url = world.address(route, world.lin)
        wrong.look(route, "nobody", tried(Client(), url), statuses={401, 405})
        for who, seat in {**world.strangers, "the teacher": world.ada}.items():
            wrong.look(route, who, tried(seat.client, url), statuses={401, 405})
            bearer = tried(Client(), url, Authorization=f"Bearer {seat.sealed}")
            wrong.look(route, f"{who} by token", bearer, statuses={401, 405})
    assert wrong == []
    assert world.rows() == before


def test_a_launch_of_ones_own_shows_nothing_of_other_courses_and_tenants(world: World):
    """With the ids of people and things that belong to others in the address, wherever it takes ids."""
    before, wrong = theirs(world), Wrong()
    for route in of(SESSION, AUTHORS, TEACHERS):
        allowed = {403, 404, 405} if "learner_id" in route else {200, 204, 303, 403, 404, 405, 409, 422}
        for who, seat in world.strangers.items():
            wrong.look(route, who, tried(seat.client, world.address(route, seat)), statuses=allowed)
    assert wrong == []
    assert theirs(world) == before


def theirs(world: World) -> list[Any]:
    """What belongs to Lin and Ada, and to their course."""
    rows, people = world.rows(), {world.here.lin.pk, world.here.ada.pk}
    mine = [row for kept in rows.values() for row in kept if people & {row.get("learner_id"), row.get("user_id")}]
    placement = [row for row in rows["Placement"] if row["resource_link_id"] == world.here.link.pk]
    return [mine, placement, [row for row in rows["PlatformUser"] if row["id"] in people]]


def test_learners_do_not_come_into_the_teachers_pages_of_their_own_course(world: World):
    """SEC-14; for the picker SEC-13."""
    before, wrong = world.rows(), []
    for route in of(AUTHORS, TEACHERS):
        codes = {answer.status_code for answer in tried(world.lin.client, world.address(route, world.lin))}
        wrong += [route] if not codes <= {403, 405} else []
    assert wrong == []
    assert world.rows() == before


def test_learners_do_not_see_each_other_and_teachers_see_their_own(world: World):
    route = f"{LAUNCH}attempts/<int:learner_id>/"
    kai = sit(someone(world.here, "Kai"), world.here.link)
    assert kai.client.get(world.address(route, kai)).status_code == 404
    page = world.ada.client.get(world.address(route, world.ada))
    assert page.status_code == 200
    assert "Lin of Amber" in page.content.decode()


def test_those_it_is_for_are_let_in(world: World):
    """Else the tests above would prove nothing."""
    shut = []
    for audience, seat in ((SESSION, world.lin), (AUTHORS, world.ada), (TEACHERS, world.ada)):
        for route in of(audience):
            codes = {answer.status_code for answer in tried(seat.client, world.address(route, seat))}
            # Ada's launch asks for no activities, no grade was changed in the LMS, and no request is named.
            has_nothing = any(part in route for part in ("/pick/", "/overwrite/", "/settle/"))
            asked_for = {404} if has_nothing else {200, 204, 303, 422}
            shut += [] if codes & asked_for else [f"{route}: {codes}"]
    assert shut == []


# --- Pages of staff

# The log-in itself, and pages of the admin site that hold nobody's data.
LOG_INS = ("/admin/login/?", "/staff/login/?")
OPEN_IN_ADMIN = {"admin/login/", "admin/jsi18n/", "admin/logout/"}
FOR_ALL_STAFF = {"admin/", "admin/password_change/", "admin/password_change/done/"}


def staff_pages(world: World) -> Iterator[tuple[str, str]]:
    """Routes with an address each; in the admin site the first row of each table."""
    for route in of(STAFF, OFFICE, ADMIN):
        if route in OPEN_IN_ADMIN:
            continue
        if not route.startswith("admin/"):
            yield route, world.address(route, world.lin)
            continue
        plain = re.sub(r"\^?\(\?P<app_label>([a-z]+)[^)]*\)/?\$?", r"\1/", route)
        plain = re.sub(r"\(\?P<url>[^)]*\)\$?", "anything/", plain)
        yield route, "/" + re.sub(r"<(?:\w+:)?\w+>", "1", plain)


def test_pages_of_staff_are_closed_to_launches_strangers_and_accounts_that_are_no_staff(world: World):
    """They are sent to the log-in, or told that there is nothing; nothing is changed."""
    before, wrong, member = world.rows(), Wrong(), Client()
    member.force_login(User.objects.create_user("member"))
    for route, url in staff_pages(world):
        launched = {"a teacher": world.ada.client, "a learner": world.lin.client}
        for who, client in {"nobody": Client(), "a member": member, **launched}.items():
            answers = tried(client, url)
            wrong.look(route, who, answers, statuses={302, 403, 404, 405})
            to = [answer["Location"] for answer in answers if answer.status_code == 302]
            wrong += [f"{who} at {route} is sent to {place}" for place in to if not place.startswith(LOG_INS)]
    assert wrong == []
    assert world.rows() == before


def test_staff_without_rights_see_and_change_nothing(world: World):
    before, wrong, clerk = world.rows(), Wrong(), Client()
    clerk.force_login(User.objects.create_user("clerk", is_staff=True))
    for route, url in staff_pages(world):
        is_for_all = route in FOR_ALL_STAFF or audience_of(route) == OFFICE
        allowed = {200, 302, 404, 405} if is_for_all else {302, 403, 404, 405}
        wrong.look(route, "a clerk", tried(clerk, url), statuses=allowed)
    assert wrong == []
    after = world.rows()
    # What the clerk may do is to keep views of their own.
    after["StaffAction"] = [row for row in after["StaffAction"] if row["account_id"] is None]
    assert after == before


def status_of(answer: HttpResponse) -> int:
    """A file is read to its end, which closes it."""
    text_in(answer)
    return answer.status_code


def test_staff_with_rights_are_let_in(world: World):
    """Else the tests above would prove nothing."""
    sue = Client()
    sue.force_login(world.here.sue)
    codes = {route: status_of(sue.get(url)) for route, url in staff_pages(world) if "link>/" not in route}
    shut = {route: code for route, code in codes.items() if route.startswith("staff/") and code not in {200, 302, 405}}
    assert shut == {}
    assert "LMS Amber" in sue.get("/staff/lms/").content.decode()


# --- Programs


def asked_for(world: World, route: str) -> str:
    placement = Placement.objects.get(resource_link=world.here.link)
    return world.address(route, world.lin) + (f"?placement={placement.uuid}" if "rosters" in route else "")


def test_programs_see_and_change_nothing_of_another_institution(world: World):
    """By every address, with ids that belong here, and a token with all scopes. Bytes belong to all."""
    stranger = program(world.strangers["a teacher at another LMS"].launch.deployment.institution)
    before, wrong = world.rows(), Wrong()
    for route in of(PROGRAMS):
        is_found = "key>" not in route and "rosters" not in route
        allowed = {200, 405} if is_found or "bytes" in route else {404, 405, 415}
        wrong.look(route, "another institution's program", tried(stranger, asked_for(world, route)), statuses=allowed)
        body = {"overwrites": True}
        posted = stranger.post(
            world.address(route, world.lin), body, content_type="application/json", headers={"Idempotency-Key": "k"}
        )
        wrong.look(route, "another institution's program, in its words", [posted], statuses={404, 405})
    assert wrong == []
    assert world.rows() == before


def test_the_api_is_closed_to_everybody_without_a_token(world: World):
    """Launches, by cookie and by bearer, and staff are no programs."""
    before, wrong, sue = world.rows(), Wrong(), Client()
    sue.force_login(world.here.sue)
    for route in of(PROGRAMS):
        url = asked_for(world, route)
        for who, client in {"nobody": Client(), "Lin": world.lin.client, "Ada": world.ada.client, "Sue": sue}.items():
            wrong.look(route, who, tried(client, url), statuses={401})
        wrong.look(
            route, "Ada by token", tried(Client(), url, Authorization=f"Bearer {world.ada.sealed}"), statuses={401}
        )
    assert wrong == []
    assert world.rows() == before


def test_programs_of_the_institution_are_let_in(world: World):
    """Else the tests above would prove nothing."""
    own = program(world.here.institution)
    codes = {route: own.get(asked_for(world, route)).status_code for route in of(PROGRAMS)}
    assert {route: code for route, code in codes.items() if code != 200} == {"api/v1/grades/<int:key>/resend/": 405}


# --- Open to all


def test_what_is_open_to_all_holds_nobodys_data(world: World):
    before, wrong = world.rows(), Wrong()
    for route in of(PUBLIC):
        for who, client in {"nobody": Client(), **{w: seat.client for w, seat in world.strangers.items()}}.items():
            answers = tried(client, world.address(route, world.lin))
            wrong.look(route, who, answers, statuses={200, 302, 303, 400, 401, 403, 404, 405})
    assert wrong == []
    assert world.rows() == before
