"""What learners say: a rating, that a question is unclear, that they need help."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from itpm_byte.content.models import Byte, Question
from itpm_byte.learning.models.placements import Placement
from lti.models import PlatformUser


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
