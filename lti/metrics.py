"""Counters that every process keeps for Prometheus; `itpm_byte.watch` shows them added up.

Labels are few and from lists of ours (an LMS by its registration, a cause by its code): never a person, a course or a
text from outside. Names follow Prometheus' own conventions: base units, `_total` for counters.
"""

from prometheus_client import Counter, Histogram

LAUNCHES = Counter("itpm_launches", "Launches that were let in.", ["registration"])
REFUSALS = Counter("itpm_launch_refusals", "Logins and launches that were refused, by cause.", ["reason"])
TOKEN_CALLS = Counter("itpm_token_calls", "Access tokens asked of an LMS, by outcome.", ["registration", "outcome"])
DELIVERIES = Counter("itpm_score_tries", "Tries to send a score, by outcome.", ["registration", "outcome"])
SUBMITS = Counter("itpm_submits", "Attempts that learners finished.", ["grade_on"])
DELIVERY_SECONDS = Histogram(
    "itpm_score_delivery_seconds",
    "From the moment when a score was wished for until the LMS had it.",
    ["registration"],
    buckets=(0.5, 1, 2, 5, 10, 30, 60, 300, 1800, 7200, 86400),
)
REPORT_SECONDS = Histogram(
    "itpm_report_seconds",
    "Time to make a page, a file or an answer of a report, by its address.",
    ["report"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60),
)
