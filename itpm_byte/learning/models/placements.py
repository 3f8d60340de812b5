"""A Byte behind a link, and what a teacher chose before there was a link."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from itpm_byte.content.models import Byte
from lti.models import Deployment, PlatformUser, ResourceLink

# States of a copy in which a teacher is asked.
ASKING = frozenset({"cloned", "suggested"})


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
    # Per cent of the points; NULL: the Byte's own.
    pass_mark = models.PositiveSmallIntegerField(null=True, blank=True, help_text=_("Empty: as the Byte says."))
    opens_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    closes_at = models.DateTimeField(null=True, blank=True)
    copied_from = models.ForeignKey(
        "self", null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="copies"
    )
    copy_state = models.CharField(max_length=10, choices=Copy, default=Copy.NONE, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    # When the row last changed; the database keeps it (lti.stamps).
    updated_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(copy_state__in=["none", "cloned", "suggested", "kept", "fresh"]),
                name="learning_placement_copy_state_known",
            ),
            models.CheckConstraint(
                condition=Q(pass_mark__isnull=True) | Q(pass_mark__lte=100),
                name="learning_placement_pass_mark_per_cent",
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
        return self.copy_state in ASKING


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
