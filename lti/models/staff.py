"""Who runs the service for whom, and what staff did."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from lti.models.courses import Context, PlatformUser
from lti.models.platforms import Institution


class InstitutionStaff(models.Model):
    """A staff account may see this institution's data. Operators (superusers) need no row: they see all."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="institution_staff")
    institution = models.ForeignKey(Institution, on_delete=models.CASCADE, related_name="staff")

    class Meta:
        verbose_name_plural = "institution staff"
        constraints = [
            models.UniqueConstraint(fields=["user", "institution"], name="lti_institutionstaff_unique_user"),
        ]

    def __str__(self) -> str:
        return f"user {self.user_id} for institution {self.institution_id}"


class StaffAction(models.Model):
    """One thing that somebody of the staff did: who, what, to whom, when, why, and what was so before and after.

    Written in the transaction of the deed itself, never changed. Names and e-mails stand in no column: people are
    references, which erasure empties; `before` and `after` hold settings, points and dates only.
    """

    at = models.DateTimeField()
    # Who: an account of this site, or a teacher as an LMS knows them; neither for the service itself.
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="staff_actions"
    )
    teacher = models.ForeignKey(
        PlatformUser, null=True, blank=True, on_delete=models.SET_NULL, related_name="staff_actions"
    )
    institution = models.ForeignKey(
        Institution, null=True, blank=True, on_delete=models.SET_NULL, related_name="staff_actions"
    )
    context = models.ForeignKey(Context, null=True, blank=True, on_delete=models.SET_NULL, related_name="staff_actions")
    # What: "grade.overridden", "attempt.reset", "registration.approved" …
    action = models.CharField(max_length=60)
    # On what: a model's label and key, as "learning.placement" and "17".
    object_type = models.CharField(max_length=60, blank=True)
    object_id = models.CharField(max_length=40, blank=True)
    # To whom, if it was about one person.
    subject = models.ForeignKey(
        PlatformUser, null=True, blank=True, on_delete=models.SET_NULL, related_name="staff_actions_about"
    )
    reason = models.TextField(blank=True)
    before = models.JSONField(null=True, blank=True)
    after = models.JSONField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(action=""), name="lti_staffaction_says_what"),
            models.CheckConstraint(
                condition=Q(account__isnull=True) | Q(teacher__isnull=True), name="lti_staffaction_one_actor"
            ),
        ]
        indexes = [
            models.Index(F("institution"), F("at").desc(), name="lti_staffaction_of_institution"),
            models.Index(F("context"), F("at").desc(), name="lti_staffaction_of_context"),
            models.Index(F("at").desc(), name="lti_staffaction_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.pk}"
