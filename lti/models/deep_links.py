"""What an LMS asked for when a teacher chooses activities, and the one answer to it."""

from django.db import models
from django.db.models import Q

from lti.models.launches import Launch


class DeepLinkingRequest(models.Model):
    """The settings of one deep linking launch, and what was answered. One answer per request (DL-04, SEC-13).

    Encrypted: the LMS's return address may hold a key of the person's session there (Moodle's does).
    """

    launch = models.OneToOneField(Launch, on_delete=models.CASCADE, related_name="deep_linking")
    settings_encrypted = models.TextField(editable=False)
    # Where pages of this launch may post forms to besides us, for their security policy (DL-19).
    return_origin = models.CharField(max_length=300)
    answer_encrypted = models.TextField(
        blank=True, editable=False, help_text="The form that carries the signed answer."
    )
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answer_encrypted="")
                | Q(answered_at__isnull=False) & ~Q(answer_encrypted=""),
                name="lti_deeplinkingrequest_answered_with_answer",
            ),
        ]

    def __str__(self) -> str:
        return f"deep linking request {self.pk}"
