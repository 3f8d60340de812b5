"""What learners did and what it is worth."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from itpm_byte.content.models import Byte, Choice, Question
from lti.models import Deployment, PlatformUser, ResourceLink


class Placement(models.Model):
    """A Byte behind one resource link, with the teacher's settings."""

    class WhichCounts(models.TextChoices):
        BEST = "best", _("best attempt")
        LAST = "last", _("last attempt")
        FIRST = "first", _("first attempt")
        AVERAGE = "average", _("average of all attempts")

    class GradeOn(models.TextChoices):
        QUIZ = "quiz", _("quiz points")
        COMPLETION = "completion", _("completion")
        BOTH = "both", _("both, half each")

    class Copy(models.TextChoices):
        """What is known of an activity that a teacher may have copied (OTH-08). Attempts are never copied."""

        NONE = "none", _("not a copy")
        CLONED = "cloned", _("settings taken over, the teacher has not said yet whether to keep them")
        SUGGESTED = "suggested", _("perhaps a copy, the teacher has not said yet of what")
        KEPT = "kept", _("a copy, settings kept")
        FRESH = "fresh", _("begun afresh")

    class Reveal(models.TextChoices):
        AFTER_ANSWER = "after_answer", _("right after each answer")
        AFTER_LAST = "after_last", _("when no attempt is left or all is right")
        NEVER = "never", _("never")

    uuid = models.UUIDField(default=uuid.uuid4, editable=False, unique=True)
    resource_link = models.OneToOneField(ResourceLink, on_delete=models.CASCADE, related_name="placement")
    byte = models.ForeignKey(Byte, on_delete=models.PROTECT, related_name="placements")
    follows_current = models.BooleanField(default=True, help_text=_("Move to a new version when it is published."))
    attempts_allowed = models.PositiveSmallIntegerField(null=True, blank=True, help_text=_("Empty: no limit."))
    which_counts = models.CharField(max_length=10, choices=WhichCounts, default=WhichCounts.BEST)
    grade_on = models.CharField(max_length=12, choices=GradeOn, default=GradeOn.QUIZ)
    reveal = models.CharField(
        max_length=12, choices=Reveal, default=Reveal.AFTER_ANSWER, help_text=_("When the right answer is shown.")
    )
    opens_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    closes_at = models.DateTimeField(null=True, blank=True)
    copied_from = models.ForeignKey(
        "self", null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="copies"
    )
    copy_state = models.CharField(max_length=10, choices=Copy, default=Copy.NONE, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(copy_state__in=["none", "cloned", "suggested", "kept", "fresh"]),
                name="learning_placement_copy_state_known",
            ),
            models.CheckConstraint(
                condition=Q(attempts_allowed__isnull=True) | Q(attempts_allowed__gte=1),
                name="learning_placement_attempts_positive",
            ),
            models.CheckConstraint(
                condition=Q(which_counts__in=["best", "last", "first", "average"]),
                name="learning_placement_which_counts_known",
            ),
            models.CheckConstraint(
                condition=Q(grade_on__in=["quiz", "completion", "both"]), name="learning_placement_grade_on_known"
            ),
            models.CheckConstraint(
                condition=Q(reveal__in=["after_answer", "after_last", "never"]), name="learning_placement_reveal_known"
            ),
            models.CheckConstraint(
                condition=Q(opens_at__isnull=True) | Q(closes_at__isnull=True) | Q(closes_at__gt=F("opens_at")),
                name="learning_placement_closes_after_opening",
            ),
        ]

    def __str__(self) -> str:
        return str(self.uuid)

    @property
    def asks_about_copy(self) -> bool:
        """Should a teacher be asked what it was copied from?"""
        return self.copy_state in {self.Copy.CLONED, self.Copy.SUGGESTED}


class Pick(models.Model):
    """What a teacher chose in the LMS's own picker. Links made of it carry its `uuid` and take its settings with the
    first launch; copies of such a link do so, too. It may never be used: LMSs need not make the link (DL-18).
    """

    uuid = models.UUIDField(default=uuid.uuid4, editable=False, unique=True)
    deployment = models.ForeignKey(Deployment, on_delete=models.CASCADE, related_name="picks")
    made_by = models.ForeignKey(PlatformUser, null=True, on_delete=models.SET_NULL, related_name="picks")
    byte_slug = models.SlugField(max_length=80)
    language = models.CharField(max_length=35)
    title = models.CharField(max_length=200)
    score_maximum = models.DecimalField(max_digits=10, decimal_places=4)
    settings = models.JSONField(help_text=_("Fields of a placement by name."))
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(score_maximum__gt=0), name="learning_pick_maximum_positive"),
        ]

    def __str__(self) -> str:
        return str(self.uuid)


class Attempt(models.Model):
    """One go at all questions of a Byte version. Its number is what makes a repeated submit harmless."""

    uuid = models.UUIDField(default=uuid.uuid4, editable=False, unique=True)
    placement = models.ForeignKey(Placement, on_delete=models.CASCADE, related_name="attempts")
    learner = models.ForeignKey(PlatformUser, on_delete=models.CASCADE, related_name="attempts")
    byte = models.ForeignKey(Byte, on_delete=models.PROTECT, related_name="attempts")
    number = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    points = models.DecimalField(max_digits=10, decimal_places=4, null=True, blank=True)
    points_possible = models.PositiveIntegerField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["placement", "learner", "number"], name="learning_attempt_unique_number"),
            models.UniqueConstraint(
                fields=["placement", "learner"],
                condition=Q(submitted_at__isnull=True),
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
            models.CheckConstraint(condition=Q(number__gte=1), name="learning_attempt_number_positive"),
            models.CheckConstraint(
                condition=Q(points_possible__gte=1), name="learning_attempt_points_possible_positive"
            ),
        ]

    def __str__(self) -> str:
        return str(self.uuid)


class Response(models.Model):
    """One chosen option in an attempt."""

    attempt = models.ForeignKey(Attempt, on_delete=models.CASCADE, related_name="responses")
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
    """One learner at one placement: the one row that pages and reports read. Always equals what the attempts say."""

    placement = models.ForeignKey(Placement, on_delete=models.CASCADE, related_name="progress")
    learner = models.ForeignKey(PlatformUser, on_delete=models.CASCADE, related_name="progress")
    seen_sections = models.JSONField(default=list, blank=True)
    started_at = models.DateTimeField()
    last_activity_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True, blank=True)
    attempts_submitted = models.PositiveIntegerField(default=0)
    counted_points = models.DecimalField(max_digits=10, decimal_places=4, null=True, blank=True)
    counted_possible = models.PositiveIntegerField(null=True, blank=True)

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

    def __str__(self) -> str:
        return f"progress {self.pk}"


class Feedback(models.Model):
    """What a learner thinks of a Byte version: agreement on five points, and a comment. Changeable."""

    placement = models.ForeignKey(Placement, on_delete=models.CASCADE, related_name="feedback")
    learner = models.ForeignKey(PlatformUser, on_delete=models.CASCADE, related_name="feedback")
    byte = models.ForeignKey(Byte, on_delete=models.PROTECT, related_name="feedback")
    rating = models.PositiveSmallIntegerField()
    comment = models.TextField(blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "feedback"
        constraints = [
            models.UniqueConstraint(fields=["placement", "learner", "byte"], name="learning_feedback_one_per_version"),
            models.CheckConstraint(
                condition=Q(rating__gte=1, rating__lte=5), name="learning_feedback_rating_one_to_five"
            ),
        ]

    def __str__(self) -> str:
        return f"feedback {self.pk}"


class UnclearQuestion(models.Model):
    """A learner finds a question unclear, and may say why. Changeable."""

    placement = models.ForeignKey(Placement, on_delete=models.CASCADE, related_name="unclear_questions")
    learner = models.ForeignKey(PlatformUser, on_delete=models.CASCADE, related_name="unclear_questions")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="told_unclear")
    reason = models.TextField(blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["placement", "learner", "question"], name="learning_unclearquestion_one_per_question"
            ),
        ]

    def __str__(self) -> str:
        return f"unclear question {self.pk}"


class SupportRequest(models.Model):
    """A learner asks for a person's help; staff see it."""

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        ANSWERED = "answered", _("answered")

    placement = models.ForeignKey(Placement, on_delete=models.CASCADE, related_name="support_requests")
    learner = models.ForeignKey(PlatformUser, on_delete=models.CASCADE, related_name="support_requests")
    message = models.TextField()
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(message=""), name="learning_supportrequest_message_not_empty"),
            models.CheckConstraint(
                condition=Q(status__in=["open", "answered"]), name="learning_supportrequest_status_known"
            ),
        ]

    def __str__(self) -> str:
        return f"support request {self.pk}"
