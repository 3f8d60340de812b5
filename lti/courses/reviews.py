"""Opening one learner's work from the gradebook (OTH-10): whose it is, where it is, and who may look at it.

Moodle sends LtiSubmissionReviewRequest for every column, declared or not; others name `for_user` in plain launches.
Canvas' SpeedGrader launches the address that came with the submission, and names a link that is not the activity's.
"""

from lti import addresses
from lti.claims import SUBMISSION_REVIEW, Claims
from lti.errors import LaunchRefused
from lti.models import Launch, LineItem, Membership, PlatformUser, Score


def subject_of(launch: Launch, claims: Claims) -> PlatformUser | None:
    """Whose work the launch is about; None if it is an ordinary launch, which opens the activity itself.

    Where the LMS named only the grade column, the launch is put at the column's link.
    Raises LaunchRefused: review_not_yours, review_nothing, claim_missing.
    """
    work = addresses.work_named(claims.target_link_uri)
    if work is not None:
        return _of_work(launch, work)
    is_review = claims.message_type == SUBMISSION_REVIEW
    if is_review and not claims.for_user:
        raise LaunchRefused("claim_missing", detail="for_user")
    if not claims.for_user or (not is_review and not launch.is_staff):
        return None
    if claims.for_user == launch.user.sub and not launch.user.is_anonymous:
        if is_review:
            _find_link(launch, claims)
        # In a plain launch a teacher's own page holds nothing to look at.
        return launch.user if is_review else None
    if not launch.is_staff:
        raise LaunchRefused("review_not_yours")
    people = PlatformUser.objects.filter(registration=launch.deployment.registration_id, is_anonymous=False)
    subject = people.filter(sub=claims.for_user).first()
    _find_link(launch, claims)
    if subject is None or not may_look(launch, subject.pk):
        raise LaunchRefused("review_nothing")
    return subject


def _of_work(launch: Launch, score_id: int) -> PlatformUser:
    """The learner behind an address of ours; the launch is put at their activity. Only this tenant's count (SEC-04)."""
    rows = Score.objects.select_related("user", "line_item__resource_link")
    score = rows.filter(pk=score_id, line_item__deployment=launch.deployment_id).first()
    if score is None or not _is_in_course_of(launch, score.line_item):
        raise LaunchRefused("review_nothing")
    if score.user_id != launch.user_id and not launch.is_staff:
        raise LaunchRefused("review_not_yours")
    launch.resource_link = score.line_item.resource_link
    if not may_look(launch, score.user_id):
        raise LaunchRefused("review_nothing")
    launch.save(update_fields=["resource_link"])
    return score.user


def _find_link(launch: Launch, claims: Claims) -> None:
    if launch.resource_link is not None:
        return
    url = claims.ags.lineitem if claims.ags else ""
    # Only this tenant's columns: an address alone proves nothing (SEC-04).
    columns = LineItem.objects.select_related("resource_link").filter(deployment=launch.deployment_id)
    column = columns.filter(url=url).first() if url else None
    if column is None or not _is_in_course_of(launch, column):
        raise LaunchRefused("review_nothing")
    launch.resource_link = column.resource_link
    launch.save(update_fields=["resource_link"])


def may_look(launch: Launch, learner_id: int) -> bool:
    """May this launch's person see that person's work at the launch's link? Own work always, others' if one teaches
    that very course now and they belong to it.
    """
    link = launch.resource_link
    if link is None or launch.user.is_anonymous:
        return False
    if learner_id == launch.user_id:
        return True
    seat = launch.membership
    if not launch.is_staff or seat is None or seat.context_id != link.context_id:
        return False
    return Membership.objects.filter(context=seat.context_id, user=learner_id).exists()


def _is_in_course_of(launch: Launch, column: LineItem) -> bool:
    return launch.membership is None or launch.membership.context_id == column.resource_link.context_id
