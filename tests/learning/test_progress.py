"""The row that pages and reports read: sections seen, completion, and what counts."""

from decimal import Decimal

import pytest

from itpm_byte.learning import attempts, errors, progress
from itpm_byte.learning.models import Placement, Progress
from lti.models import Membership, Score
from tests.cast import someone
from tests.learning.casting import DAY, NOW, THREE, answer, byte, placement, statements


def see(at, learner, *sections, now=NOW):
    return progress.mark_seen(at, learner, sections, now=now)


def test_sections_are_remembered_in_the_order_of_the_byte(people):
    at = placement(people.link)
    assert see(at, people.lin, "skills", "opening") == ("opening", "skills")
    row = Progress.objects.get()
    assert (row.seen_sections, row.started_at, row.last_activity_at) == (["opening", "skills"], NOW, NOW)
    assert (row.completed_at, row.attempts_submitted, row.counted_points) == (None, 0, None)


def test_sections_are_only_ever_added(people):
    at = placement(people.link)
    see(at, people.lin, "skills")
    assert see(at, people.lin, "opening", now=NOW + DAY) == ("skills", "opening")
    row = Progress.objects.get()
    assert (row.started_at, row.last_activity_at) == (NOW, NOW + DAY)


def test_nothing_new_costs_one_query_and_no_write(people):
    at = placement(people.link)
    see(at, people.lin, "skills", "opening")
    with statements() as sent:
        assert see(at, people.lin, "skills", now=NOW + DAY) == ("opening", "skills")
    assert [statement.split()[0] for statement in sent] == ["SELECT"]
    assert Progress.objects.get().last_activity_at == NOW


def test_sections_that_the_byte_does_not_have_are_left_out(people):
    at = placement(people.link)
    assert see(at, people.lin, "nothing", "", "SKILLS") == ()
    assert Progress.objects.count() == 0
    assert see(at, people.lin, "nothing", "skills") == ("skills",)


def test_nobody_anonymous_leaves_a_trace(people):
    at = placement(people.link)
    people.lin.is_anonymous = True
    with pytest.raises(errors.AnonymousLearner):
        see(at, people.lin, "skills")
    assert Progress.objects.count() == 0


def test_sections_of_an_older_version_stay(people):
    at = placement(people.link)
    see(at, people.lin, "opening")
    at.byte = byte(version=2, sections=("start", "skills"))
    assert see(at, people.lin, "start", "opening") == ("opening", "start")


def test_each_learner_has_a_row_of_their_own(people):
    at, there = placement(people.link), placement(people.max_link)
    see(at, people.lin, "opening")
    see(there, people.max, "skills")
    see(there, people.lin, "fit")
    rows = Progress.objects.order_by("pk").values_list("learner__name", "placement", "seen_sections")
    assert list(rows) == [("Lin", at.pk, ["opening"]), ("Max", there.pk, ["skills"]), ("Lin", there.pk, ["fit"])]


def test_completion_is_the_first_submit_and_stays(people):
    at = placement(people.link, THREE)
    for day, (question, choices) in enumerate([("fit", "peter"), ("duties", "plan"), ("end", "no")]):
        answer(at, people.lin, choices, question=question, now=NOW + day * DAY)
    attempts.start(at, people.lin, now=NOW + 5 * DAY)
    row = Progress.objects.get()
    assert (row.completed_at, row.last_activity_at) == (NOW + 2 * DAY, NOW + 5 * DAY)


def test_graded_on_completion_the_first_submit_gives_all_points_for_good(people):
    at = placement(people.link, grade_on="completion")
    answer(at, people.lin, "peter")
    answer(at, people.lin, "rachel", attempt=2, now=NOW + DAY)
    row = Progress.objects.get()
    assert (row.counted_points, row.counted_possible, row.completed_at) == (Decimal(1), 1, NOW)
    assert Score.objects.values_list("score_given", "comment", "version").get() == (Decimal(1), "Completed.", 1)


def submit_three(people, **settings):
    at = placement(people.link, **settings)
    for number, choice in enumerate(["peter", "samantha", "rachel"], 1):
        answer(at, people.lin, choice, attempt=number, now=NOW + number * DAY)
    return at


@pytest.mark.parametrize(
    ("setting", "points", "comment", "submitted_at"),
    [
        ({"which_counts": "best"}, "1.0000", "Attempt 2 counts: 1 of 1", NOW + 2 * DAY),
        ({"which_counts": "first"}, "0.0000", "Attempt 1 counts: 0 of 1", NOW + DAY),
        ({"which_counts": "last"}, "0.0000", "Attempt 3 counts: 0 of 1", NOW + 3 * DAY),
        ({"which_counts": "average"}, "0.3333", "Average of 3 attempts: 0.33 of 1", NOW + 3 * DAY),
        ({"grade_on": "completion"}, "1.0000", "Completed.", NOW + DAY),
        (
            {"grade_on": "both", "which_counts": "first"},
            "0.5000",
            "Half for completing, half for the answers. Attempt 1 counts: 0.5 of 1",
            NOW + DAY,
        ),
    ],
)
def test_the_settings_say_what_counts_and_the_comment_says_it_in_words(people, setting, points, comment, submitted_at):
    submit_three(people, **setting)
    row, score = Progress.objects.get(), Score.objects.get()
    assert (row.counted_points, row.counted_possible, row.attempts_submitted) == (Decimal(points), 1, 3)
    assert (score.score_given, score.score_maximum) == (Decimal(points), 1)
    if setting != {"which_counts": "last"}:
        assert (score.comment, score.submitted_at) == (comment, submitted_at)


def test_the_comment_counts_out_of_the_allowed_attempts(people):
    at = placement(people.link, attempts_allowed=3)
    answer(at, people.lin, "peter")
    answer(at, people.lin, "samantha", attempt=2)
    assert Score.objects.get().comment == "Attempt 2 of 3 counts: 1 of 1"


def test_a_grade_that_does_not_change_is_not_sent_again(people):
    at = placement(people.link)
    versions = []
    for number, choice in enumerate(["peter", "rachel", "samantha", "samantha", "george"], 1):
        answer(at, people.lin, choice, attempt=number)
        versions.append(Score.objects.get().version)
    assert versions == [1, 1, 2, 2, 2]


def test_a_grade_that_got_lost_is_written_down_again(people):
    at = placement(people.link)
    answer(at, people.lin, "samantha")
    Score.objects.all().delete()
    answer(at, people.lin, "peter", attempt=2)
    assert Score.objects.get().score_given == 1


def test_the_maximum_is_that_of_the_counted_version(people):
    at = placement(people.link, which_counts="last")
    answer(at, people.lin, "samantha")
    Placement.objects.update(byte=byte({"fit": THREE["fit"], "end": THREE["end"]}, version=2))
    answer(at, people.lin, "samantha", attempt=2)
    answer(at, people.lin, "no", question="end", attempt=2)
    assert Score.objects.values_list("score_given", "score_maximum").get() == (Decimal(1), Decimal(3))


@pytest.mark.parametrize(
    ("setting", "points"), [({"which_counts": "first"}, 0), ({"grade_on": "completion"}, 1), ({"reveal": "never"}, 1)]
)
def test_a_changed_setting_counts_anew_for_everybody(people, setting, points):
    at = submit_three(people)
    kai = someone(people, "Kai")
    answer(at, kai, "peter")
    see(at, someone(people, "Eve"), "opening")
    Placement.objects.filter(pk=at.pk).update(**setting)
    assert progress.recount_all(at, now=NOW + 9 * DAY) == 3
    assert Progress.objects.get(learner=people.lin).counted_points == points
    assert Score.objects.get(user=people.lin).score_given == points
    is_completion = setting == {"grade_on": "completion"}
    assert Score.objects.get(user=kai).score_given == (1 if is_completion else 0)
    assert Score.objects.count() == 2


def test_counting_anew_changes_nothing_when_nothing_changed(people):
    at = submit_three(people)
    before = list(Progress.objects.values()), list(Score.objects.values())
    progress.recount_all(at, now=NOW + 9 * DAY)
    assert (list(Progress.objects.values()), list(Score.objects.values())) == before


def test_who_teaches_by_now_is_counted_but_not_graded_anew(people):
    at = submit_three(people)
    Membership.objects.filter(user=people.lin).update(role="teaching_assistant")
    Placement.objects.update(which_counts="first")
    progress.recount_all(at, now=NOW + 9 * DAY)
    assert Progress.objects.get().counted_points == 0
    assert Score.objects.get().score_given == 1


def test_how_many_statements_an_answer_costs(people):
    """Lock, attempts with settings, attempt, response, progress; for a new grade four more, for the same one more."""
    at = placement(people.link)
    answer(at, someone(people, "Kai"))
    with statements() as very_first:
        answer(at, people.lin, "peter")
    with statements() as same_grade:
        answer(at, people.lin, "rachel", attempt=2)
    with statements() as new_grade:
        answer(at, people.lin, "samantha", attempt=3)
    with statements() as repeat:
        answer(at, people.lin, "samantha", attempt=3)
    assert [len(sent) for sent in (very_first, same_grade, new_grade, repeat)] == [10, 6, 9, 2]
