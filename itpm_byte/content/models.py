"""What is taught: frozen versions of Bytes, their questions and pictures."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Picture(models.Model):
    """One sanitised illustration, addressed by the SHA-256 of its bytes; the address never changes its content."""

    digest = models.CharField(max_length=64)
    media_type = models.CharField(max_length=40)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["digest"], name="content_picture_unique_digest")]

    def __str__(self) -> str:
        return self.digest


class ByteQuerySet(models.QuerySet["Byte"]):
    def published(self, *, now: datetime) -> Self:
        """The current version of each Byte in each language."""
        return self.filter(is_current=True, published_at__lte=now)

    def current(self, slug: str, language: str) -> "Byte":
        """The published version in this language, else in its base language, else in English, else in any.

        `language` is a BCP 47 tag such as 'fr-CA'. Raises Byte.DoesNotExist when nothing is published by this slug.
        """
        wanted = language.lower()
        wishes = [wanted, wanted.partition("-")[0], "en"]
        found = {byte.language.lower(): byte for byte in self.filter(slug=slug, is_current=True).order_by("language")}
        for wish in [*wishes, *found]:
            if wish in found:
                return found[wish]
        raise Byte.DoesNotExist(f"no Byte '{slug}' is published")


class Byte(models.Model):
    """One frozen version of a Byte: an edit is a new version, attempts keep theirs."""

    slug = models.SlugField(max_length=80)
    version = models.PositiveIntegerField()
    language = models.CharField(max_length=35)
    title = models.CharField(max_length=200)
    objective = models.CharField(max_length=500)
    minutes = models.PositiveSmallIntegerField()
    # The typed sections as loaded (see content.document); pictures by digest.
    document = models.JSONField()
    content_hash = models.CharField(max_length=64)
    points_possible = models.PositiveIntegerField()
    pass_mark = models.PositiveSmallIntegerField(default=60, help_text=_("Per cent of the points."))
    licence = models.CharField(max_length=200)
    author = models.CharField(max_length=200)
    attribution = models.CharField(max_length=500, blank=True)
    published_at = models.DateTimeField()
    is_current = models.BooleanField(default=True)
    pictures = models.ManyToManyField(Picture, related_name="bytes")

    objects = ByteQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["slug", "version", "language"], name="content_byte_unique_version"),
            models.UniqueConstraint(
                fields=["slug", "language"], condition=Q(is_current=True), name="content_byte_one_current"
            ),
            models.CheckConstraint(condition=Q(pass_mark__lte=100), name="content_byte_pass_mark_per_cent"),
            models.CheckConstraint(condition=Q(points_possible__gte=1), name="content_byte_points_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.slug} v{self.version} ({self.language})"


class Question(models.Model):
    """One question of a Byte version. `key` is the id that the file gives it, unique in the Byte."""

    class Kind(models.TextChoices):
        SINGLE = "single", _("one right answer")
        MULTIPLE = "multiple", _("several right answers")

    byte = models.ForeignKey(Byte, on_delete=models.CASCADE, related_name="questions")
    key = models.SlugField(max_length=80)
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.SINGLE)
    prompt = models.TextField()
    explanation = models.TextField(blank=True)
    points = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["byte", "position"], name="content_question_unique_position"),
            models.UniqueConstraint(fields=["byte", "key"], name="content_question_unique_key"),
            models.CheckConstraint(condition=Q(points__gte=1), name="content_question_points_positive"),
            models.CheckConstraint(condition=Q(kind__in=["single", "multiple"]), name="content_question_kind_known"),
        ]

    def __str__(self) -> str:
        return self.key


class Choice(models.Model):
    """One option of a question with its own feedback. `key` is unique in the question."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="choices")
    key = models.SlugField(max_length=80)
    position = models.PositiveSmallIntegerField()
    text = models.TextField()
    is_correct = models.BooleanField()
    feedback = models.TextField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["question", "position"], name="content_choice_unique_position"),
            models.UniqueConstraint(fields=["question", "key"], name="content_choice_unique_key"),
        ]

    def __str__(self) -> str:
        return self.key
