"""Tokens of programs, and the answers that a repeated request gets again."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from lti.models import Institution


class ApiToken(models.Model):
    """What a program shows to read or write one institution's data. Only the hash of the secret is kept."""

    # The public part of the token's text: to recognise it, and to find the row.
    prefix = models.CharField(max_length=12)
    secret_hash = models.CharField(max_length=64, help_text="SHA-256 of the whole token.")
    name = models.CharField(max_length=200)
    institution = models.ForeignKey(Institution, on_delete=models.CASCADE, related_name="api_tokens")
    scopes = models.JSONField(default=list)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="api_tokens"
    )
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    # The minute of the newest request, and how many came in it: for the limit, and for people to see.
    used_minute = models.DateTimeField(null=True, blank=True)
    used_count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["prefix"], name="api_apitoken_unique_prefix"),
            models.CheckConstraint(condition=~Q(secret_hash=""), name="api_apitoken_has_hash"),  # nosec B106
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")) & Q(expires_at__lte=F("created_at") + timedelta(days=366)),
                name="api_apitoken_ends_within_a_year",
            ),
        ]

    def __str__(self) -> str:
        return f"token {self.prefix}"

    @property
    def is_revoked(self) -> bool:
        return self.revoked_at is not None

    def is_expired(self, now: datetime) -> bool:
        return self.expires_at <= now


class KeptAnswer(models.Model):
    """The answer to a request that carried an Idempotency-Key, for whoever sends the same request again."""

    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="kept_answers")
    key = models.CharField(max_length=255)
    request_hash = models.CharField(max_length=64, help_text="SHA-256 of method, path and body.")
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="api_keptanswer_unique_key")]

    def __str__(self) -> str:
        return f"kept answer {self.pk}"
