"""What learners did: attempts, the chosen options, and the one row that pages and reports read."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from itpm_byte.content.models import Byte, Choice, Question
from itpm_byte.learning.models.placements import Placement
from lti.models import PlatformUser


class Attempt(models.Model):
    """One go at all questions of a Byte version. Its number is what makes a repeated submit harmless.

    A teacher may reset one: it is kept (`voided_at`), but counts for nothing, and its number is not given again.
    """

    uuid = models.UUIDField(default=uuid.uuid4, editable=False, unique=True)
    # Where a unique constraint's index begins with a key, the key has none of its own.
    placement = models.ForeignKey(Placement, db_index=False, on_delete=models.CASCADE, related_name="attempts")
    learner = models.ForeignKey(PlatformUser, on_delete=models.CASCADE, related_name="attempts")
    byte = models.ForeignKey(Byte, on_delete=models.PROTECT, related_name="attempts")
    number = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    voided_at = models.DateTimeField(null=True, blank=True)
    points = models.DecimalField(max_digits=10, decimal_places=4, null=True, blank=True)
    points_possible = models.PositiveIntegerField()
    # The version whose key corrects that of the attempt's own; NULL: its own (learning.marking).
    marked_with = models.ForeignKey(
        Byte, null=True, blank=True, db_index=False, on_delete=models.PROTECT, related_name="+"
    )
    # When the row last changed; the database keeps it (lti.stamps).
    updated_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["placement", "learner", "number"], name="learning_attempt_unique_number"),
            models.UniqueConstraint(
                fields=["placement", "learner"],
                condition=Q(submitted_at__isnull=True, voided_at__isnull=True),
                name="learning_attempt_one_open",
            ),
            models.CheckConstraint(
                condition=Q(points__isnull=True, submitted_at__isnull=True)
                | Q(points__isnull=False, submitted_at__isnull=False),
                name="learning_attempt_points_exactly_when_submitted",
            ),
            models.CheckConstraint(
                condition=Q(points__isnull=True) | Q(points__gte=0, points__lte=F("points_possible")),
                name="learning_attempt_points_in_range",
            ),
            models.CheckConstraint(
                condition=Q(marked_with__isnull=True) | Q(submitted_at__isnull=False),
                name="learning_attempt_marked_anew_when_submitted",
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="learning_attempt_number_positive"),
            models.CheckConstraint(
                condition=Q(points_possible__gte=1), name="learning_attempt_points_possible_positive"
            ),
        ]
        indexes = [models.Index(fields=["placement", "updated_at", "id"], name="learning_attempt_changed")]

    def __str__(self) -> str:
        return str(self.uuid)


class Response(models.Model):
    """One chosen option in an attempt."""

    attempt = models.ForeignKey(Attempt, db_index=False, on_delete=models.CASCADE, related_name="responses")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="responses")
    choice = models.ForeignKey(Choice, on_delete=models.PROTECT, related_name="responses")
    answered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["attempt", "question", "choice"], name="learning_response_unique_choice"),
        ]

    def __str__(self) -> str:
        return f"response {self.pk}"


class Progress(models.Model):
    """One learner at one placement: the one row that pages and reports read. Always equals what the attempts say, and
    what a teacher arranged: an own grade goes before theirs, who is exempt has none.
    """

    placement = models.ForeignKey(Placement, db_index=False, on_delete=models.CASCADE, related_name="progress")
    learner = models.ForeignKey(PlatformUser, on_delete=models.CASCADE, related_name="progress")
    seen_sections = models.JSONField(default=list, blank=True)
    # NULL: the learner has not begun; a teacher gave a grade before that.
    started_at = models.DateTimeField(null=True, blank=True)
    last_activity_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    attempts_submitted = models.PositiveIntegerField(default=0)
    counted_points = models.DecimalField(max_digits=10, decimal_places=4, null=True, blank=True)
    counted_possible = models.PositiveIntegerField(null=True, blank=True)
    # When the row last changed; the database keeps it (lti.stamps).
    updated_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)

    class Meta:
        verbose_name_plural = "progress"
        constraints = [
            models.UniqueConstraint(fields=["placement", "learner"], name="learning_progress_one_per_learner"),
            models.CheckConstraint(
                condition=Q(counted_points__isnull=True, counted_possible__isnull=True)
                # Said twice, because a comparison with NULL is not false and a CHECK lets it pass.
                | Q(counted_points__isnull=False, counted_possible__isnull=False)
                & Q(counted_points__gte=0, counted_possible__gte=1, counted_points__lte=F("counted_possible")),
                name="learning_progress_points_in_range",
            ),
        ]
        indexes = [
            models.Index(fields=["placement", "updated_at", "id"], name="learning_progress_changed"),
            # Reports by date over many courses.
            models.Index(
                F("completed_at"), name="learning_progress_completed", condition=Q(completed_at__isnull=False)
            ),
            models.Index(F("last_activity_at"), name="learning_progress_active"),
            models.Index(F("placement"), name="learning_progress_not_begun", condition=Q(started_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"progress {self.pk}"


class Receipt(models.Model):
    """A learner shows others that they completed a Byte: whoever has the code sees it, until it is withdrawn."""

    progress = models.OneToOneField(Progress, on_delete=models.CASCADE, related_name="receipt")
    code = models.CharField(max_length=20, unique=True)
    shows_name = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"receipt {self.pk}"
