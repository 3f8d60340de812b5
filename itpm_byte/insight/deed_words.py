"""What staff did, in words. tests/insight/test_deeds.py fails where a deed of the code has none."""

from django.apps import apps
from django.utils.translation import gettext_lazy as _

WORDS = {
    "account.recovery_codes_renewed": _("made new recovery codes for their log-in"),
    "account.second_step_off": _("switched the second step of their log-in off"),
    "account.second_step_on": _("switched a second step of their log-in on"),
    "accommodation.set": _("gave a learner more attempts or days in a whole course"),
    "accommodation.withdrawn": _("took back what a learner was given in a whole course"),
    "admin.added": _("added a record in the administration"),
    "admin.changed": _("changed a record in the administration"),
    "admin.deleted": _("deleted a record in the administration"),
    "api_token.made": _("made a token for a program"),
    "api_token.revoked": _("revoked a program’s token"),
    "attempt.reset": _("reset an attempt"),
    "attempts.given": _("gave a learner more attempts"),
    "attempts.marked": _("had attempts marked again by a corrected key"),
    "dates.set": _("set a learner’s own dates"),
    "deployment.approved": _("let a deployment in"),
    "deployment.disabled": _("switched a deployment off"),
    "grade.overridden": _("gave a grade of their own"),
    "grade.override_withdrawn": _("took back a grade of their own"),
    "grade.resent": _("sent a grade again"),
    "grade.sent_over": _("sent a grade over one that was changed in the gradebook"),
    "grade.rule_changed": _("chose whether grades go over those that were changed in the gradebook"),
    "key.rotated": _("made a new signing key"),
    "learner.exempted": _("exempted a learner"),
    "learner.included": _("ended a learner’s exemption"),
    "person.erased": _("erased a person"),
    "person.exported": _("took out all that is kept about a person"),
    "registration.approved": _("let a learning platform in"),
    "registration.disabled": _("switched a learning platform off"),
    "registration.entered": _("connected a learning platform"),
    "registration.entered_again": _("entered a known learning platform again"),
    "registration.policy_chosen": _("chose what happens with unknown deployments"),
    "registration_link.made": _("made a registration link"),
    "registration_link.withdrawn": _("withdrew a registration link"),
    "retention.applied": _("applied the rules on how long data is kept"),
    "retention.rule_set": _("set how long data is kept"),
    "settings.changed": _("changed an activity’s settings"),
    "support.settled": _("settled a request for help"),
    "view.deleted": _("deleted a saved view"),
    "view.saved": _("saved a view of the report"),
    "view.subscribed": _("asked for a report by e-mail"),
    "view.unsubscribed": _("ended a report by e-mail"),
}


def words_of(action: str) -> str:
    """The deed as the end of a sentence; the code itself for one that is not known any more."""
    return str(WORDS.get(action, action.replace("_", " ").replace(".", ": ")))


def thing_of(object_type: str, object_id: str) -> str:
    """What it was done to, as "placement 17": keys only, because records name nobody."""
    if not object_type:
        return ""
    try:
        name = str(apps.get_model(object_type)._meta.verbose_name)
    except LookupError:
        name = object_type
    return f"{name} {object_id}"
