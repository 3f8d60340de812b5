"""The invitation with which an LMS registers itself (REG-01)."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lti.models.platforms import Institution, Registration


class RegistrationLink(models.Model):
    """One LMS may register itself with it, once. Only the hash of its token is kept: it is shown when it is made."""

    token_hash = models.CharField(max_length=64, editable=False)
    name = models.CharField(max_length=200)
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="registration_links")
    is_preapproved = models.BooleanField(default=False)
    deployment_policy = models.CharField(
        max_length=10, choices=Registration.DeploymentPolicy, default=Registration.DeploymentPolicy.PENDING
    )
    # Both may be left open. `host`: only the LMS there may use the link. `issuer`: accepted although its host is
    # another one than the configuration's (a self-hosted Canvas that was never told its own name).
    host = models.CharField(max_length=255, blank=True)
    issuer = models.CharField(max_length=255, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0, editable=False)
    # While somebody's registration is under way nobody else's begins.
    claimed_until = models.DateTimeField(null=True, blank=True, editable=False)
    used_at = models.DateTimeField(null=True, blank=True, editable=False)
    registration = models.ForeignKey(
        Registration, null=True, blank=True, on_delete=models.CASCADE, related_name="registration_links"
    )
    granted_scopes = models.JSONField(default=list, blank=True, help_text=_("As the LMS said when it registered."))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["token_hash"], name="lti_registrationlink_unique_token"),
            models.CheckConstraint(
                condition=Q(used_at=None, registration=None) | Q(used_at__isnull=False, registration__isnull=False),
                name="lti_registrationlink_used_for_a_registration",
            ),
            models.CheckConstraint(
                condition=Q(deployment_policy__in=["reject", "pending", "auto"]),
                name="lti_registrationlink_policy_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name
