"""What operators were told about."""

from django.db import models
from django.db.models import Q

from lti.models import Registration


class Incident(models.Model):
    """Grades for one LMS that do not get there, from the first mail about it until the one that it is over."""

    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="+")
    opened_at = models.DateTimeField()
    # NULL until that mail has left.
    told_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["registration"], condition=Q(closed_at__isnull=True), name="watch_incident_one_open"
            )
        ]

    def __str__(self) -> str:
        return f"incident {self.pk}"
