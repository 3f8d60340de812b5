"""Copied activities: settings go along, attempts never; nothing of another tenant is ever taken (OTH-08)."""

from datetime import timedelta

import pytest

from itpm_byte.learning import copies, placements
from itpm_byte.learning.copies import NotAskable
from itpm_byte.learning.models import Attempt, Pick, Placement, Progress
from itpm_byte.learning.regrading import NotAsShown
from lti.models import Context, Deployment, Institution, LineItem, ResourceLink
from tests.cast import Cast, cast
from tests.learning.casting import DAY, NOW, THREE, answer, byte, found, placement, statements
from tests.lti.conftest import keyset
from tests.lti.course import make_course
from tests.lti.scripted import Said, ScriptedLms, with_token

__all__ = ["keyset"]

Copy = Placement.Copy
HISTORY = {"context_history": "careers"}


@pytest.fixture
def people(db) -> Cast:
    return cast()


@pytest.fixture
def old(people):
    """The activity of last year's course, as its teacher set it up; Lin has answered there."""
    told = {"attempts_allowed": 2, "which_counts": "last", "grade_on": "completion", "pass_mark": 75}
    old = placement(people.link, **told, closes_at=NOW + DAY)
    ResourceLink.objects.filter(pk=people.link.pk).update(title="The manager")
    answer(old, people.lin)
    return found(people.link)


def new_link(people, *, course="careers 2", title="The manager", deployment=None):
    deployment = deployment or people.deployment
    context, _ = Context.objects.get_or_create(deployment=deployment, context_id=course, title=course.title())
    return ResourceLink.objects.create(
        deployment=deployment, context=context, resource_link_id=f"link in {course}", title=title
    )


def settings_of(at):
    return {name: getattr(at, name) for name in sorted(placements.SETTINGS)}


# --- finding


def test_the_history_of_the_link_is_certain(people, old):
    origin = copies.origin_of(new_link(people), {"link_history": "gone,link%20in%20careers"})
    assert (origin.placement, origin.is_certain) == (old, True)


def test_the_pick_that_both_links_carry_is_certain(people, old):
    LineItem.objects.filter(resource_link=people.link).update(resource_id="pick-1")
    origin = copies.origin_of(new_link(people), {"pick": "pick-1"})
    assert (origin.placement, origin.is_certain) == (old, True)


def test_the_history_of_the_course_and_the_same_title_only_suggest(people, old):
    origin = copies.origin_of(new_link(people), HISTORY)
    assert (origin.placement, origin.is_certain) == (old, False)


def test_a_notice_of_the_copy_serves_as_the_history_of_the_course(people, old):
    """OTH-09: where the LMS fills in no variable."""
    link = new_link(people)
    link.context.origin_ids = ["careers"]
    origin = copies.origin_of(link, {})
    assert (origin.placement, origin.is_certain) == (old, False)


def test_an_activity_that_was_just_picked_is_no_copy_of_a_namesake(people, old):
    picked = Pick.objects.create(
        deployment=people.deployment, byte_slug="x", language="en", title="T", score_maximum=1, settings={},
        created_at=NOW,
    )  # fmt: skip
    assert copies.origin_of(new_link(people), {**HISTORY, "pick": str(picked.uuid)}) is None
    assert copies.origin_of(new_link(people, course="x"), {**HISTORY, "pick": "no uuid"}).placement == old


def test_without_clues_nothing_is_asked_of_the_database(people, old):
    link = new_link(people)
    with statements() as sent:
        assert copies.origin_of(link, {"byte": "it-project-manager"}) is None
    assert sent == []


@pytest.mark.parametrize("clue", [{"link_history": "link in careers"}, HISTORY, {"pick": "pick-1"}])
def test_what_belongs_to_another_lms_is_never_an_origin(people, old, clue):
    """SEC-05: the same small numbers stand for other courses there."""
    LineItem.objects.filter(resource_link=people.link).update(resource_id="pick-1")
    other = cast("other")
    assert copies.origin_of(new_link(other, course="new"), clue) is None


@pytest.mark.parametrize("clue", [{"link_history": "link in careers"}, HISTORY, {"pick": "pick-1"}])
def test_what_belongs_to_another_institution_at_the_same_lms_is_ignored_and_logged(people, old, clue, caplog):
    """CORE-41: one client id may serve many schools."""
    LineItem.objects.filter(resource_link=people.link).update(resource_id="pick-1")
    school = Institution.objects.create(name="Another school", slug="another")
    tenant = Deployment.objects.create(registration=people.registration, institution=school, deployment_id="2")

    assert copies.origin_of(new_link(people, course="new", deployment=tenant), clue) is None

    logged = [record.msg["event"] for record in caplog.records if isinstance(record.msg, dict)]
    assert logged.count("learning.history_foreign") == ("link_history" in clue)


def test_another_deployment_of_the_same_institution_is_the_same_tenant(people, old):
    """Canvas makes a deployment per course."""
    tenant = Deployment.objects.create(
        registration=people.registration, institution=people.institution, deployment_id="2"
    )
    origin = copies.origin_of(new_link(people, deployment=tenant), {"link_history": "link in careers"})
    assert origin.placement == old


# --- taking over


def test_a_clone_has_the_settings_and_nobodys_attempts(people, old):
    """CORE-42."""
    link = new_link(people)

    made = copies.clone(link, old, now=NOW)

    assert settings_of(found(link)) == settings_of(old)
    assert (made.byte, made.copied_from, made.copy_state) == (old.byte, old, Copy.CLONED)
    assert not made.attempts.exists()
    assert not made.progress.exists()
    assert Attempt.objects.get().placement == old
    assert found(people.link).copy_state == Copy.NONE


def test_settings_that_the_teacher_changed_later_go_along_not_those_of_the_first_day(people, old):
    placements.change_settings(old, attempts_allowed=7, now=NOW)
    assert copies.clone(new_link(people), found(people.link), now=NOW).attempts_allowed == 7


def test_dates_that_are_over_stay_behind(people, old):
    """Else a copied course would begin closed."""
    made = copies.clone(new_link(people), old, now=NOW + 2 * DAY)
    assert (made.closes_at, made.attempts_allowed) == (None, 2)


def test_a_clone_begins_with_the_newest_version_of_its_byte(people, old):
    newer = byte(version=2)
    assert copies.clone(new_link(people), found(people.link), now=NOW).byte == newer


def test_two_first_launches_make_one_clone(people, old):
    link = new_link(people)
    assert copies.clone(link, old, now=NOW) == copies.clone(link, old, now=NOW)


def test_the_column_of_a_clone_is_found_again_by_the_same_id(people, old):
    LineItem.objects.filter(resource_link=people.link).update(resource_id="pick-1", tag="byte", label="Manager")
    link = new_link(people)
    LineItem.objects.create(deployment=people.deployment, resource_link=link)

    copies.clone(link, found_with_column(people), now=NOW)

    column = LineItem.objects.get(resource_link=link)
    assert (column.resource_id, column.tag, column.label) == ("pick-1", "byte", "Manager")


def found_with_column(people):
    return Placement.objects.select_related("resource_link__line_item", "byte").get(resource_link=people.link)


# --- the teacher's answer


@pytest.fixture
def cloned(people, old):
    link = new_link(people)
    copies.clone(link, old, now=NOW)
    return found(link)


@pytest.fixture
def suggested(people, old):
    link = new_link(people)
    at = placements.for_link(link, byte_slug="it-project-manager", language="en", now=NOW)
    copies.look_further(link, copies.origin_of(link, HISTORY))
    return found(link) if at else None


def test_to_keep_changes_nothing_but_the_question(people, old, cloned):
    copies.keep(cloned)
    kept = found(cloned.resource_link)
    assert (kept.copy_state, kept.asks_about_copy, settings_of(kept)) == (Copy.KEPT, False, settings_of(old))


def test_to_begin_afresh_brings_the_usual_settings_and_counts_anew(people, old, cloned):
    kai = people.lin
    answer(cloned, kai, "peter")
    with pytest.raises(NotAsShown) as refused:
        copies.begin_afresh(cloned, by=None, now=NOW)
    assert found(cloned.resource_link).copy_state == Copy.CLONED
    copies.begin_afresh(cloned, shown=refused.value.dry_run.fingerprint, by=None, now=NOW)

    fresh = found(cloned.resource_link)
    assert (fresh.copy_state, fresh.attempts_allowed, fresh.which_counts, fresh.grade_on, fresh.closes_at) == (
        *(Copy.FRESH, None, "best", "quiz", None),
    )
    # Completion gave all points for any answers; quiz points give none for a wrong one.
    assert Progress.objects.get(placement=fresh).counted_points == 0


def test_a_suggestion_changes_no_settings_before_the_teacher_says_so(people, old, suggested):
    assert (suggested.copy_state, suggested.copied_from, suggested.attempts_allowed) == (Copy.SUGGESTED, old, None)
    assert [row.pk for row in copies.choices_for(suggested.resource_link)] == [old.pk]


def test_to_take_a_suggestion_brings_its_settings(people, old, suggested):
    copies.take(suggested.resource_link, str(old.uuid), by=None, now=NOW)
    taken = found(suggested.resource_link)
    assert (taken.copy_state, settings_of(taken)) == (Copy.KEPT, settings_of(old))


def test_to_refuse_a_suggestion_leaves_the_settings(people, old, suggested):
    placements.change_settings(suggested, attempts_allowed=5, now=NOW)
    copies.begin_afresh(suggested, by=None, now=NOW)
    assert (found(suggested.resource_link).attempts_allowed, suggested.copy_state) == (5, Copy.FRESH)


def test_the_origins_byte_is_taken_only_while_nobody_has_begun(people, old):
    byte(THREE, slug="another")
    for begun in (False, True):
        link = new_link(people, course=f"new {begun}")
        at = placements.for_link(link, byte_slug="another", language="en", now=NOW)
        copies.look_further(link, copies.origin_of(link, HISTORY))
        if begun:
            answer(at, people.lin, "samantha")
        copies.take(link, str(old.uuid), by=None, now=NOW)
        assert found(link).byte.slug == ("another" if begun else "it-project-manager")
        assert found(link).attempts_allowed == 2


def test_a_link_without_a_byte_takes_all_from_the_chosen_one(people, old):
    link = new_link(people, title="Renamed")
    copies.origin_of(link, HISTORY)
    copies.take(link, str(old.uuid), by=None, now=NOW)
    assert (found(link).copy_state, settings_of(found(link))) == (Copy.KEPT, settings_of(old))


@pytest.mark.parametrize("whose", ["another lms", "another course", "nobodys", "no uuid"])
def test_only_activities_of_the_old_course_can_be_taken(people, old, suggested, whose):
    """SEC-04: what the form sends is a wish."""
    others = {"another lms": cast("other").link, "another course": people.max_link}
    uuid = (
        str(placement(others[whose]).uuid)
        if whose in others
        else "7e0a1e34-2d3b-4a53-9d8a-0c0f2b3c4d5e"[: 36 if whose == "nobodys" else 3]
    )
    with pytest.raises(NotAskable):
        copies.take(suggested.resource_link, uuid, by=None, now=NOW)
    assert found(suggested.resource_link).copy_state == Copy.SUGGESTED


def test_a_question_that_was_answered_is_not_asked_again(people, old, cloned):
    copies.keep(cloned)
    with pytest.raises(NotAskable):
        copies.keep(cloned)
    with pytest.raises(NotAskable):
        copies.begin_afresh(cloned, by=None, now=NOW)
    with pytest.raises(NotAskable):
        copies.take(cloned.resource_link, str(old.uuid), by=None, now=NOW)


def test_an_origin_that_is_gone_leaves_the_copy(people, old, cloned):
    assert copies.origin_named(cloned) == copies.Named("The manager", "Careers")
    people.link.delete()
    left = found(cloned.resource_link)
    assert (copies.origin_named(left), left.attempts_allowed, left.asks_about_copy) == (None, 2, True)


# --- the grade column


@pytest.fixture
def columned(keyset, db):
    """A new link whose column the LMS copied with its resource id, and the old activity of that id."""
    keyset.install()
    said = {"resourceId": "pick-1"}
    with ScriptedLms(with_token(lambda asked: Said(dict(said)))) as lms:
        course = make_course(url=lms.url, lineitem_url=f"{lms.url}/items/1")
        old = placement(course.link, attempts_allowed=3)
        LineItem.objects.update(resource_id="pick-1")
        link = new_link(course, course="new")
        ResourceLink.objects.filter(pk=link.pk).update(ags_scopes=course.link.ags_scopes)
        LineItem.objects.create(deployment=course.deployment, resource_link=link, url=f"{lms.url}/items/2")
        placements.for_link(link, byte_slug="it-project-manager", language="en", now=NOW)
        yield course, old, link, said


def test_the_columns_resource_id_names_the_origin_where_the_link_lost_it(columned):
    _course, old, link, _said = columned
    assert copies.trace_by_column(link.pk, now=NOW) == "cloned"
    at = found(link)
    assert (at.copied_from, at.copy_state, at.attempts_allowed) == (old, Copy.CLONED, 3)
    assert LineItem.objects.get(resource_link=link).resource_id == "pick-1"


def test_once_somebody_has_begun_the_teacher_decides(columned):
    course, old, link, _said = columned
    answer(found(link), course.lin)
    assert copies.trace_by_column(link.pk, now=NOW) == "suggested"
    assert (found(link).copied_from, found(link).attempts_allowed) == (old, None)


@pytest.mark.parametrize("said", [{}, {"resourceId": None}, {"resourceId": "another"}, {"resourceId": "x" * 300}])
def test_a_column_that_says_nothing_known_changes_nothing(columned, said):
    columned[3].clear()
    columned[3].update(said)
    assert copies.trace_by_column(columned[2].pk, now=NOW) in {"nothing said", "unknown"}
    assert found(columned[2]).copy_state == Copy.NONE


def test_the_column_is_looked_at_only_where_picks_were_made(people, django_capture_on_commit_callbacks):
    from django_tasks_db.models import DBTaskResult

    byte()
    link = new_link(people)
    LineItem.objects.create(deployment=people.deployment, resource_link=link, url="https://lms.example/i/9")
    with django_capture_on_commit_callbacks(execute=True):
        copies.look_further(link, None)
    assert DBTaskResult.objects.count() == 0
    Pick.objects.create(
        deployment=people.deployment, byte_slug="x", language="en", title="T", score_maximum=1, settings={},
        created_at=NOW - timedelta(days=1),
    )  # fmt: skip
    with django_capture_on_commit_callbacks(execute=True):
        copies.look_further(link, None)
    assert [task.task_path for task in DBTaskResult.objects.all()] == ["itpm_byte.learning.copies.read_column"]
