"""The tool at one LMS (registration), its tenants (deployments), and the keys we sign with."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Institution(models.Model):
    """Who owns the data: a school or company. Deployments belong to one."""

    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=80)
    support_url = models.URLField(blank=True, help_text=_("Where learners find a person who helps them."))
    support_email = models.EmailField(blank=True, help_text=_("Used when there is no link."))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["slug"], name="lti_institution_unique_slug")]

    def __str__(self) -> str:
        return self.name


class Registration(models.Model):
    """The tool at one LMS: keyed by issuer and client id, never by issuer alone (CORE-04)."""

    class Status(models.TextChoices):
        PENDING = "pending", _("waiting for approval")
        ACTIVE = "active", _("active")
        DISABLED = "disabled", _("disabled")

    class DeploymentPolicy(models.TextChoices):
        REJECT = "reject", _("refuse unknown deployments")
        PENDING = "pending", _("keep unknown deployments for approval")
        AUTO = "auto", _("accept unknown deployments")

    uuid = models.UUIDField(default=uuid.uuid4, editable=False, unique=True)
    institution = models.ForeignKey(
        Institution, on_delete=models.PROTECT, help_text=_("Owner of the deployments that arrive by themselves.")
    )
    name = models.CharField(max_length=200)
    issuer = models.CharField(max_length=255)
    client_id = models.CharField(max_length=255)
    auth_login_url = models.URLField(max_length=500)
    auth_token_url = models.URLField(max_length=500)
    jwks_url = models.URLField(max_length=500)
    audience = models.CharField(max_length=500, blank=True, help_text=_("Only if the LMS names one (Brightspace)."))
    product = models.CharField(
        max_length=80, blank=True, help_text=_("The LMS's own product name: manners, not security.")
    )
    signing_algorithms = models.JSONField(default=list, blank=True, help_text=_('Empty means ["RS256"].'))
    frame_origins = models.JSONField(default=list, blank=True, help_text=_("Further origins that may frame us."))
    trusted_audiences = models.JSONField(default=list, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE)
    deployment_policy = models.CharField(max_length=10, choices=DeploymentPolicy, default=DeploymentPolicy.REJECT)
    is_default = models.BooleanField(default=False, help_text=_("Used when the LMS sends no client id (CORE-03)."))
    is_azp_strict = models.BooleanField(default=True, help_text=_("Refuse a foreign authorized party (CORE-18)."))
    allows_anonymous = models.BooleanField(default=False, help_text=_("Accept launches without a user (CORE-28)."))
    overwrites_changes = models.BooleanField(
        default=False, help_text=_("Send grades over those that teachers changed in the LMS (AGS-31).")
    )
    # The LMS's key set, last good one, shared by all processes (SEC-16).
    jwks = models.JSONField(null=True, blank=True, editable=False)
    jwks_fetched_at = models.DateTimeField(null=True, blank=True, editable=False)
    jwks_failed_at = models.DateTimeField(null=True, blank=True, editable=False)
    # When to ask for it again; and when a token with an unknown key last made somebody ask before that.
    jwks_expires_at = models.DateTimeField(null=True, blank=True, editable=False)
    jwks_missed_at = models.DateTimeField(null=True, blank=True, editable=False)
    jwks_missed_kid = models.CharField(max_length=255, blank=True, editable=False)
    # How its services fare, shared by all workers: a pause for the whole LMS, and how often it failed in a row.
    services_paused_until = models.DateTimeField(null=True, blank=True, editable=False)
    services_failures = models.PositiveIntegerField(default=0, editable=False)
    services_error = models.CharField(max_length=40, blank=True, editable=False, help_text=_("A code of lti.advice."))
    services_error_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issuer", "client_id"], name="lti_registration_unique_issuer_client"),
            models.UniqueConstraint(
                fields=["issuer"], condition=Q(is_default=True), name="lti_registration_one_default_per_issuer"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "active", "disabled"]), name="lti_registration_status_known"
            ),
            models.CheckConstraint(condition=~Q(issuer="") & ~Q(client_id=""), name="lti_registration_ids_not_empty"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def algorithms(self) -> list[str]:
        return self.signing_algorithms or ["RS256"]


class ToolKey(models.Model):
    """A key pair we sign with. Published before it is used, kept after it is replaced (OTH-15)."""

    kid = models.CharField(max_length=64)
    algorithm = models.CharField(max_length=10, default="RS256")
    private_key_encrypted = models.TextField(editable=False)
    public_jwk = models.JSONField(editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    activates_at = models.DateTimeField()
    retires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kid"], name="lti_toolkey_unique_kid")]

    def __str__(self) -> str:
        return self.kid


class Deployment(models.Model):
    """The tenant: one installation of the registration (CORE-41)."""

    class Status(models.TextChoices):
        PENDING = "pending", _("waiting for approval")
        ACTIVE = "active", _("active")
        DISABLED = "disabled", _("disabled")

    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="deployments")
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="deployments")
    deployment_id = models.CharField(max_length=255)
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE)
    # Where we ask to be told of copied courses (OTH-09), and when we last asked.
    notices_url = models.URLField(max_length=2000, blank=True, editable=False)
    notices_asked_at = models.DateTimeField(null=True, blank=True, editable=False)
    notices_error = models.CharField(max_length=40, blank=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["registration", "deployment_id"], name="lti_deployment_unique_in_registration"
            ),
            models.CheckConstraint(condition=~Q(deployment_id=""), name="lti_deployment_id_not_empty"),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "active", "disabled"]), name="lti_deployment_status_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.registration_id}/{self.deployment_id}"
