"""What teachers arrange for one learner: more attempts, other dates, an own grade, none at all."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from itpm_byte.learning.models.placements import Placement
from lti.models import Context, PlatformUser


class Arrangement(models.Model):
    """What holds for one learner at one placement instead of, or on top of, the placement's settings.

    Who arranged what, when and why stands in `lti.StaffAction`.
    """

    placement = models.ForeignKey(Placement, on_delete=models.CASCADE, related_name="arrangements")
    learner = models.ForeignKey(PlatformUser, on_delete=models.CASCADE, related_name="arrangements")
    extra_attempts = models.PositiveSmallIntegerField(default=0)
    # An own date goes before the placement's; NULL: the placement's counts.
    opens_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    closes_at = models.DateTimeField(null=True, blank=True)
    # Need not do this activity: no grade is counted or sent.
    is_exempt = models.BooleanField(default=False)
    # A teacher's own grade, instead of what the attempts make.
    override_points = models.DecimalField(max_digits=10, decimal_places=4, null=True, blank=True)
    override_possible = models.PositiveIntegerField(null=True, blank=True)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["placement", "learner"], name="learning_arrangement_one_per_learner"),
            models.CheckConstraint(
                condition=Q(override_points__isnull=True, override_possible__isnull=True)
                # Said twice, because a comparison with NULL is not false and a CHECK lets it pass.
                | Q(override_points__isnull=False, override_possible__isnull=False)
                & Q(override_points__gte=0, override_possible__gte=1, override_points__lte=F("override_possible")),
                name="learning_arrangement_override_in_range",
            ),
            models.CheckConstraint(
                condition=Q(opens_at__isnull=True) | Q(closes_at__isnull=True) | Q(closes_at__gt=F("opens_at")),
                name="learning_arrangement_closes_after_opening",
            ),
        ]

    def __str__(self) -> str:
        return f"arrangement {self.pk}"


class StandingAccommodation(models.Model):
    """What holds for one learner in all activities of a course, those that come later too: more attempts, more days."""

    context = models.ForeignKey(Context, on_delete=models.CASCADE, related_name="accommodations")
    learner = models.ForeignKey(PlatformUser, on_delete=models.CASCADE, related_name="accommodations")
    extra_attempts = models.PositiveSmallIntegerField(default=0)
    extra_days = models.PositiveSmallIntegerField(default=0, help_text=_("On top of due and closing dates."))
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["context", "learner"], name="learning_standingaccommodation_one_per_learner"
            ),
            models.CheckConstraint(
                condition=Q(extra_attempts__gte=1) | Q(extra_days__gte=1),
                name="learning_standingaccommodation_gives_something",
            ),
        ]

    def __str__(self) -> str:
        return f"standing accommodation {self.pk}"
