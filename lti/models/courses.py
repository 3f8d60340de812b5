"""Courses, people, their roles, and the links they launch."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lti.models.platforms import Deployment, Registration


class Role(models.TextChoices):
    """What somebody is in one course; from context roles alone (OTH-03)."""

    ADMINISTRATOR = "administrator", _("administrator")
    INSTRUCTOR = "instructor", _("instructor")
    CONTENT_DEVELOPER = "content_developer", _("content developer")
    TEACHING_ASSISTANT = "teaching_assistant", _("teaching assistant")
    MENTOR = "mentor", _("mentor")
    LEARNER = "learner", _("learner")
    NONE = "none", _("no role")


class Context(models.Model):
    """A course in an LMS; its id is unique within the deployment (CORE-29)."""

    deployment = models.ForeignKey(Deployment, on_delete=models.CASCADE, related_name="contexts")
    context_id = models.CharField(max_length=255)
    title = models.CharField(max_length=500, blank=True)
    label = models.CharField(max_length=255, blank=True)
    term = models.CharField(max_length=255, blank=True)
    memberships_url = models.URLField(max_length=2000, blank=True)
    groups_url = models.URLField(max_length=2000, blank=True)
    group_sets_url = models.URLField(max_length=2000, blank=True)
    # When a launch last asked a worker for the roster; when the answer that is kept was begun; why a later one failed.
    roster_asked_at = models.DateTimeField(null=True, blank=True, editable=False)
    roster_synced_at = models.DateTimeField(null=True, blank=True)
    roster_error = models.CharField(max_length=40, blank=True, editable=False, help_text=_("A code of lti.roster."))
    # When everybody was listed, and where only changes since the last answer are told (NRPS-03).
    roster_complete_at = models.DateTimeField(null=True, blank=True, editable=False)
    roster_differences_url = models.CharField(max_length=2000, blank=True, editable=False)
    # Ids of the courses it was copied from, newest first, as a notice of the LMS said (OTH-09).
    origin_ids = models.JSONField(default=list, blank=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["deployment", "context_id"], name="lti_context_unique_in_deployment"),
            models.CheckConstraint(condition=~Q(context_id=""), name="lti_context_id_not_empty"),
        ]

    def __str__(self) -> str:
        return self.title or self.label or self.context_id


class PlatformUser(models.Model):
    """A person as one LMS knows them: registration and sub, never an e-mail (CORE-33)."""

    # Where a unique constraint's index begins with a key, the key has none of its own.
    registration = models.ForeignKey(
        Registration, db_index=False, on_delete=models.PROTECT, related_name="platform_users"
    )
    sub = models.CharField(max_length=255)
    name = models.CharField(max_length=500, blank=True)
    email = models.CharField(max_length=320, blank=True)
    locale = models.CharField(max_length=35, blank=True)
    is_anonymous = models.BooleanField(default=False)
    # Since then the row is nobody's: no name, a random `sub`; what was learned stays for statistics.
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)
    # When the row last changed; the database keeps it (lti.stamps).
    updated_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["registration", "sub"], name="lti_platformuser_unique_sub"),
            models.CheckConstraint(condition=~Q(sub=""), name="lti_platformuser_sub_not_empty"),
        ]
        indexes = [models.Index(fields=["registration", "updated_at", "id"], name="lti_platformuser_changed")]

    def __str__(self) -> str:
        return f"user {self.pk}"

    @property
    def display_name(self) -> str:
        """Name, else the local part of the e-mail, else a pseudonym (OK-06, OK-08)."""
        return self.name or self.email.partition("@")[0] or _("Participant %(number)s") % {"number": self.pk}


class Membership(models.Model):
    """One person in one course. The role is replaced at each launch, never accumulated (SEC-14)."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("active")
        INACTIVE = "inactive", _("inactive")
        LEFT = "left", _("left the course")

    context = models.ForeignKey(Context, db_index=False, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(PlatformUser, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role)
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE)
    is_test_user = models.BooleanField(default=False)
    last_launch_at = models.DateTimeField(null=True, blank=True)
    # The newest roster that listed this person.
    roster_seen_at = models.DateTimeField(null=True, blank=True)
    # When the row last changed; the database keeps it (lti.stamps).
    updated_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["context", "user"], name="lti_membership_unique_user_in_context"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="lti_membership_role_known"),
            models.CheckConstraint(
                condition=Q(status__in=["active", "inactive", "left"]), name="lti_membership_status_known"
            ),
        ]
        indexes = [models.Index(fields=["context", "updated_at", "id"], name="lti_membership_changed")]

    def __str__(self) -> str:
        return f"user {self.user_id} in context {self.context_id}"


class Group(models.Model):
    """A group of a course as the LMS keeps it (OTH-11). For filters in lists; it decides nothing."""

    context = models.ForeignKey(Context, on_delete=models.CASCADE, related_name="groups")
    group_id = models.CharField(max_length=255)
    name = models.CharField(max_length=500, blank=True)
    tag = models.CharField(max_length=255, blank=True)
    set_id = models.CharField(max_length=255, blank=True)
    set_name = models.CharField(max_length=500, blank=True)
    users: "models.ManyToManyField[PlatformUser, GroupMember]" = models.ManyToManyField(
        PlatformUser, through="GroupMember", related_name="groups"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["context", "group_id"], name="lti_group_unique_in_context"),
            models.CheckConstraint(condition=~Q(group_id=""), name="lti_group_id_not_empty"),
        ]

    def __str__(self) -> str:
        return self.name or self.group_id


class GroupMember(models.Model):
    """One person in one group."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(PlatformUser, on_delete=models.CASCADE, related_name="group_members")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "user"], name="lti_groupmember_unique_user_in_group"),
        ]

    def __str__(self) -> str:
        return f"user {self.user_id} in group {self.group_id}"


class ResourceLink(models.Model):
    """One place in an LMS that launches us; its id is unique within the deployment (CORE-26)."""

    deployment = models.ForeignKey(Deployment, on_delete=models.CASCADE, related_name="resource_links")
    context = models.ForeignKey(Context, null=True, blank=True, on_delete=models.CASCADE, related_name="resource_links")
    resource_link_id = models.CharField(max_length=255)
    title = models.CharField(max_length=500, blank=True)
    # What the LMS offers for grades at this link (AGS claim of the newest launch, AGS-15).
    lineitems_url = models.URLField(max_length=2000, blank=True)
    ags_scopes = models.JSONField(default=list, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["deployment", "resource_link_id"], name="lti_resourcelink_unique_in_deployment"
            ),
            models.CheckConstraint(condition=~Q(resource_link_id=""), name="lti_resourcelink_id_not_empty"),
        ]

    def __str__(self) -> str:
        return self.title or self.resource_link_id
