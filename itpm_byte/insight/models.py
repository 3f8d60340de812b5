"""Counts that reports over many courses read instead of millions of rows; `tallies.recount` makes them anew."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from itpm_byte.content.models import Byte
from itpm_byte.learning.models import Placement
from lti.models import Institution


class PlacementTally(models.Model):
    """How far the learners of one placement are, by the Byte version that they had; as of `counted_at`."""

    placement = models.ForeignKey(Placement, on_delete=models.CASCADE, related_name="tallies")
    byte = models.ForeignKey(Byte, on_delete=models.CASCADE, related_name="+")
    counted_at = models.DateTimeField()
    not_started = models.PositiveIntegerField(default=0)
    in_progress = models.PositiveIntegerField(default=0)
    completed = models.PositiveIntegerField(default=0)
    left = models.PositiveIntegerField(default=0)
    # Of those who completed.
    passed = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "placement tallies"
        constraints = [
            models.UniqueConstraint(fields=["placement", "byte"], name="insight_placementtally_one_per_version")
        ]
        # Which placements were not counted for longest, and as of when a report is.
        indexes = [models.Index(F("counted_at"), name="insight_placementtally_oldest")]

    def __str__(self) -> str:
        return f"tally {self.pk}"


class DayTally(models.Model):
    """What happened at one placement on one day (UTC): who completed then, and whose last activity was then."""

    placement = models.ForeignKey(Placement, on_delete=models.CASCADE, related_name="day_tallies")
    byte = models.ForeignKey(Byte, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    completed = models.PositiveIntegerField(default=0)
    passed = models.PositiveIntegerField(default=0)
    # By last activity.
    active_in_progress = models.PositiveIntegerField(default=0)
    active_completed = models.PositiveIntegerField(default=0)
    active_left = models.PositiveIntegerField(default=0)
    active_passed = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "day tallies"
        constraints = [models.UniqueConstraint(fields=["placement", "byte", "day"], name="insight_daytally_one_a_day")]
        # Trends and date filters over all placements.
        indexes = [models.Index(F("day"), F("placement"), name="insight_daytally_by_day")]

    def __str__(self) -> str:
        return f"day tally {self.pk}"


class SavedView(models.Model):
    """A wish for the completion report with a name and a permanent address."""

    uuid = models.UUIDField(default=uuid.uuid4, editable=False, unique=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=200)
    # The filters as in the report's own address.
    query = models.TextField(blank=True)
    # Shared with this institution's staff; NULL: for the owner alone.
    institution = models.ForeignKey(
        Institution, null=True, blank=True, on_delete=models.SET_NULL, related_name="saved_views"
    )
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="insight_savedview_has_name")]

    def __str__(self) -> str:
        return self.name


class Subscription(models.Model):
    """A view that is sent to a staff account by e-mail."""

    class Every(models.TextChoices):
        WEEK = "week", _("every Monday")
        MONTH = "month", _("on the first of every month")

    class Form(models.TextChoices):
        LINK = "link", _("a link")
        FILE = "file", _("the rows as a file")

    view = models.ForeignKey(SavedView, on_delete=models.CASCADE, related_name="subscriptions")
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="subscriptions")
    every = models.CharField(max_length=10, choices=Every)
    form = models.CharField(max_length=10, choices=Form)
    next_at = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["view", "account"], name="insight_subscription_one_per_account"),
            models.CheckConstraint(
                condition=Q(every__in=["week", "month"], form__in=["link", "file"]),
                name="insight_subscription_choices_known",
            ),
        ]
        # What the worker looks for.
        indexes = [models.Index(F("next_at"), name="insight_subscription_due")]

    def __str__(self) -> str:
        return f"subscription {self.pk}"
