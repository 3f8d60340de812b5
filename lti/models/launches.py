"""A login that was begun, and the launch it became. At most one launch per login: the database says so."""

import uuid
from typing import Any

from django.db import models
from django.db.models import Q

from lti.models.courses import Membership, PlatformUser, ResourceLink, Role
from lti.models.platforms import Deployment, Registration


class Login(models.Model):
    """An OIDC login that we began (CORE-08). Only hashes of what the browser holds are kept."""

    state_hash = models.CharField(max_length=64)
    nonce = models.CharField(max_length=64)
    binding_hash = models.CharField(max_length=64, help_text="SHA-256 of the secret that only this browser holds.")
    # No indexes but those that something is found by: each costs every launch a page to write.
    registration = models.ForeignKey(Registration, db_index=False, on_delete=models.CASCADE, related_name="logins")
    target_link_uri = models.CharField(max_length=2000)
    deployment_hint = models.CharField(max_length=255, blank=True)
    storage_target = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["state_hash"], name="lti_login_unique_state")]

    def __str__(self) -> str:
        return f"login {self.pk}"


class Launch(models.Model):
    """One signed launch and the session it opened. The id stands in every URL of the session and is no secret."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Unique: a state and its nonce are consumed by the insert itself, across processes (CORE-20).
    login = models.OneToOneField(Login, null=True, on_delete=models.SET_NULL, related_name="launch")
    deployment = models.ForeignKey(Deployment, on_delete=models.CASCADE, related_name="launches")
    user = models.ForeignKey(PlatformUser, on_delete=models.CASCADE, related_name="launches")
    membership = models.ForeignKey(
        Membership, null=True, db_index=False, on_delete=models.CASCADE, related_name="launches"
    )
    resource_link = models.ForeignKey(
        ResourceLink, null=True, db_index=False, on_delete=models.CASCADE, related_name="launches"
    )
    message_type = models.CharField(max_length=60)
    role = models.CharField(max_length=20, choices=Role)
    is_test_user = models.BooleanField(default=False)
    locale = models.CharField(max_length=35, blank=True)
    document_target = models.CharField(max_length=10, blank=True)
    # SHA-256 of the secret in this browser's cookie or bearer token; empty until the browser is proven (CK-16).
    proof_hash = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    # What LTI_LAUNCH_BESIDE told of the link when this launch was recorded; None: nothing, or a new link.
    of_product: Any = None

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(role__in=Role.values), name="lti_launch_role_known"),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def current_role(self) -> str:
        """The role in the course now: a demotion counts in older tabs too (SEC-14)."""
        return self.membership.role if self.membership else self.role

    @property
    def is_learner(self) -> bool:
        return self.current_role == Role.LEARNER

    @property
    def is_staff(self) -> bool:
        return self.current_role in {
            Role.ADMINISTRATOR,
            Role.INSTRUCTOR,
            Role.CONTENT_DEVELOPER,
            Role.TEACHING_ASSISTANT,
        }

    @property
    def may_author(self) -> bool:
        """Who adds activities to the course and sets them up: assistants grade, but decide nothing (DL-02, OTH-03)."""
        return self.current_role in {Role.ADMINISTRATOR, Role.INSTRUCTOR, Role.CONTENT_DEVELOPER}

    @property
    def is_gradable(self) -> bool:
        """Only real learners in a course are graded: no test users, nobody anonymous (AGS-28)."""
        return self.is_learner and not self.is_test_user and not self.user.is_anonymous
