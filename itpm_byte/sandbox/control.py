"""What tests may do to a pretend LMS from outside: look into the store, change it, plan faults, sign anything.

Every call carries the control token that the process printed at its start; without it these addresses do not exist.
"""

import json
import secrets
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from itpm_byte.sandbox import selection
from itpm_byte.sandbox.claims import launch_claims
from itpm_byte.sandbox.lms import Lms, PendingLaunch, lms_of
from itpm_byte.sandbox.seed import registration_for
from itpm_byte.sandbox.store import ROOMS

Body = dict[str, Any]


def call(function: Callable[[Lms, Body], Any]) -> Callable[[HttpRequest], HttpResponse]:
    """A control call: JSON object in, JSON out. Anyone without the token gets a 404."""

    @csrf_exempt
    @wraps(function)
    def view(request: HttpRequest) -> HttpResponse:
        lms = lms_of(request)
        if not secrets.compare_digest(request.headers.get("X-Sandbox-Control", ""), lms.control_token):
            raise Http404
        try:
            answer = function(lms, json.loads(request.body or "{}"))
        except (KeyError, TypeError, ValueError, AttributeError) as problem:
            return JsonResponse({"problem": f"{type(problem).__name__}: {problem}"}, status=400)
        return JsonResponse({"answer": answer}, json_dumps_params={"ensure_ascii": False})

    return view


@call
def addresses(lms: Lms, body: Body) -> Any:
    return lms.addresses | {"url": lms.url, "manner": lms.manner.name}


@call
def reset(lms: Lms, body: Body) -> Any:
    lms.reset(body.get("tool_url"))
    lms.remember_key()


@call
def play(lms: Lms, body: Body) -> Any:
    """Another LMS from now on, on its first day: {"manner": "sakai"}. Answers what its admin says of it."""
    lms.play(body["manner"])
    lms.reset(body.get("tool_url"))
    lms.remember_key()
    return lms.addresses


@call
def connect(lms: Lms, body: Body) -> Any:
    """Another tool address, or other single fields of the registration."""
    with lms.store.changing():
        registration = lms.store.registration
        if "tool_url" in body:
            lms.store.registration = registration = registration_for(
                body.pop("tool_url"), client_id=registration.client_id, deployment_id=registration.deployment_id
            )
        _set(registration, body)
        lms.tool_keys = None


@call
def store(lms: Lms, body: Body) -> Any:
    return {name: value for name, value in lms.store.as_dict().items() if name != "signing_key"}


@call
def change(lms: Lms, body: Body) -> Any:
    """Fields of one row: {"room": "grades", "key": "29:lin", "changes": {…}}. A row that is not there yet is made."""
    rows = getattr(lms.store, body["room"])
    with lms.store.changing():
        if body["key"] in rows:
            _set(rows[body["key"]], body["changes"])
        else:
            rows[body["key"]] = ROOMS[body["room"]](**body["changes"])


@call
def remove(lms: Lms, body: Body) -> Any:
    with lms.store.changing():
        getattr(lms.store, body["room"]).pop(body["key"])


@call
def faults(lms: Lms, body: Body) -> Any:
    """The faults planned; {"clear": true} forgets them, {"add": {…}} plans one."""
    if body.get("clear"):
        lms.faults.clear()
    if "add" in body:
        lms.faults.add(**body["add"])
    return lms.faults.as_list()


@call
def held(lms: Lms, body: Body) -> Any:
    """How many requests hang at this moment because of a fault."""
    return lms.faults.held


@call
def storage(lms: Lms, body: Body) -> Any:
    """How platform storage is set; fields of storage.Storage change it."""
    lms.storage.change(**body)
    return lms.storage.as_dict()


@call
def sit(lms: Lms, body: Body) -> Any:
    """This person counts as logged in in browsers without the LMS's cookie; "" ends it."""
    lms.sits_here = body["person"]


@call
def log(lms: Lms, body: Body) -> Any:
    entries = list(lms.log)
    if body.get("clear"):
        lms.log.clear()
    return entries


@call
def clock(lms: Lms, body: Body) -> Any:
    """The LMS's clock goes `seconds` ahead of the true one (negative: behind)."""
    lms.clock_shift = timedelta(seconds=body["seconds"])


@call
def forget_tokens(lms: Lms, body: Body) -> Any:
    lms.tokens.clear()


@call
def rotate_keys(lms: Lms, body: Body) -> Any:
    lms.rotate_keys(overlaps=body.get("overlaps", False))


@call
def begin(lms: Lms, body: Body) -> Any:
    """The form fields that a launch of `link` by `person` begins with."""
    return lms.login_fields(lms.begin_launch(lms.store.people[body["person"]], body["link"]))


@call
def begin_selection(lms: Lms, body: Body) -> Any:
    """The form fields that "Select content" by `person` in `course` begins with."""
    return lms.login_fields(selection.begin(lms, lms.store.people[body["person"]], body["course"]))


@call
def bend(lms: Lms, body: Body) -> Any:
    """The token of the launch with this message hint comes out as the test wants it."""
    pending = lms.pending[body["hint"]]
    pending.changes, pending.header = body.get("claims", {}), body.get("header", {})
    pending.key = body.get("key", "current")


@call
def claims(lms: Lms, body: Body) -> Any:
    """What a launch would say, for tests that sign for themselves."""
    pending = PendingLaunch("", body["person"], body["link"], changes=body.get("changes", {}))
    if pending.person not in lms.store.people or pending.link not in lms.store.links:
        raise KeyError(f"{pending.person} or {pending.link}")
    return launch_claims(lms, pending, nonce=body["nonce"], now=int(lms.now().timestamp()))


@call
def sign(lms: Lms, body: Body) -> Any:
    algorithm = lms.manner.signing_algorithm
    return lms.keys.sign(body["claims"], header=body.get("header"), key=body.get("key", "current"), algorithm=algorithm)


def _set(row: Any, changes: Body) -> None:
    for name, value in changes.items():
        if not hasattr(row, name):
            raise KeyError(f"{type(row).__name__} has no {name}")
        setattr(row, name, value)
