"""Logs carry facts with ids, nothing private."""

import io
import json
import logging

import structlog

from itpm_byte import logs


def test_a_private_value_that_slips_in_is_not_written():
    event = logs.drop_private(None, "info", {"event": "x", "registration": 7, "Email": "lin@example.org"})

    assert event == {"event": "x", "registration": 7, "Email": "[private]"}


def test_a_production_line_is_one_json_object(settings):
    logs.configure({"level": "INFO", "as_json": True})
    stream = io.StringIO()
    handler = logging.getLogger().handlers[0]
    original = handler.setStream(stream)
    try:
        structlog.get_logger("lti").info("launch_refused", reason="state_unknown", id_token="abc")
    finally:
        handler.setStream(original)
        logs.configure(settings.LOGGING)

    line = json.loads(stream.getvalue())
    assert (line["event"], line["reason"], line["id_token"]) == ("launch_refused", "state_unknown", "[private]")
    assert (line["level"], line["logger"]) == ("info", "lti")
