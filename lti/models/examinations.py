"""What the connection doctor found when it last looked."""

from django.db import models

from lti.models.platforms import Registration


class Examination(models.Model):
    """The newest visit of the doctor to one registration; findings appear one by one."""

    registration = models.OneToOneField(Registration, on_delete=models.CASCADE, related_name="examination")
    asked_at = models.DateTimeField()
    began_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    # lti.doctor.Finding as JSON: codes and facts, no secrets, nothing about people.
    findings = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"examination {self.pk}"
