"""Against code that is not ours: Open edX's own LMS side (lti-consumer-xblock), in a process of its own."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.contract.openedx import OpenEdx
from tests.live import LiveTool, running_tool, wait_for
from tests.visitor import Page, Visitor

RIGHT, WRONG = "samantha", "peter"


@pytest.fixture(scope="module")
def pair() -> Iterator[tuple[LiveTool, OpenEdx]]:
    with running_tool() as tool, OpenEdx(tool.url) as lms:
        told = lms.told
        tool.manage(
            "register_platform", "--name", "Open edX", "--issuer", told["issuer"], "--client-id", told["client_id"],
            "--auth-url", told["auth_url"], "--token-url", told["token_url"], "--jwks-url", told["jwks_url"],
            "--deployment-id", told["deployment_id"], "--product", "openedx",
        )  # fmt: skip
        tool.start_worker()
        yield tool, lms


@pytest.fixture
def tool(pair: tuple[LiveTool, OpenEdx]) -> LiveTool:
    return pair[0]


@pytest.fixture
def lms(pair: tuple[LiveTool, OpenEdx]) -> OpenEdx:
    """Each test has a block of its own; tool and people are the same for all."""
    return pair[1]


def open_byte(lms: OpenEdx, visitor: Visitor, person: str, block: str, query: str = "") -> Page:
    return visitor.read(lms.launch(visitor, person, block, query).post())


def answer(visitor: Visitor, page: Page, choice: str) -> Page:
    return visitor.submit(page.form("/answer/"), choice=choice)


def ask(tool: LiveTool, source: str) -> Any:
    """What a few lines in the tool print as JSON; `now` and all models are there."""
    start = (
        "import json; from django.utils import timezone; from lti.models import *; from lti import services, tasks; "
        "from lti.grades import results;"
    )
    return json.loads(tool.python(f"{start} now = timezone.now(); {source}"))


def test_people_of_open_edx_open_the_byte_in_their_roles(tool: LiveTool, lms: OpenEdx):
    """Its instructors are Administrator and Instructor, its community assistants Learner with a sub-role (OTH-02)."""
    pages = {person: open_byte(lms, Visitor(), person, "opened") for person in ("ada", "tom", "lin")}
    assert [page.status for page in pages.values()] == [200, 200, 200]
    assert "You are Lin Tran, in Careers 101 - School" in pages["lin"].text
    roles = ask(tool, "print(json.dumps(dict(Membership.objects.values_list('user__name', 'role'))))")
    assert {name: roles[name] for name in ("Ada Okafor", "Tom Bergström", "Lin Tran")} == {
        "Ada Okafor": "administrator", "Tom Bergström": "teaching_assistant", "Lin Tran": "learner",
    }  # fmt: skip


def test_a_launch_without_name_and_mail_opens_too(lms: OpenEdx):
    """Open edX tells names only where its course allows it (OK-08)."""
    page = open_byte(lms, Visitor(), "kai", "opened", "anonymous=1")
    assert page.status == 200
    assert "IT Project Manager" in page.text


def test_the_grade_arrives_in_the_gradebook_and_can_be_read_again(tool: LiveTool, lms: OpenEdx):
    """AGS-20 to AGS-22, AGS-40: posted to the column of the launch, weighed and published by their code."""
    lin = Visitor()
    page = open_byte(lms, lin, "lin", "graded")
    answer(lin, page, WRONG)
    assert wait_for(lambda: lms.inside("graded")["grades"].get("lin"), "Lin's first grade")["score"] == 0
    answer(lin, lin.open(f"{page.url}?again=1"), RIGHT)
    assert wait_for(lambda: lms.inside("graded")["grades"]["lin"]["score"] == 10, "Lin's better grade")
    read = ask(
        tool,
        "score = Score.objects.get(line_item__resource_link__resource_link_id__endswith='@graded'); "
        "reach = services.Services.of_line_item(score.line_item, now=now); "
        "found = results.of_person(reach, score.line_item.url, user_id=score.user.sub); "
        "print(json.dumps([[r.user_id, float(r.score), float(r.maximum)] for r in found]))",
    )
    assert read == [[lms.inside("graded")["people"]["lin"], 1.0, 1.0]]


def test_a_score_it_already_has_is_no_failure(tool: LiveTool, lms: OpenEdx):
    """The answer got lost and we send again: Open edX says 400, "Score already exists" (AGS §4.4)."""
    lin = Visitor()
    answer(lin, open_byte(lms, lin, "lin", "again"), RIGHT)
    wait_for(lambda: lms.inside("again")["grades"].get("lin"), "the first delivery")
    mine = "Score.objects.filter(line_item__resource_link__resource_link_id__endswith='@again')"
    waiting = f"import time; end = time.monotonic() + 20; kept = lambda: {mine}.get(); "
    until_sent = "[time.sleep(0.05) for _ in iter(lambda: kept().state == 'sent' or time.monotonic() > end, True)]; "
    state = ask(
        tool,
        f"{waiting}{until_sent}{mine}.update(state='due', next_try_at=now, tries=0); "
        f"tasks.deliver.enqueue(kept().pk); {until_sent}print(json.dumps([kept().state, kept().last_status]))",
    )
    assert state == ["sent", 400]
    assert len(lms.inside("again")["scores"]) == 1


def test_a_column_is_made_where_the_launch_names_none_and_found_again(tool: LiveTool, lms: OpenEdx):
    """AGS-10, AGS-11, AGS-18: their "programmatic" mode offers a list without a column, and takes whole maxima."""
    lin, kai = Visitor(), Visitor()
    answer(lin, open_byte(lms, lin, "lin", "made"), RIGHT)
    wait_for(lambda: lms.inside("made")["grades"].get("lin"), "Lin's grade")
    ask(tool, "print(LineItem.objects.filter(resource_link__resource_link_id__endswith='@made').update(url=None))")
    answer(kai, open_byte(lms, kai, "kai", "made"), WRONG)
    found = wait_for(lambda: lms.inside("made")["grades"].get("kai") and lms.inside("made"), "Kai's grade")
    assert {name: grade["score"] for name, grade in found["grades"].items()} == {"lin": 10, "kai": 0}
    assert [column["score_maximum"] for column in found["columns"]] == [1]


def test_the_roster_of_the_course_is_read_page_by_page(tool: LiveTool, lms: OpenEdx):
    """NRPS-01, NRPS-02, NRPS-04: their limit and page with a Link header."""
    open_byte(lms, Visitor(), "ada", "opened")
    told = ask(
        tool,
        "context = Context.objects.get(); reach = services.Services.of_context(context, now=now); "
        "found = services.roster(reach, context.memberships_url + '?limit=3'); "
        "print(json.dumps([[m.name, m.user_id, len(m.roles)] for m in found.members]))",
    )
    people = lms.inside("opened")["people"]
    assert told == [
        ["Ada Okafor", people["ada"], 2],
        ["Lin Tran", people["lin"], 1],
        ["Kai Jensen", people["kai"], 1],
        ["Tom Bergström", people["tom"], 2],
    ]


def test_a_teacher_picks_the_byte_and_a_learner_opens_what_was_picked(lms: OpenEdx):
    """DL-05, DL-10 to DL-14: their code checks our answer against our key set, keeps the item, launches it."""
    ada, lin = Visitor(), Visitor()
    details = open_byte(lms, ada, "ada", "picked", "pick=1")
    assert "/pick/details/" in details.url
    answered = ada.submit(details.form("/pick/details/"), points="7")
    saved = ada.submit(answered.form("/lti-dl/response"))
    assert (saved.status, "saved" in saved.text.lower()) == (200, True)
    (item,) = lms.inside("picked")["contents"]
    assert (item["type"], item["title"]) == ("ltiResourceLink", "IT Project Manager")
    assert item["lineItem"]["scoreMaximum"] == 7
    page = open_byte(lms, lin, "lin", "picked")
    assert "You are Lin Tran" in page.text
    answer(lin, page, RIGHT)
    assert wait_for(lambda: lms.inside("picked")["grades"].get("lin"), "Lin's grade")["score"] == 10


def test_a_learner_gets_no_way_to_pick(lms: OpenEdx):
    """SEC-13; their own code does not even begin."""
    with pytest.raises(AssertionError, match="permission|Permission|403|staff"):
        lms.launch(Visitor(), "lin", "picked", "pick=1")


def test_new_keys_on_both_sides_lose_no_launch_and_no_grade(tool: LiveTool, lms: OpenEdx):
    """T9: theirs is found at the next launch (OK-21), ours when their code checks our next token (OTH-15)."""
    before, after = Visitor(), Visitor()
    page = open_byte(lms, before, "lin", "rotated")
    assert requests.get(f"{lms.url}/rotate/", timeout=30).status_code == 200
    tool.manage("rotate_key", "--now")
    ask(tool, "print(AccessToken.objects.update(token_encrypted='', expires_at=None))")
    opened = open_byte(lms, after, "kai", "rotated")
    assert opened.status == 200
    answer(before, page, RIGHT)
    answer(after, opened, WRONG)
    both = wait_for(lambda: len(found := lms.inside("rotated")["grades"]) == 2 and found, "the grades of Lin and Kai")
    assert {name: grade["score"] for name, grade in both.items()} == {"lin": 10, "kai": 0}
