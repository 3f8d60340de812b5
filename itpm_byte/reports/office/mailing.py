"""Mails with a saved view: sent by a worker, once per period; a link, or the rows as a file.

A mail's text names the view and nothing else. Its recipient is a staff account that could open the view now; what the
file holds is what that account may see.
"""

import email.policy
from datetime import datetime
from typing import Any

import structlog
from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from itpm_byte.insight import completion, saved_views, totals
from itpm_byte.insight.completion_rows import TABLE
from itpm_byte.insight.models import Subscription
from itpm_byte.reports import export
from itpm_byte.reports.office.filters import FilterForm

SALT = "itpm_byte.unsubscribe"
# More rows than that go as a link.
MOST_ROWS = 20_000
AT_A_TIME = 50
LONGEST_LINE = 900

log = structlog.get_logger(__name__)


class _Mail(EmailMessage):
    """Headers stay in one line: a long address that is folded gets encoded, and mail programs find no button in it."""

    def message(self, *, policy: Any = email.policy.default) -> Any:
        return super().message(policy=policy.clone(max_line_length=LONGEST_LINE))


def send_due(*, now: datetime) -> int:
    """All that are due, one after the other. How many mails left."""
    if not settings.MAILERS:
        return 0
    sent = 0
    for _turn in range(AT_A_TIME):
        subscription = saved_views.claim_due(now=now)
        if subscription is None:
            break
        sent += _send(subscription, now=now)
    return sent


def _send(subscription: Subscription, *, now: datetime) -> bool:
    account, view = subscription.account, subscription.view
    may = account.is_active and account.is_staff and account.email
    if not may or not saved_views.visible_to(account).filter(pk=view.pk).exists():
        subscription.delete()
        log.info("mailing.recipient_gone", view=view.pk)
        return False
    message = _message(subscription, now=now)
    if not saved_views.settle(subscription, now=now):
        return False
    message.send()
    log.info("mailing.sent", view=view.pk, subscription=subscription.pk)
    return True


def _message(subscription: Subscription, *, now: datetime) -> EmailMessage:
    view, account = subscription.view, subscription.account
    link = settings.PUBLIC_URL + reverse("office:view", args=[view.uuid])
    stop = settings.PUBLIC_URL + reverse("office:unsubscribe", args=[token_of(subscription)])
    rows = _rows(subscription)
    said = _("The rows are in the file that comes with this mail.") if rows else _("Open it here:")
    text = _("The report “%(name)s”.\n\n%(said)s\n%(link)s\n\nYou asked for this mail. To end it, open:\n%(stop)s\n")
    message = _Mail(
        subject=_("Report: %(name)s") % {"name": " ".join(view.name.split())},
        body=text % {"name": view.name, "said": said, "link": link, "stop": stop},
        to=[account.email],
        headers={"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
    )
    if rows:
        message.attach(f"completion-{now:%Y-%m-%d}.csv", rows, "text/csv")
    return message


def _rows(subscription: Subscription) -> str:
    """The file; "" when it is to be a link: as chosen, or because it would be too long, or the filters fit no more."""
    if subscription.form != Subscription.Form.FILE:
        return ""
    account = subscription.account
    form = FilterForm(QueryDict(subscription.view.query), account)
    try:
        if not form.is_valid() or totals.report(account, form.wish()).numbers.rows > MOST_ROWS:
            return ""
        return "".join(export.csv_chunks(TABLE, completion.stream(account, form.wish())))
    except completion.SearchTooWide:
        return ""


def token_of(subscription: Subscription) -> str:
    return signing.dumps(subscription.pk, salt=SALT)


def by_token(token: str) -> Subscription | None:
    """None for a subscription that ended. Raises signing.BadSignature for what we never made."""
    key = signing.loads(token, salt=SALT)
    return Subscription.objects.select_related("view", "account").filter(pk=key).first()
