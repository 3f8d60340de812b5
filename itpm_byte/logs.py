"""Structured logs: facts with ids. One JSON object a line in production, readable lines in development.

Never log names, e-mails, tokens, answers or return URLs; the processors here drop such keys if one slips in.
"""

import logging
import logging.config
import re
from collections.abc import Mapping
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

# Keys whose values are never written, whoever logs them.
PRIVATE_KEYS = frozenset(
    {"authorization", "client_assertion", "access_token", "id_token", "token", "secret", "cookie"}
    | {"email", "name", "return_url", "comment", "message"}
)


def drop_private(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace the values of private keys, so that the line still shows that something was said."""
    return {key: "[private]" if key.lower() in PRIVATE_KEYS else value for key, value in event.items()}


# Addresses that are secrets: who has a registration link can connect an LMS, who has a receipt's code sees it.
_LINK = re.compile(r"(/lti/register/|/r/|/unsubscribe/)[^/\s]+")


def hide_links(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Django's own lines about requests name the path."""
    return {key: _LINK.sub(r"\1[private]", said) if isinstance(said, str) else said for key, said in event.items()}


# What PostgreSQL adds to an error: the row that was in the way, a part of the statement with its values.
_VALUES = re.compile(r"^((?:LINE \d+|DETAIL|CONTEXT|HINT): ).*$", re.MULTILINE)


def hide_values(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """A stack of calls ends with the error's own text."""
    if "exception" in event:
        event["exception"] = _LINK.sub(r"\1[private]", _VALUES.sub(r"\1[private]", event["exception"]))
    return event


SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    drop_private,
    hide_links,
]


def configure(settings: Mapping[str, Any]) -> None:
    """Called by Django with settings.LOGGING: {"level": str, "as_json": bool}."""
    renderer: Processor = (
        structlog.processors.JSONRenderer() if settings["as_json"] else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "structured": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": SHARED,
                    "processors": [
                        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                        structlog.processors.format_exc_info,
                        hide_values,
                        renderer,
                    ],
                }
            },
            "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "structured"}},
            "root": {"handlers": ["console"], "level": settings["level"]},
            # urllib3 would write service URLs, Django's server every path, and its tasks two lines each: ours say more.
            "loggers": {
                "urllib3": {"level": "ERROR"},
                "django.server": {"level": "WARNING"},
                "django.tasks": {"level": "WARNING"},
            },
        }
    )
