"""Where something about a person is kept, why, and what erasing does to it.

tests/privacy/test_places.py walks all models: one that leads to a person and stands not here makes it fail.
"""

from dataclasses import dataclass

from django.apps import apps
from django.db.models import Model, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lti.models import PlatformUser


@dataclass(frozen=True, slots=True)
class Place:
    """A table. `paths` lead from a row to the person; `secret` are columns that are keys of ours, not data."""

    label: str
    paths: tuple[str, ...]
    why: str | Promise
    erased: str | Promise
    secret: frozenset[str] = frozenset()

    @property
    def model(self) -> type[Model]:
        return apps.get_model(self.label)

    @property
    def title(self) -> str:
        name = str(TITLES.get(self.label) or self.model._meta.verbose_name_plural)
        return name[:1].upper() + name[1:]

    def rows(self, person: PlatformUser) -> QuerySet[Model]:
        mine = Q()
        for path in self.paths:
            mine |= Q(**{path: person.pk})
        return self.model._default_manager.filter(mine).order_by("pk")


# Where the model's own name says little to who is not at home here.
TITLES = {
    "lti.PlatformUser": _("Identity"),
    "lti.Membership": _("Courses"),
    "lti.GroupMember": _("Groups"),
    "lti.Launch": _("Visits"),
    "learning.Response": _("Answers"),
    "lti.Score": _("Grades"),
    "lti.ScoreSending": _("Tries to send grades"),
    "lti.StaffAction": _("Audit log"),
}
KEPT_AS_NOBODYS = _("stays for statistics, as nobody’s")
DELETED = _("deleted")

PLACES = (
    Place(
        "lti.PlatformUser",
        ("pk",),
        _("who it is: the platform’s ID, name, e-mail, language"),
        _("emptied; a random ID takes the place of the platform’s"),
    ),
    Place(
        "lti.Membership",
        ("user",),
        _("the role in each course, and when the person was there last"),
        _("deleted; where work stays, so does its role in the course, as nobody’s"),
    ),
    Place("lti.GroupMember", ("user",), _("groups of a course, for filters"), DELETED),
    Place(
        "lti.Launch",
        ("user", "membership__user"),
        _("visits and the sessions they open, for a week"),
        _("deleted; pages that are open ask to be opened again"),
        frozenset({"proof_hash", "login"}),
    ),
    Place(
        "lti.DeepLinkingRequest",
        ("launch__user",),
        _("a choice of activities under way, with its visit"),
        DELETED,
        frozenset({"settings_encrypted", "answer_encrypted"}),
    ),
    Place("learning.Pick", ("made_by",), _("activities that a teacher chose"), _("stays, without who chose it")),
    Place("learning.Progress", ("learner",), _("how far the learner is in each activity"), KEPT_AS_NOBODYS),
    Place("learning.Attempt", ("learner",), _("attempts, for grade and review"), KEPT_AS_NOBODYS),
    Place("learning.Response", ("attempt__learner",), _("the answers of each attempt"), KEPT_AS_NOBODYS),
    Place(
        "learning.Feedback",
        ("learner",),
        _("what the learner thinks of a Byte"),
        _("the rating stays as nobody’s, the comment is deleted"),
    ),
    Place(
        "learning.UnclearQuestion",
        ("learner",),
        _("questions that the learner found unclear"),
        _("that it was unclear stays as nobody’s, the reason is deleted"),
    ),
    Place("learning.SupportRequest", ("learner",), _("requests for help"), DELETED),
    Place(
        "learning.Receipt",
        ("progress__learner",),
        _("receipts that the learner asked for, for others to check"),
        _("deleted: its address leads nowhere"),
    ),
    Place(
        "learning.Arrangement",
        ("learner",),
        _("what a teacher arranged for the learner in an activity"),
        _("more attempts and dates are deleted; a grade that counts stays as nobody’s"),
    ),
    Place("learning.StandingAccommodation", ("learner",), _("what a teacher arranged for a whole course"), DELETED),
    Place(
        "lti.Score",
        ("user",),
        _("grades for the learning platform, and whether they arrived"),
        _("deleted; what the platform has got stays there"),
    ),
    Place("lti.ScoreSending", ("score__user",), _("each try to send a grade"), DELETED),
    Place(
        "lti.StaffAction",
        ("teacher", "subject"),
        _("what teachers and staff did, or what was done for the person"),
        _("that it was done stays as nobody’s; reasons about the person are deleted"),
    ),
)
