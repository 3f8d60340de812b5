"""An activity that nobody chose a Byte for, and the settings of one that has its Byte (DL-18, DL-20)."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from itpm_byte.learning import attempts
from itpm_byte.learning.models import Attempt, Pick, Placement, Progress
from lti.models import LineItem, Membership, PlatformUser, Registration, ResourceLink, Role
from tests.authoring.teacher import LTI, Teacher, fields_of, path_of, text_of
from tests.learning import casting
from tests.learning.casting import Ask
from tests.lti.platform import LEFT_OUT, MEMBERSHIP
from tests.player.seats import SECOND, published

USUAL = {"grade_on": "quiz", "which_counts": "best", "reveal": "after_answer", "edition": "en"}
NO_CUSTOM = {LTI + "custom": LEFT_OUT}


@pytest.fixture
def byte(db):
    return published()


@pytest.fixture
def bytes_(byte):
    return byte, published(SECOND)


@pytest.fixture
def lin(platform, registration):
    return Teacher(platform, sub="lin", roles=[MEMBERSHIP + "Learner"])


# --- without a Byte


def test_a_link_without_a_byte_id_gets_the_only_byte_there_is(lin, byte):
    answer = lin.launch(**NO_CUSTOM)

    assert path_of(answer) == ""
    assert Placement.objects.get().byte == byte
    assert "IT Project Manager" in text_of(lin.get(""))


def test_with_a_choice_of_bytes_learners_are_told_that_it_is_not_set_up_yet(lin, bytes_):
    answer = lin.launch(**NO_CUSTOM)

    assert path_of(answer) == ""
    page = lin.get("")
    assert page.status_code == 404
    assert "This activity is not set up yet" in text_of(page)
    assert not Placement.objects.exists()


def test_with_a_choice_of_bytes_the_teacher_chooses_and_learners_find_it(ada, lin, bytes_):
    lin.launch(**NO_CUSTOM)
    answer = ada.launch(**NO_CUSTOM)

    assert path_of(answer) == "choose/"
    assert "Choose a Byte for this activity" in text_of(ada.get("choose/"))
    chosen = post(ada, "choose/", byte="sticky-note-board")

    assert path_of(chosen) == "settings/"
    assert Placement.objects.get().byte == bytes_[1]
    page = lin.get("")
    assert (page.status_code, bytes_[1].title in text_of(page)) == (200, True)


def test_an_assistant_chooses_nothing(platform, registration, bytes_):
    tom = Teacher(platform, sub="tom", roles=[MEMBERSHIP.removesuffix("#") + "/Instructor#TeachingAssistant"])

    assert path_of(tom.launch(**NO_CUSTOM)) == ""
    assert tom.get("").status_code == 404
    assert tom.get("choose/").status_code == 403
    assert post(tom, "choose/", byte="sticky-note-board").status_code == 403
    assert not Placement.objects.exists()


@pytest.mark.parametrize("fields", [{}, {"byte": "no-such-byte"}])
def test_nothing_chosen_is_told(ada, bytes_, fields):
    ada.launch(**NO_CUSTOM)

    answer = post(ada, "choose/", **fields)

    assert answer.status_code == 422
    assert "Choose a Byte first." in text_of(answer)
    assert not Placement.objects.exists()


def test_what_was_chosen_stays(ada, bytes_):
    """Attempts may stand behind it."""
    ada.launch(**NO_CUSTOM)
    post(ada, "choose/", byte="sticky-note-board")

    again = post(ada, "choose/", byte="it-project-manager")

    assert path_of(again) == "settings/"
    assert Placement.objects.get().byte == bytes_[1]


def test_a_byte_that_is_not_there_any_more_lets_the_teacher_choose_another_one(ada, bytes_):
    assert path_of(ada.launch(**{LTI + "custom": {"byte": "taken-back"}})) == "choose/"


def test_while_there_are_no_bytes_at_all_everybody_is_told(ada, lin):
    assert path_of(lin.launch(**NO_CUSTOM)) == ""
    assert "not set up yet" in text_of(lin.get(""))
    ada.launch(**NO_CUSTOM)
    assert "There are no Bytes here yet" in text_of(ada.get("choose/"))


# --- by a pick


def pick_of(ada, **fields):
    """Ada picks; the custom parameters that the LMS keeps of it."""
    ada.select()
    ada.add(**fields)
    return ada.items()[0]["custom"]


def test_the_first_launch_of_a_picked_link_takes_the_teachers_settings(ada, lin, byte):
    """DL-16, DL-18: nothing exists before."""
    custom = pick_of(ada, attempts_allowed="2", grade_on="both", due_at="2026-12-01T09:00", which_counts="last")
    assert not Placement.objects.exists()

    lin.launch(**{LTI + "custom": custom})

    at = Placement.objects.get()
    assert (at.byte, at.attempts_allowed, at.grade_on, at.which_counts) == (byte, 2, "both", "last")
    assert at.due_at == datetime(2026, 12, 1, 9, tzinfo=UTC)
    assert "You have 2 of 2 attempts left. Half of the grade is for completing" in text_of(lin.get(""))


def test_a_copied_link_begins_with_the_same_settings_and_without_attempts(ada, lin, byte):
    """OTH-08: the custom parameter is what survives a copy."""
    custom = pick_of(ada, attempts_allowed="2")
    lin.launch(**{LTI + "custom": custom})
    first = Placement.objects.get()
    attempts.start(first, PlatformUser.objects.get(sub="lin"), now=timezone.now())

    copied = {LTI + "custom": custom, LTI + "resource_link": {"id": "copy"}, LTI + "context": {"id": "next year"}}
    lin.launch(**copied, **{AGS: LEFT_OUT})

    copy = Placement.objects.exclude(pk=first.pk).get()
    assert (copy.byte, copy.attempts_allowed) == (first.byte, 2)
    assert not Progress.objects.filter(placement=copy).exists()


AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"


def test_two_links_of_one_launch_address_differ_by_their_picks(ada, lin, bytes_):
    """DL-18."""
    customs = []
    for slug in ("it-project-manager", "sticky-note-board"):
        ada.select()
        ada.add(slug)
        customs.append(ada.items()[0]["custom"])

    for number, custom in enumerate(customs):
        lin.launch(**{LTI + "custom": custom, LTI + "resource_link": {"id": f"link {number}"}, AGS: LEFT_OUT})

    assert {one.resource_link.resource_link_id: one.byte.slug for one in Placement.objects.all()} == {
        "link 0": "it-project-manager",
        "link 1": "sticky-note-board",
    }


def test_a_later_launch_with_another_pick_changes_nothing(ada, lin, byte):
    first, second = pick_of(ada, attempts_allowed="2"), pick_of(ada, attempts_allowed="9")
    lin.launch(**{LTI + "custom": first})

    lin.launch(**{LTI + "custom": second})

    assert Placement.objects.get().attempts_allowed == 2


def test_a_pick_of_another_tenant_counts_for_nothing(ada, platform, byte):
    """SEC-04, SEC-05: the Byte that is named beside it is public, the settings are not."""
    custom = pick_of(ada, attempts_allowed="2")
    platform.register(client_id="other")
    theirs = Teacher(platform, sub="mia", roles=[MEMBERSHIP + "Learner"])
    theirs.visit.log_in(client_id="other")

    answer = theirs.visit.arrive(aud="other", sub="mia", **{LTI + "custom": custom})

    assert answer.status_code == 303
    at = Placement.objects.get()
    assert (at.byte, at.attempts_allowed) == (byte, None)


@pytest.mark.parametrize("pick", ["1", "' OR 1=1", "00000000-0000-4000-8000-000000000000", "", "$Pick"])
def test_a_made_up_pick_counts_for_nothing(lin, byte, pick):
    lin.launch(**{LTI + "custom": {"pick": pick, "byte": "it-project-manager"}})

    assert Placement.objects.get().attempts_allowed is None


def test_the_pick_goes_before_a_byte_that_is_set_for_the_whole_tool(ada, lin, bytes_):
    """In Moodle a parameter of the tool hides the one of the activity."""
    ada.select()
    ada.add("sticky-note-board")
    custom = {**ada.items()[0]["custom"], "byte": "it-project-manager"}

    lin.launch(**{LTI + "custom": custom})

    assert Placement.objects.get().byte.slug == "sticky-note-board"


def test_a_column_that_we_have_to_make_is_called_as_the_teacher_said(ada, lin, byte):
    """AGS-11: and it is found by the same names as the LMS's own."""
    custom = pick_of(ada)

    lin.launch(**{LTI + "custom": custom})

    column = LineItem.objects.get(resource_link=ResourceLink.objects.get())
    assert (column.resource_id, column.label) == (str(Pick.objects.get().uuid), "Title of it-project-manager")


# --- settings


def test_the_settings_show_what_is_set_and_take_what_is_changed(ada, byte):
    """DL-20."""
    ada.launch()
    Placement.objects.update(attempts_allowed=3, due_at=datetime(2026, 12, 1, 9, tzinfo=UTC))
    page = ada.get("settings/")
    assert fields_of(page)["attempts_allowed"] == "3"
    assert fields_of(page)["due_at"] == "2026-12-01T09:00"

    answer = save(ada, attempts_allowed="5", grade_on="both", due_at="", which_counts="first", reveal="never")

    assert answer["Location"].endswith("/settings/?saved=0")
    at = Placement.objects.get()
    assert (at.attempts_allowed, at.grade_on, at.due_at, at.which_counts, at.reveal) == (
        5,
        "both",
        None,
        "first",
        "never",
    )
    assert "Saved." in text_of(ada.client.get(answer["Location"]))


def test_a_changed_setting_counts_for_earlier_attempts_once_the_teacher_saw_whose(ada, lin, byte):
    lin.launch(name="Lin Lee")
    answer_wrongly(lin)
    assert Progress.objects.get().counted_points == 0
    ada.launch()

    page = save(ada, grade_on="completion", attempts_allowed="4")
    assert (page.status_code, Progress.objects.get().counted_points) == (200, 0)
    assert "1 grade would change" in text_of(page)
    assert "Lin Lee 0 of 1 1 of 1" in text_of(page)
    kept = fields_of(page)
    assert (kept["grade_on"], kept["attempts_allowed"], kept["edition"]) == ("completion", "4", "en")

    again = save(ada, **{**kept, "back": "1"})
    assert (fields_of(again)["attempts_allowed"], Placement.objects.get().grade_on) == ("4", "quiz")

    answer = save(ada, **kept)
    assert answer["Location"].endswith("/settings/?saved=1")
    assert (Progress.objects.get().counted_points, Placement.objects.get().attempts_allowed) == (1, 4)
    assert "are on their way to the gradebook" in text_of(ada.client.get(answer["Location"]))


def test_what_happened_since_the_look_is_shown_anew(ada, lin, byte):
    lin.launch()
    answer_wrongly(lin)
    answer_wrongly(lin, attempt=2, choice="samantha")
    ada.launch()
    kept = fields_of(save(ada, which_counts="average"))
    answer_wrongly(lin, attempt=3)

    page = save(ada, **kept)

    assert (page.status_code, Placement.objects.get().which_counts) == (200, "best")
    assert "1 of 1 0.33 of 1" in text_of(page)
    assert "Something happened since you looked" in text_of(page)


def test_all_changes_are_there_as_a_file_and_for_nobody_but_teachers(ada, lin, byte):
    lin.launch(name="=Lin")
    answer_wrongly(lin)
    ada.launch()

    lines = b"".join(ada.get("room/grades/changes.csv", grade_on="completion")).decode().splitlines()

    assert (lines[1].split(",")[0], lines[1].split(",")[3:]) == ("'=Lin", ["0", "1", "1", "1"])
    assert ada.get("room/grades/changes.csv", grade_on="luck").status_code == 404
    assert ada.get("room/grades/changes.csv", by="7").status_code == 404
    assert lin.get("room/grades/changes.csv", grade_on="completion").status_code == 403
    assert Progress.objects.get().counted_points == 0


def test_the_settings_are_part_of_the_room_and_english(ada, byte):
    ada.launch(locale="fr")
    page = ada.get("settings/")
    assert page["Content-Language"] == "en"
    assert re.search("Overview .*Settings Preview as learner", text_of(page))


# --- which Byte


def test_the_version_and_language_are_chosen(ada, byte):
    newer, french = edition(version=2), edition(language="fr")
    ada.launch()
    page = ada.get("settings/").content.decode()
    assert re.findall(r'<option value="(\w+(?::\d)?)"( selected)?>', page.split('name="edition"')[1])[:5] == [
        ("en", " selected"), ("en:2", ""), ("en:1", ""), ("fr", ""), ("fr:1", "")
    ]  # fmt: skip

    for said, wanted in {"en:1": (byte, False), "en:2": (newer, False), "fr": (french, True)}.items():
        assert save(ada, edition=said)["Location"].endswith("?saved=0")
        assert (Placement.objects.get().byte, Placement.objects.get().follows_current) == wanted
    assert save(ada, edition="de").status_code == 422


def test_another_byte_is_taken_until_somebody_has_begun(ada, lin, bytes_):
    ada.launch()
    assert "Nobody has begun yet" in text_of(ada.get("settings/"))

    answer = post(ada, "settings/byte/", byte="sticky-note-board")
    assert (path_of(answer), Placement.objects.get().byte) == ("settings/", bytes_[1])
    assert post(ada, "settings/byte/").status_code == 422

    lin.launch()
    attempts.start(Placement.objects.get(), PlatformUser.objects.get(sub="lin"), now=timezone.now())
    assert "Learners have begun here, so the Byte stays" in text_of(ada.get("settings/"))
    assert path_of(post(ada, "settings/byte/", byte="it-project-manager")) == "settings/"
    assert Placement.objects.get().byte == bytes_[1]


# --- a corrected key


def test_earlier_attempts_are_marked_by_a_version_that_corrects_the_key_and_back(ada, lin, byte):
    lin.launch(name="Lin Lee")
    answer_wrongly(lin)
    newer = edition(version=2)
    ada.launch()
    assert "Mark earlier attempts by version 2" in text_of(ada.get("settings/"))

    page = ada.get("settings/marking/", by="2")
    assert "1 earlier attempt would be marked by version 2" in text_of(page)
    assert ("Lin Lee 0 of 1 1 of 1" in text_of(page), Progress.objects.get().counted_points) == (True, 0)
    assert post_as_shown(ada, page)["Location"].endswith("?saved=1")
    assert (Attempt.objects.get().points, Attempt.objects.get().marked_with) == (1, newer)

    assert "Mark each attempt by its own version" in text_of(ada.get("settings/"))
    assert post_as_shown(ada, ada.get("settings/marking/", by="own"))["Location"].endswith("?saved=1")
    assert (Attempt.objects.get().points, Attempt.objects.get().marked_with) == (0, None)
    assert path_of(ada.get("settings/marking/", by="7")) == "settings/"
    assert lin.get("settings/marking/", by="2").status_code == 403


def edition(**fields):
    """Of the shipped Byte, one that calls Peter right."""
    return casting.byte({"quiz": Ask(right="peter")}, published_at=timezone.now() - timedelta(days=1), **fields)


def post_as_shown(person, page):
    return person.client.post(
        person.base + "settings/marking/", fields_of(page), headers={"Origin": "http://testserver"}
    )


def test_a_pass_mark_of_its_own_is_taken_and_an_empty_one_is_the_bytes(ada, byte):
    ada.launch()
    assert fields_of(ada.get("settings/"))["pass_mark"] == ""

    save(ada, pass_mark="75")
    assert Placement.objects.get().pass_mark == 75
    assert fields_of(ada.get("settings/"))["pass_mark"] == "75"
    assert save(ada, pass_mark="101").status_code == 422
    assert Placement.objects.get().pass_mark == 75
    save(ada, pass_mark="")
    assert Placement.objects.get().pass_mark is None


def test_settings_that_make_no_sense_are_told_and_not_saved(ada, byte):
    ada.launch()

    answer = save(ada, opens_at="2026-12-02T09:00", closes_at="2026-12-01T09:00")

    assert answer.status_code == 422
    assert "It must close after it opens." in text_of(answer)
    assert Placement.objects.get().closes_at is None


def test_learners_and_assistants_change_no_settings(platform, lin, byte):
    lin.launch()
    tom = Teacher(platform, sub="tom", roles=[MEMBERSHIP.removesuffix("#") + "/Instructor#TeachingAssistant"])
    tom.launch()

    for person in (lin, tom):
        assert person.get("settings/").status_code == 403
        assert save(person, attempts_allowed="1").status_code == 403
    assert Placement.objects.get().attempts_allowed is None


def test_a_teacher_of_another_course_changes_nothing_here(ada, platform, byte):
    """SEC-05: the launch decides which activity, nothing that is sent."""
    ada.launch()
    bea = Teacher(platform, sub="bea")
    elsewhere = {LTI + "context": {"id": "office"}, LTI + "resource_link": {"id": "office"}, AGS: LEFT_OUT}
    bea.launch(**elsewhere)

    save(bea, attempts_allowed="1")

    assert bea.client.get(f"{ada.base}settings/").status_code == 401
    allowed = {one.resource_link.resource_link_id: one.attempts_allowed for one in Placement.objects.all()}
    assert allowed == {"link": None, "office": 1}


def test_the_settings_of_a_link_without_a_byte_lead_to_the_choice(ada, bytes_):
    ada.launch(**NO_CUSTOM)

    assert path_of(ada.get("settings/")) == "choose/"


def test_a_picker_launch_has_no_activity_to_set_up(ada, byte):
    ada.select()

    for path in ("choose/", "settings/"):
        answer = ada.get(path)
        assert (answer.status_code, "There is no activity here" in text_of(answer)) == (404, True)


def post(person, path, **fields):
    """As the form of that page sends it."""
    pages = (fields_of(person.get(page)) for page in (path, ""))
    token = next((fields["csrfmiddlewaretoken"] for fields in pages if "csrfmiddlewaretoken" in fields), "none")
    sent = {"csrfmiddlewaretoken": token, **fields}
    return person.client.post(person.base + path, sent, headers={"Origin": "http://testserver"})


def save(person, **changes):
    return post(person, "settings/", **{**USUAL, **changes})


def answer_wrongly(_lin, attempt=1, choice="peter", sub="lin"):
    at, learner = Placement.objects.get(), PlatformUser.objects.get(sub=sub)
    now = timezone.now() + timedelta(seconds=1)
    attempts.answer(at, learner, attempt_number=attempt, question_key="quiz", choice_keys=[choice], now=now)


def test_a_date_that_the_teacher_changed_in_the_lms_comes_with_her_next_launch_and_no_learners(ada, lin, byte):
    """DL-17: learners are told their own dates, which may be exceptions."""
    custom = pick_of(ada, due_at="2026-12-01T09:00")
    changed = {**custom, "submit_until": "2026-12-08T09:00:00Z"}
    lin.launch(**{LTI + "custom": custom})

    lin.launch(**{LTI + "custom": changed})
    assert Placement.objects.get().due_at == datetime(2026, 12, 1, 9, tzinfo=UTC)
    ada.launch(**{LTI + "custom": changed})
    assert Placement.objects.get().due_at == datetime(2026, 12, 8, 9, tzinfo=UTC)


def test_a_non_editing_teacher_of_moodle_changes_no_settings_once_its_list_said_so(ada, registration, byte):
    """OTH-03: Moodle's launches call both kinds instructors; whom it opens the picker to is the one who decides."""
    Registration.objects.update(product="moodle")
    ada.launch()
    assert ada.get("settings/").status_code == 200
    Membership.objects.update(role=Role.TEACHING_ASSISTANT)

    ada.launch()
    assert ada.get("settings/").status_code == 403
    ada.select()
    ada.launch()
    assert ada.get("settings/").status_code == 200


def test_the_settings_and_the_look_cost_the_same_whatever_the_size_of_the_class(ada, platform, lin, byte):
    ada.launch()
    lin.launch()
    answer_wrongly(lin)
    sent = {"csrfmiddlewaretoken": fields_of(ada.get("settings/"))["csrfmiddlewaretoken"], **USUAL}
    counts = []
    for number in range(2):
        with CaptureQueriesContext(connection) as page:
            ada.get("settings/")
        with CaptureQueriesContext(connection) as look:
            answer = ada.client.post(
                f"{ada.base}settings/", {**sent, "grade_on": "completion"}, headers={"Origin": "http://testserver"}
            )
        assert f"{1 + 2 * number} grade" in text_of(answer)
        counts.append((len(page), len(look)))
        for name in ("kai", "mia"):
            Teacher(platform, sub=name, roles=[MEMBERSHIP + "Learner"]).launch()
            answer_wrongly(lin, sub=name)
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 24
