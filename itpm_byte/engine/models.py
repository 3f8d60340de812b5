"""When each job of the upkeep is due: shared by all workers, so that it runs once however many there are."""

from django.db import models


class PeriodicJob(models.Model):
    """One job of `engine.upkeep`. Whoever moves `due_at` on runs it."""

    name = models.CharField(max_length=40)
    due_at = models.DateTimeField()
    began_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name"], name="engine_periodicjob_unique_name")]

    def __str__(self) -> str:
        return self.name
