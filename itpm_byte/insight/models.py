"""Counts that reports over many courses read instead of millions of rows; `tallies.recount` makes them anew."""

from django.db import models
from django.db.models import F

from itpm_byte.content.models import Byte
from itpm_byte.learning.models import Placement


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
