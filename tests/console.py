"""`python -m tests.console`: a live tool's Django that does what a test asks, one question after another.

Starting Django takes a second, most questions a millisecond. Each line on standard input is a JSON object,
{"command": ["load_byte", …]} or {"source": "print(…)"}; each line of the answer is {"said": …} or {"problem": …}.
"""

import contextlib
import io
import json
import sys
import traceback
from typing import Any


def answer(asked: dict[str, Any]) -> dict[str, str]:
    from django.core.management import call_command

    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            if command := asked.get("command"):
                call_command(*command)
            else:
                exec(asked["source"], {"__name__": "asked"})
    except (Exception, SystemExit):
        return {"problem": said.getvalue() + traceback.format_exc()}
    return {"said": said.getvalue()}


def main() -> None:
    import django

    django.setup()
    from lti import http

    for line in sys.stdin:
        told = answer(json.loads(line))
        http.session().close()
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
