"""The grade outbox: what the LMS should show, and whether it does."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lti import scopes
from lti.models.courses import PlatformUser, ResourceLink
from lti.models.platforms import Deployment, Registration


class LineItem(models.Model):
    """The grade column of one resource link. `url` is empty (NULL) until it is known, found or created (AGS-10, 11)."""

    deployment = models.ForeignKey(Deployment, on_delete=models.CASCADE, related_name="line_items")
    resource_link = models.OneToOneField(ResourceLink, on_delete=models.CASCADE, related_name="line_item")
    url = models.URLField(max_length=2000, null=True, blank=True)  # noqa: DJ001 - NULLs may repeat under the unique key
    label = models.CharField(max_length=500, blank=True)
    score_maximum = models.DecimalField(max_digits=10, decimal_places=4, default=1)
    resource_id = models.CharField(max_length=255, blank=True)
    tag = models.CharField(max_length=255, blank=True)
    # One worker at a time finds or creates the column.
    lease_until = models.DateTimeField(null=True, blank=True)
    # Over a grade that a teacher changed in the LMS (AGS-31). NULL: as the registration says.
    overwrites = models.BooleanField(
        null=True,
        blank=True,
        help_text=_("Send over grades changed in the LMS. Unknown: as set for the LMS."),
    )
    # What the column should say: line item fields by their AGS names; null takes a field away (AGS-12).
    wishes = models.JSONField(default=dict, blank=True)
    # When a worker should tell the LMS of them next; NULL: it knows, or never will.
    tell_at = models.DateTimeField(null=True, blank=True)
    tell_tries = models.PositiveIntegerField(default=0)
    tell_error = models.CharField(max_length=40, blank=True, help_text="A code of lti.advice.")
    # When somebody last asked what the whole column shows; when that was read; why a later try failed.
    compare_asked_at = models.DateTimeField(null=True, blank=True, editable=False)
    compared_at = models.DateTimeField(null=True, blank=True, editable=False)
    compare_error = models.CharField(max_length=40, blank=True, editable=False, help_text="A code of lti.advice.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["deployment", "url"], name="lti_lineitem_unique_url"),
            models.CheckConstraint(condition=Q(score_maximum__gt=0), name="lti_lineitem_maximum_positive"),
            models.CheckConstraint(condition=~Q(url=""), name="lti_lineitem_url_null_not_empty"),
        ]
        indexes = [models.Index(F("tell_at"), name="lti_lineitem_to_tell", condition=Q(tell_at__isnull=False))]

    def __str__(self) -> str:
        return f"line item {self.pk}"

    @property
    def takes_scores(self) -> bool:
        """Whether the LMS offers a way to a grade: a column, or a list to find or make one in (AGS-10, AGS-17)."""
        link = self.resource_link
        has_list = bool(link.lineitems_url) and bool({scopes.LINEITEM, scopes.LINEITEM_READ} & set(link.ags_scopes))
        return scopes.SCORE in link.ags_scopes and (bool(self.url) or has_list)


class Score(models.Model):
    """The newest wish for one learner's grade at one line item; latest wins (AGS-30)."""

    class State(models.TextChoices):
        DUE = "due", _("waiting to be sent")
        SENT = "sent", _("in the gradebook")
        FAILED = "failed", _("could not be sent")
        UNAVAILABLE = "unavailable", _("the LMS offers no grades here")
        # What we sent isn't there any more: a teacher's own grade is, and stays (AGS-31).
        CHANGED = "changed", _("changed in the LMS")

    line_item = models.ForeignKey(LineItem, db_index=False, on_delete=models.CASCADE, related_name="scores")
    user = models.ForeignKey(PlatformUser, on_delete=models.CASCADE, related_name="scores")
    # NULL is "no grade": the LMS's cell is to be cleared (AGS-24). Zero is a score.
    score_given = models.DecimalField(max_digits=10, decimal_places=4, null=True, blank=True)
    score_maximum = models.DecimalField(max_digits=10, decimal_places=4)
    activity_progress = models.CharField(max_length=20)
    grading_progress = models.CharField(max_length=20)
    comment = models.TextField(blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    # Belongs to the score, not to the try; grows by whole seconds at least (AGS-22).
    timestamp = models.DateTimeField()
    # Grows with each new wish: a worker that was overtaken must not mark the newer one as sent.
    version = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=12, choices=State, default=State.DUE)
    lease_until = models.DateTimeField(null=True, blank=True)
    next_try_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveIntegerField(default=0)
    first_failed_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=40, blank=True, help_text="A code that lti.advice turns into words.")
    last_status = models.PositiveSmallIntegerField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_given = models.DecimalField(max_digits=10, decimal_places=4, null=True, blank=True)
    # Canvas counts a submission per submission time: the same one again must not be a new attempt (AGS-32).
    sent_submitted_at = models.DateTimeField(null=True, blank=True)
    # When the sweep last asked a worker for it, so that a long queue is not filled with repeats.
    rung_at = models.DateTimeField(null=True, blank=True)
    # What the LMS itself showed when it was last asked, on the scale of score_maximum.
    observed = models.DecimalField(max_digits=10, decimal_places=4, null=True, blank=True)
    # When that was. With a time but no value the cell was empty.
    observed_at = models.DateTimeField(null=True, blank=True)
    # What the cell may hold that is ours: [[given, maximum], …] as texts, oldest first; given null is a cleared cell.
    # Written down with the lease: neither a lost answer nor a dead worker makes our grade look like a teacher's.
    ours = models.JSONField(default=list, blank=True)
    # Somebody said: send it over what was changed in the LMS. For one sending.
    overwrites = models.BooleanField(default=False)
    # Of the request whose doing the newest wish is: lines of the log about sending it carry it (lti.references).
    reference = models.CharField(max_length=9, blank=True, default="", db_default="", editable=False)
    # When the row last changed; the database keeps it (lti.stamps).
    updated_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["line_item", "user"], name="lti_score_unique_user_per_line_item"),
            models.CheckConstraint(
                condition=Q(score_given__isnull=True) | Q(score_given__gte=0), name="lti_score_given_not_negative"
            ),
            models.CheckConstraint(condition=Q(score_maximum__gt=0), name="lti_score_maximum_positive"),
            models.CheckConstraint(
                condition=Q(state__in=["due", "sent", "failed", "unavailable", "changed"]),
                name="lti_score_state_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(sent_at__isnull=False), name="lti_score_sent_has_time"
            ),
        ]
        indexes = [
            models.Index(F("next_try_at"), name="lti_score_due", condition=Q(state="due")),
            # What somebody should look at, for pages of staff and for numbers: few rows of many.
            models.Index(F("state"), name="lti_score_open", condition=~Q(state="sent")),
            models.Index(F("lease_until"), name="lti_score_leased", condition=Q(lease_until__isnull=False)),
            models.Index(fields=["line_item", "updated_at", "id"], name="lti_score_changed"),
        ]

    def __str__(self) -> str:
        return f"score {self.pk}"


class ScoreSending(models.Model):
    """One try to send a score: what was sent, and what came of it. Never changed; forgotten after a while (pruning)."""

    score = models.ForeignKey(Score, on_delete=models.CASCADE, related_name="sendings")
    at = models.DateTimeField(db_index=True)
    given = models.DecimalField(max_digits=10, decimal_places=4, null=True, blank=True)
    maximum = models.DecimalField(max_digits=10, decimal_places=4)
    # A lti.outcomes.Verdict by name, a code of lti.grades.advice, and the HTTP status.
    outcome = models.CharField(max_length=12)
    code = models.CharField(max_length=40, blank=True)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    # What the gradebook was seen to show, on the scale of `maximum`; NULL: nobody looked, or it was empty.
    observed = models.DecimalField(max_digits=10, decimal_places=4, null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    outcome__in=["sent", "withheld", "retry", "stale", "changed", "gone", "unauthorized", "final"]
                ),
                name="lti_scoresending_outcome_known",
            ),
        ]

    def __str__(self) -> str:
        return f"sending {self.pk}"


class AccessToken(models.Model):
    """An OAuth 2 access token of an LMS, shared by all processes, encrypted (AGS-04)."""

    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="access_tokens")
    deployment = models.ForeignKey(Deployment, on_delete=models.CASCADE, related_name="access_tokens")
    scope_key = models.CharField(max_length=64, help_text="SHA-256 of the sorted scopes.")
    granted_scopes = models.JSONField(default=list)
    token_encrypted = models.TextField(blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    # Single flight: who holds the lease fetches.
    lease_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["registration", "deployment", "scope_key"], name="lti_accesstoken_unique_scopes"
            ),
        ]

    def __str__(self) -> str:
        return f"access token {self.pk}"
