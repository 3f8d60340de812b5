"""How long an institution keeps what it has about people."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lti.models import Institution

LONGEST = 600


class RetentionRule(models.Model):
    """Without a rule, and where a number is missing, nothing is deleted."""

    institution = models.OneToOneField(Institution, on_delete=models.CASCADE, related_name="retention_rule")
    work_months = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text=_("Erase people this long after they were last active or listed in a course.")
    )
    support_months = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text=_("Delete requests for help this long after they were written.")
    )

    class Meta:
        permissions = [("handle_people", "Can find people, take out what is kept about them, and erase them")]
        constraints = [
            models.CheckConstraint(
                condition=(Q(work_months__isnull=True) | Q(work_months__gte=1, work_months__lte=LONGEST))
                & (Q(support_months__isnull=True) | Q(support_months__gte=1, support_months__lte=LONGEST)),
                name="privacy_retentionrule_months_sensible",
            ),
        ]

    def __str__(self) -> str:
        return f"rule of institution {self.institution_id}"
