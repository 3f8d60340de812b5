"""Ratings as rows of a file and of the API: one row a version of the Byte; empty cells where too few rated."""

from django.utils.translation import gettext_lazy as _

from itpm_byte.insight.feedback import Summary
from itpm_byte.insight.tables import Column, Table
from itpm_byte.learning.feedback import RATINGS


def _times(rating: int) -> Column[Summary]:
    return Column(
        f"rated_{rating}",
        _("Rated %(rating)s") % {"rating": rating},
        lambda summary: summary.ratings[rating] if summary.ratings else None,
    )


FEEDBACK: Table[Summary] = Table(
    "feedback",
    (
        Column("version", _("Version"), lambda summary: summary.byte.version),
        Column("language", _("Language"), lambda summary: summary.byte.language),
        Column("count", _("Ratings"), lambda summary: summary.count),
        Column("mean", _("Mean of 1 to 5"), lambda summary: summary.mean),
        *(_times(rating) for rating in RATINGS),
    ),
)
