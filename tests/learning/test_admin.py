"""Sue looks at what learners did and sets what counts; nobody else gets in."""

import pytest
from django.urls import reverse

from itpm_byte.learning import feedback, support, unclear
from itpm_byte.learning.models import Attempt, Feedback, Placement, Progress, SupportRequest, UnclearQuestion
from lti.models import Score
from tests.cast import someone
from tests.learning.casting import NOW, answer, found, placement, statements

MODELS = [Placement, Attempt, Progress, Feedback, UnclearQuestion, SupportRequest]


@pytest.fixture
def sue(client, people):
    client.force_login(people.sue, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def at(people):
    made = placement(people.link)
    everything_of(people.lin, made)
    return made


def everything_of(learner, at):
    answer(at, learner, "samantha")
    answer(at, learner, "peter", attempt=2)
    feedback.give(at, learner, at.byte, rating=4, comment="Nice", now=NOW)
    unclear.tell(at, learner, at.byte, question_key="fit", reason="Why fit?", now=NOW)
    support.ask(at, learner, message="Help me please", now=NOW)


def page(model, kind="changelist", *args):
    return reverse(f"admin:learning_{model._meta.model_name}_{kind}", args=args)


@pytest.mark.parametrize("model", MODELS)
def test_lists_and_rows_can_be_read_and_nothing_be_added_or_deleted(sue, at, model):
    row = model.objects.first()
    listing = sue.get(page(model))
    assert (listing.status_code, listing.context["cl"].result_count) == (200, model.objects.count())
    assert sue.get(page(model, "change", row.pk)).status_code == 200
    assert sue.get(page(model, "add")).status_code == 403
    assert sue.post(page(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert model.objects.filter(pk=row.pk).exists() is True


@pytest.mark.parametrize("model", MODELS)
def test_nobody_else_reads_them(client, at, model, django_user_model):
    client.force_login(django_user_model.objects.create_user("visitor"), "django.contrib.auth.backends.ModelBackend")
    answered = client.get(page(model))
    assert (answered.status_code, answered.url.partition("?")[0]) == (302, reverse("admin:login"))


@pytest.mark.parametrize("model", [Attempt, Progress, Feedback, UnclearQuestion, SupportRequest])
def test_a_longer_list_costs_no_more_queries(sue, people, at, model):
    with statements() as short:
        sue.get(page(model))
    for name in ("Kai", "Eve"):
        everything_of(someone(people, name), at)
    with statements() as long:
        assert sue.get(page(model)).context["cl"].result_count == 3 * (2 if model is Attempt else 1)
    assert len(long) == len(short)


def change(sue, at, **settings):
    values = {"which_counts": at.which_counts, "grade_on": at.grade_on, "reveal": at.reveal, "follows_current": "on"}
    return sue.post(page(Placement, "change", at.pk), values | settings)


def test_what_would_change_grades_is_left_to_settings_which_show_whose_first(sue, at, people):
    assert "its Settings show whose grades would change" in sue.get(page(Placement, "change", at.pk)).content.decode()
    assert change(sue, at, which_counts="last", grade_on="completion", attempts_allowed="3").status_code == 302
    kept = found(people.link)
    assert (kept.which_counts, kept.grade_on, kept.attempts_allowed) == ("best", "quiz", 3)
    assert (Progress.objects.get().counted_points, Score.objects.get().score_given) == (1, 1)


def test_while_nobody_has_begun_all_settings_can_be_changed(sue, people):
    fresh = placement(people.link)
    assert change(sue, fresh, which_counts="last").status_code == 302
    assert found(people.link).which_counts == "last"


def test_a_setting_that_makes_no_sense_is_refused(sue, at, people):
    moment = {"opens_at_0": "2026-11-23", "opens_at_1": "09:00", "closes_at_0": "2026-11-23", "closes_at_1": "08:00"}
    assert change(sue, at, attempts_allowed="0").status_code == 200
    assert change(sue, at, **moment).status_code == 200
    assert (found(people.link).attempts_allowed, found(people.link).closes_at) == (None, None)


def test_byte_and_link_of_a_placement_stay_and_learners_words_too(sue, at, people):
    change(sue, at, byte="999", resource_link=people.max_link.pk)
    assert (found(people.link).byte, Placement.objects.count()) == (at.byte, 1)
    request = SupportRequest.objects.get()
    sue.post(page(SupportRequest, "change", request.pk), {"status": "answered", "message": "Other words"})
    assert SupportRequest.objects.values_list("status", "message").get() == ("answered", "Help me please")
