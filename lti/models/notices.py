"""What an LMS told us by itself, without anybody's launch (OTH-09)."""

from django.db import models
from django.db.models import Q

from lti.models.platforms import Deployment


class Notice(models.Model):
    """One notice whose signature was good. Its id is what makes a second delivery harmless."""

    deployment = models.ForeignKey(Deployment, on_delete=models.CASCADE, related_name="notices")
    notice_id = models.CharField(max_length=255)
    notice_type = models.CharField(max_length=80)
    # Of a copied course: {"context": {"id", "title", "label"}, "origins": [ids]}. Nothing about people.
    told = models.JSONField(default=dict, blank=True)
    received_at = models.DateTimeField(db_index=True)
    handled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["deployment", "notice_id"], name="lti_notice_unique_in_deployment"),
            models.CheckConstraint(condition=~Q(notice_id=""), name="lti_notice_id_not_empty"),
        ]

    def __str__(self) -> str:
        return f"notice {self.pk}"


class NoticeMiss(models.Model):
    """How often one sender was refused in its last bad minute; `sender` is a hash. Forgotten after an hour."""

    sender = models.CharField(max_length=64)
    minute = models.DateTimeField(db_index=True)
    number = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sender"], name="lti_noticemiss_unique_sender")]

    def __str__(self) -> str:
        return f"miss {self.pk}"
