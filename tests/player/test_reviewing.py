"""From the gradebook to one learner's attempts (OTH-10): who lands where, and who may look."""

from dataclasses import replace

import pytest
from django.utils import timezone

from itpm_byte.learning import placements
from itpm_byte.learning.models import Attempt
from itpm_byte.player.access import open_launch
from lti.addresses import work_url
from lti.claims import AgsClaim, Claims
from lti.errors import LaunchRefused
from lti.models import Launch, LineItem, Membership, ResourceLink, Role, Score
from tests.cast import cast, someone
from tests.player.seats import BACK, flat, sit, text_of

REVIEW = "LtiSubmissionReviewRequest"
CLAIMS = Claims(REVIEW, "1", "sub-ada", "https://tool.example/lti/launch/", for_user="sub-lin")


def opened(launch, **claims):
    return open_launch(launch, replace(CLAIMS, sub=launch.user.sub, **claims), now=timezone.now())


def page_of(reader, learner):
    return reader.get(f"attempts/{learner.pk}/")


@pytest.fixture
def answered(lin):
    """Lin answered twice: wrong, then right."""
    lin.answer("peter")
    lin.answer("samantha", attempt=2)
    assert Attempt.objects.count() == 2
    return lin


# --- where a launch leads


def test_a_teachers_review_leads_to_that_learners_attempts(people, ada):
    assert opened(ada.launch) == f"/l/{ada.launch.pk}/attempts/{people.lin.pk}/"


def test_a_learners_own_review_leads_to_their_own_attempts(people, lin):
    """Moodle's user report sends students there, whether we declared it or not."""
    assert opened(lin.launch) == f"/l/{lin.launch.pk}/attempts/{people.lin.pk}/"


def test_a_learner_may_review_nobody_else(people, lin):
    someone(people, "Kai")
    with pytest.raises(LaunchRefused) as refused:
        opened(lin.launch, for_user="sub-kai")
    assert refused.value.reason == "review_not_yours"


@pytest.mark.parametrize("role", [Role.MENTOR, Role.NONE])
def test_people_without_a_part_in_the_course_review_nobody(people, placement, role):
    visitor = sit(someone(people, "Vi", role), people.link)
    with pytest.raises(LaunchRefused) as refused:
        opened(visitor.launch)
    assert refused.value.reason == "review_not_yours"


@pytest.mark.parametrize("name", ["sub-nobody", "sub-max"])
def test_somebody_who_is_not_in_the_course_has_nothing_to_review(people, ada, name):
    with pytest.raises(LaunchRefused) as refused:
        opened(ada.launch, for_user=name)
    assert refused.value.reason == "review_nothing"


def test_the_same_id_at_another_lms_is_somebody_else(people, ada):
    other = cast("other")
    assert opened(ada.launch) == f"/l/{ada.launch.pk}/attempts/{people.lin.pk}/"
    assert other.lin.pk != people.lin.pk


def test_a_review_that_names_only_its_column_finds_the_activity(people, ada):
    Launch.objects.filter(pk=ada.launch.pk).update(resource_link=None)
    ada.launch.refresh_from_db()
    column = AgsClaim(people.link.line_item.url, "", ())

    assert opened(ada.launch, ags=column) == f"/l/{ada.launch.pk}/attempts/{people.lin.pk}/"
    assert Launch.objects.get(pk=ada.launch.pk).resource_link == people.link


@pytest.mark.parametrize("whose", ["another course", "another lms", "nobody"])
def test_a_column_of_elsewhere_opens_nothing(people, ada, whose):
    """SEC-04: an address proves nothing."""
    other = cast("other")
    url = {"another course": people.max_link, "another lms": other.link}.get(whose)
    column = AgsClaim(url.line_item.url if url else "https://lms.example/none", "", ())
    Launch.objects.filter(pk=ada.launch.pk).update(resource_link=None)
    ada.launch.refresh_from_db()

    with pytest.raises(LaunchRefused) as refused:
        opened(ada.launch, ags=column)

    assert refused.value.reason == "review_nothing"
    assert Launch.objects.get(pk=ada.launch.pk).resource_link is None
    assert LineItem.objects.count() == 4


def test_a_column_of_another_lms_opens_nothing_also_where_no_course_is_named(people, ada):
    other = cast("other")
    Launch.objects.filter(pk=ada.launch.pk).update(resource_link=None, membership=None)
    ada.launch.refresh_from_db()
    with pytest.raises(LaunchRefused):
        opened(ada.launch, ags=AgsClaim(other.link.line_item.url, "", ()))
    assert Launch.objects.get(pk=ada.launch.pk).resource_link is None


def test_for_user_in_a_plain_launch_leads_teachers_there_too(people, ada):
    plain = {"message_type": "LtiResourceLinkRequest"}
    assert opened(ada.launch, **plain) == f"/l/{ada.launch.pk}/attempts/{people.lin.pk}/"


def test_for_user_in_a_plain_launch_of_oneself_opens_the_activity(lin, ada):
    plain = {"message_type": "LtiResourceLinkRequest"}
    assert opened(lin.launch, **plain) == f"/l/{lin.launch.pk}/"
    assert opened(ada.launch, **plain, for_user="sub-ada") == f"/l/{ada.launch.pk}/room/"


# --- Canvas' SpeedGrader: a plain launch of the address that came with the submission (AGS-32)


def submission(learner) -> dict[str, str]:
    """What a launch of that learner's submission says; SpeedGrader names the course as its link."""
    score = Score.objects.get(user=learner)
    return {"message_type": "LtiResourceLinkRequest", "for_user": "", "target_link_uri": work_url(score.pk)}


def elsewhere(seat, people):
    """The seat's launch, at a link that is not the activity."""
    wrong = ResourceLink.objects.create(deployment=people.link.deployment, context=people.context, resource_link_id="2")
    seat.launch.resource_link = wrong
    seat.launch.save()
    return seat


def test_the_address_of_a_submission_leads_teachers_to_the_attempts(people, answered, ada):
    where = opened(elsewhere(ada, people).launch, **submission(people.lin))

    assert where == f"/l/{ada.launch.pk}/attempts/{people.lin.pk}/"
    assert Launch.objects.get(pk=ada.launch.pk).resource_link == people.link
    assert "Attempts of Lin" in text_of(page_of(ada, people.lin))


def test_the_address_of_a_submission_leads_its_learner_to_their_own_attempts(people, answered):
    where = opened(elsewhere(answered, people).launch, **submission(people.lin))

    assert where == f"/l/{answered.launch.pk}/attempts/{people.lin.pk}/"


def test_the_address_of_somebody_elses_submission_is_refused(people, answered):
    kai = sit(someone(people, "Kai"), people.link)
    with pytest.raises(LaunchRefused) as refused:
        opened(kai.launch, **submission(people.lin))
    assert refused.value.reason == "review_not_yours"


def test_the_address_of_a_submission_in_another_course_or_institution_opens_nothing(people, answered):
    """SEC-04: whoever teaches elsewhere may try any number."""
    other = cast("other")
    Membership.objects.create(context=people.max_link.context, user=people.ada, role=Role.INSTRUCTOR)
    for seat in (sit(other.ada, other.link), sit(people.ada, people.max_link)):
        before = seat.launch.resource_link
        with pytest.raises(LaunchRefused) as refused:
            opened(seat.launch, **submission(people.lin))
        assert refused.value.reason == "review_nothing"
        assert Launch.objects.get(pk=seat.launch.pk).resource_link == before


@pytest.mark.parametrize("number", ["0", "x", "-1", "9" * 30, "%00", "1 2"])
def test_an_address_that_nobody_here_has_made_opens_nothing(people, ada, number):
    target = f"https://tool.example/lti/launch/?work={number}"
    with pytest.raises(LaunchRefused) as refused:
        opened(ada.launch, message_type="LtiResourceLinkRequest", for_user="", target_link_uri=target)
    assert refused.value.reason == "review_nothing"


# --- the page


def test_a_teacher_sees_every_answer_and_what_was_right(people, answered, ada):
    response = page_of(ada, people.lin)

    assert response.status_code == 200
    words = text_of(response)
    assert "Attempts of Lin" in words
    assert "Careers" in words
    for told in ("Attempt 2 · 1 of 1", "This one counts", "Attempt 1 · 0 of 1", "Right answer", "Peter"):
        assert told in words
    assert words.index("Attempt 2") < words.index("Attempt 1")
    assert f'href="{BACK}" target="_top"' in flat(response)


def test_a_learner_sees_their_own_and_only_what_the_activity_reveals(people, answered):
    placement = placements.find(people.link)
    placements.change_settings(placement, reveal="never", now=timezone.now())

    words = text_of(page_of(answered, people.lin))

    assert "Your attempts" in words
    assert "Right answer" not in words
    assert "Samantha" in words


def test_which_attempt_counts_is_the_teachers_rule(people, answered, ada):
    placement = placements.find(people.link)
    placements.change_settings(placement, which_counts="first", now=timezone.now())

    words = text_of(page_of(ada, people.lin))

    assert "The first attempt counts." in words
    assert words.index("Attempt 1") < words.index("This one counts") < words.index("Attempt 2")


def test_a_grade_for_completing_and_for_answers_is_explained(people, answered, ada):
    placement = placements.find(people.link)
    placements.change_settings(placement, grade_on="both", which_counts="first", now=timezone.now())
    words = text_of(page_of(ada, people.lin))
    assert "0.5 of 1 Half for completing, half for the answers. The first attempt counts." in words
    assert "This one counts" in words

    placements.change_settings(placement, grade_on="completion", now=timezone.now())
    words = text_of(page_of(ada, people.lin))
    assert "1 of 1 Any answer completes the activity." in words
    assert "This one counts" not in words


def test_an_average_marks_no_single_attempt(people, answered, ada):
    placements.change_settings(placements.find(people.link), which_counts="average", now=timezone.now())

    assert "This one counts" not in text_of(page_of(ada, people.lin))


def test_somebody_who_has_not_answered_has_a_page_that_says_so(people, lin, ada):
    assert "Nothing was answered here yet." in text_of(page_of(ada, people.lin))
    assert "You have not answered anything here yet." in text_of(page_of(lin, people.lin))


def test_looking_writes_nothing(people, answered, ada, django_assert_max_num_queries):
    page_of(ada, people.lin)
    with django_assert_max_num_queries(8):
        page_of(ada, people.lin)
    assert Attempt.objects.count() == 2


def test_nobody_but_the_learner_and_the_courses_staff_may_look(people, answered, ada):
    """Each is told the same: that there is nothing."""
    kai, max_ = sit(someone(people, "Kai"), people.link), sit(people.max, people.max_link)
    mentor = sit(someone(people, "Mo", Role.MENTOR), people.link)
    elsewhere = sit(someone(people, "Eve", Role.INSTRUCTOR), people.max_link, role="instructor")
    other = cast("other")
    stranger = sit(other.ada, other.link)

    for reader in (kai, max_, mentor, elsewhere, stranger):
        response = page_of(reader, people.lin)
        assert response.status_code == 404
        assert "Lin" not in text_of(response)
    assert page_of(ada, people.max).status_code == 404


def test_teaching_one_course_opens_no_work_at_another_courses_activity(people, answered, ada):
    Launch.objects.filter(pk=ada.launch.pk).update(resource_link=people.max_link)
    assert page_of(ada, people.lin).status_code == 404


def test_a_demoted_teacher_may_look_no_longer(people, answered, ada):
    """SEC-14: also in a page that was opened before."""
    Membership.objects.filter(user=people.ada).update(role=Role.LEARNER)

    assert page_of(ada, people.lin).status_code == 404


def test_assistants_may_look(people, answered):
    tom = sit(someone(people, "Tom", Role.TEACHING_ASSISTANT), people.link)
    assert "Attempts of Lin" in text_of(page_of(tom, people.lin))


def test_teachers_are_told_why_a_grade_did_not_arrive(people, answered, ada):
    from lti.models import Score

    Score.objects.update(state="failed", last_error="not_in_course")

    assert "Enrol them, then resend." in text_of(page_of(ada, people.lin))
    assert "Enrol them" not in text_of(page_of(answered, people.lin))


def test_an_activity_without_a_byte_says_so(people):
    ada = sit(people.ada, people.link)
    assert "not set up yet" in text_of(page_of(ada, people.lin))
