"""A whole day at the service, well and badly, with everything logged that can be: nothing secret, nothing of anybody.

What was secret or personal is collected on the way: from forms, cookies, addresses and the database. Then the log of
all processes, the pages about failures, the pages of staff and the files are searched for it.
"""

import contextlib
import json
import re
from base64 import b32decode
from dataclasses import dataclass, field

import pytest
from django_otp.oath import totp

from itpm_byte.sandbox.seed import CAST
from itpm_byte.sandbox.server import SandboxServer
from tests import shapes
from tests.journeys.test_roster import is_synced
from tests.journeys.test_teacher_picks import select_content, send_back
from tests.journeys.ways import open_byte
from tests.live import LiveTool, running_tool, wait_for
from tests.visitor import Page, Visitor

PASSWORD = "a long word for Sue that nobody guesses"
COMMENT = "Marmalade is what I think of it"
# What nobody should see, whatever it was made for.
SHAPES = {
    "a signed token": shapes.has_signed,
    "something sealed": shapes.SEALED.search,
    "a private key": shapes.PRIVATE_KEY.search,
}
FROM_THE_DATABASE = """
import json
from django.contrib.sessions.models import Session
from django.conf import settings
from lti import secrets
from lti.models import *
from itpm_byte.reports.models import PhoneApp
print(json.dumps({
    "access token": [secrets.decrypt(row.token_encrypted) for row in AccessToken.objects.exclude(token_encrypted="")],
    "private key": [secrets.decrypt(row.private_key_encrypted).split()[8] for row in ToolKey.objects.all()],
    "encrypted key": [row.private_key_encrypted[:60] for row in ToolKey.objects.all()],
    "phone app": [value for row in PhoneApp.objects.all() for value in (row.key, row.bin_key.hex())],
    "staff session": list(Session.objects.values_list("session_key", flat=True)),
    "sub": list(PlatformUser.objects.values_list("sub", flat=True)),
    "settings": [settings.SECRET_KEY, *settings.FIELD_ENCRYPTION_KEYS],
}))
"""


@dataclass
class Day:
    """`secrets` open something, `personal` tells of somebody; `pages` are what was shown, by what it was."""

    secrets: dict[str, str] = field(default_factory=dict)
    personal: dict[str, str] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)
    submit: str = ""
    log: str = ""

    def keep_cookies(self, visitor: Visitor, whose: str) -> None:
        for cookie in visitor.session.cookies:
            if cookie.value and len(cookie.value) > 8:
                self.secrets[f"{whose}'s cookie {cookie.name}"] = cookie.value


def leaks(text: str, wanted: dict[str, str]) -> set[str]:
    seen = {name for name, shape in SHAPES.items() if shape(text)}
    return seen | {
        name for name, value in wanted.items() if re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text, re.IGNORECASE)
    }


@pytest.fixture(scope="module")
def day(tmp_path_factory) -> Day:
    day, file = Day(), tmp_path_factory.mktemp("log") / "all.log"
    with (
        file.open("wb") as output,
        running_tool(output=output, LOG_LEVEL="DEBUG", METRICS_TOKEN="m" * 40, METRICS_DIR=str(file.parent)) as tool,
        SandboxServer(tool.url, manner="canvas") as lms,
    ):
        day.secrets["metrics token"] = "m" * 40
        for key, _number, name, given, family, _about in CAST:
            day.personal |= {f"{key}'s name": name, f"{key}'s e-mail": f"{key}@school.example"}
            day.personal |= {f"{key}'s family name": family} if family.isalpha() and len(family) > 3 else {}
            day.personal |= {f"{key}'s given name": given} if len(given) > 3 and key != "test" else {}
        day.personal["comment"] = COMMENT
        tool.connect(lms)
        tool.start_worker()
        learner_and_teacher(day, tool, lms)
        staff(day, tool)
        programs(day, tool)
        mishaps(day, tool, lms)
        for name, values in json.loads(tool.python(FROM_THE_DATABASE)).items():
            assert values, f"No {name} was kept: then nothing is searched for."
            target = day.personal if name == "sub" else day.secrets
            target |= {f"{name} {number}": value for number, value in enumerate(values)}
        tool.stop()
    day.log = file.read_text()
    return day


def learner_and_teacher(day: Day, tool: LiveTool, lms: SandboxServer) -> None:
    lin, ada, kai = Visitor(), Visitor(), Visitor()
    form = lms.launch(lin.session, "lin", "careers")
    day.secrets |= {"state": form.fields["state"], "id_token": form.fields["id_token"]}
    page = lin.read(form.post())
    answering = page.form("/answer/")
    fields = {**answering.fields, "choice": ["samantha"]}
    answer = lin.session.post(answering.action, data=fields, headers={"Origin": tool.url}, timeout=30)
    day.submit = answer.history[0].headers["X-Request-Id"]
    wait_for(lambda: (lms.store.grade("lin", "careers") or {}).get("score"), "Lin's grade")
    wait_for(lambda: is_synced(tool), "the roster")
    lin.submit(page.form("/feedback/"), rating="4", comment=COMMENT)
    receipt = lin.submit(lin.open(page.url + "receipt/").form("/receipt/"), name="1")
    day.secrets["receipt"] = receipt.html.partition('<code id="address" dir="ltr">')[2].partition("<")[0][-19:]
    assert len(day.secrets["receipt"]) == 19
    day.keep_cookies(lin, "Lin")

    sent = ada.submit(select_content(lms, ada).form("/pick/details/"), grade_on="quiz", which_counts="best")
    send_back(ada, sent)
    overview = open_byte(lms, ada, "ada")
    ada.open(overview.url + "feedback/")
    day.keep_cookies(ada, "Ada")

    # Kai's browser keeps no cookie: a ticket, the browser's own secret, a bearer token.
    form = lms.launch(kai.session, "kai", "careers")
    day.secrets |= {
        f"Kai's binding {cookie.name}": cookie.value for cookie in kai.session.cookies if "lti_state" in cookie.name
    }
    secret = next(cookie.value for cookie in kai.session.cookies if "lti_state" in cookie.name)
    kai.session.cookies.clear()
    confirming = kai.read(form.post())
    ticket = re.search(r'data-ticket="([^"]+)"', confirming.html)
    assert ticket
    told = kai.session.post(
        f"{tool.url}/lti/confirm/",
        json={"ticket": ticket[1], "secret": secret},
        headers={"Origin": tool.url},
        timeout=30,
    ).json()
    day.secrets |= {"ticket": ticket[1], "bearer token": told["token"]}
    kai.session.cookies.clear()
    shown = kai.session.get(tool.url + told["url"], headers={"Authorization": f"Bearer {told['token']}"}, timeout=30)
    assert shown.status_code == 200


def staff(day: Day, tool: LiveTool) -> None:
    tool.python(
        "from django.contrib.auth.models import User; "
        f"User.objects.create_superuser('sue', 'sue@example.org', {PASSWORD!r})"
    )
    day.personal |= {"Sue's account": "sue", "Sue's e-mail": "sue@example.org"}
    sue = Visitor()
    log_in(sue, tool, "not the right one")
    day.secrets["wrong password"] = "not the right one"
    page = log_in(sue, tool, PASSWORD)
    assert page.status == 200
    setting_up = sue.submit(sue.open(f"{tool.url}/staff/security/").form("/staff/security/"))
    key = re.search(r"Key:\s*<code>(\w+)</code>", setting_up.html)
    assert key
    codes = sue.submit(setting_up.form("/staff/security/"), code=f"{totp(b32decode(key[1])):06}")
    found = re.findall(r"<code>(\w+)</code>", codes.html)
    assert len(found) == 10
    day.secrets |= {"password": PASSWORD, "phone key": key[1], **{f"recovery {code}": code for code in found}}
    day.keep_cookies(sue, "Sue")
    link = tool.manage("registration_link", "Another LMS").split()[-1]
    day.secrets["registration link"] = link.rstrip("/").rpartition("/")[2]
    assert sue.open(link + "?openid_configuration=x&registration_token=unheard-of").status == 400
    day.secrets["registration token"] = "unheard-of"
    for path in (
        "/staff/", "/staff/lms/", "/staff/lms/keys/", "/staff/reports/completion/rows.csv", "/staff/audit/rows.csv",
        "/admin/lti/toolkey/", "/admin/lti/registration/", "/admin/lti/score/", "/admin/otp_totp/totpdevice/",
        "/admin/otp_static/staticdevice/",
    ):  # fmt: skip
        shown = sue.open(tool.url + path)
        assert shown.status == 200, (path, shown.status)
        day.pages[path] = shown.html
        first = re.search(rf'href="({re.escape(path)}\d+/change/[^"]*)"', shown.html)
        if path.startswith("/admin/") and first:
            day.pages[first[1]] = sue.open(tool.url + first[1]).html
    people = sue.submit(sue.open(f"{tool.url}/staff/privacy/").form("/staff/privacy/"), person="Lin Tran")
    person = re.search(r'href="(/staff/privacy/people/\d+/)"', people.html)
    assert person
    everything = sue.open(tool.url + person[1]).form("/everything/")
    everything.fields["form"] = ["json"]
    day.pages["everything about Lin"] = sue.submit(everything).html
    day.pages["doctor"] = tool.manage("doctor")


def log_in(sue: Visitor, tool: LiveTool, password: str) -> Page:
    form = sue.open(f"{tool.url}/staff/login/").form("/login/")
    return sue.submit(form, username="sue", password=password)


def programs(day: Day, tool: LiveTool) -> None:
    slug = tool.python("from lti.models import Institution; print(Institution.objects.earliest('pk').slug)")
    made = tool.manage("api_token", "make", slug, "a program", "--scope", "read:learners", "--scope", "read:progress")
    day.secrets["API token"] = token = made.split()[-1]
    program = Visitor().session
    headers = {"Authorization": f"Bearer {token}"}
    assert program.get(f"{tool.url}/api/v1/learners/", headers=headers, timeout=30).status_code == 200
    for what, sent in (("scope", headers), ("unknown token", {"Authorization": f"Bearer {token}x"})):
        answer = program.get(f"{tool.url}/api/v1/grades/", headers=sent, timeout=30)
        assert answer.status_code in {401, 403}
        day.failures[f"API {what}"] = answer.text


def mishaps(day: Day, tool: LiveTool, lms: SandboxServer) -> None:
    """Whatever can go wrong, with somebody's data in the middle of it."""
    lin = Visitor()
    page = open_byte(lms, lin, "lin")
    again = lms.launch(lin.session, "lin", "careers")
    day.secrets |= {"second state": again.fields["state"], "second id_token": again.fields["id_token"]}
    again.fields["id_token"] = again.fields["id_token"][:-9] + "AAAAAAAAA"
    day.failures["forged launch"] = again.post().text
    for name, path in {
        "receipt of nobody": f"/r/{day.secrets['receipt'][:-4]}AAAA/",
        "registration link": f"/lti/register/{day.secrets['registration link']}x/",
        "unsubscribe": "/staff/reports/unsubscribe/eyJhbGciOiJIUzI1NiJ9/",
        "no page": "/nowhere/?name=Lin+Tran",
    }.items():
        day.failures[name] = lin.open(tool.url + path).html
    form = page.form("/feedback/")
    form.fields["csrfmiddlewaretoken"] = ["x" * 64]
    day.failures["not from our page"] = lin.submit(form, rating="4", comment=COMMENT).html

    lms.faults.add("roster", "garbage", times=1)
    lms.faults.add("scores", "status", status=422, times=1)
    tool.python(
        "from lti.models import *; Context.objects.update(roster_asked_at=None); "
        "AccessToken.objects.all().update(expires_at='2020-01-01T00:00Z')"
    )
    lin = Visitor()
    page = open_byte(lms, lin, "mei")
    lin.submit(page.form("/answer/"), choice="peter")
    wait_for(lambda: lms.journal.entries(endpoint="scores")[-1]["fault"], "the LMS's refusal")
    with broken_table(tool):
        crashed = lin.submit(page.form("/feedback/"), rating="4", comment=COMMENT)
        assert crashed.status == 500
        day.failures["a crash"] = crashed.html
    day.keep_cookies(lin, "Mei")


@contextlib.contextmanager
def broken_table(tool: LiveTool):
    """A column is missing, as after a half-done migration."""
    rename = (
        "from django.db import connection; "
        "connection.cursor().execute('ALTER TABLE learning_feedback RENAME COLUMN {} TO {}')"
    )
    tool.python(rename.format("comment", "remark"))
    yield
    tool.python(rename.format("remark", "comment"))


def test_no_line_of_any_log_holds_a_secret_or_tells_of_anybody(day: Day):
    assert leaks(day.log, day.secrets | day.personal) == set()


def test_the_day_was_logged_and_what_is_searched_for_is_there(day: Day):
    for event in (
        "lti.score_sent",
        "lti.roster_synced",
        "launch_refused",
        "error_page",
        "api_refused",
        "Internal Server Error",
    ):
        assert event in day.log
    assert len(day.secrets) > 30
    assert {"lin's name", "comment"} <= set(leaks(f"<p>Lin Tran: {COMMENT}</p>", day.personal))


def test_pages_about_failures_hold_neither(day: Day):
    assert {
        name: found for name, page in day.failures.items() if (found := leaks(page, day.secrets | day.personal))
    } == {}


def test_pages_of_staff_reports_and_files_hold_no_secret(day: Day):
    found = {name: leaks(page, day.secrets) for name, page in day.pages.items()}
    # A page of staff carries its own forms' protection.
    own = {"Sue's cookie __Host-csrftoken"}
    assert {name: left for name, told in found.items() if (left := told - own)} == {}


def test_what_the_lms_said_to_a_grade_has_the_number_of_the_submit(day: Day):
    lines = [line for line in day.log.splitlines() if f"reference={day.submit}" in line]

    assert any("lti.score_sent" in line for line in lines), lines
