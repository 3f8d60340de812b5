"""Open edX's own LMS side of LTI (lti-consumer-xblock) in a plain Django: a process of its own, for contract tests.

    .venv-contract/bin/python tests/contract/openedx_lms.py http://127.0.0.1:8000

It runs in the environment that `./bootstrap.sh contract` makes, never in ours: nothing of it is imported or shipped.
All of LTI is theirs: tokens, keys, launches, services. What their code asks of the rest of Open edX (who is in the
course, where a grade goes) is answered here, by one course of four people. Prints one line of JSON when it listens;
leaves when standard input closes.
"""

import json
import os
import sys
import tempfile
import threading
import uuid
from socketserver import ThreadingMixIn
from types import SimpleNamespace

import django
from django.conf import settings
from django.core.management import call_command
from django.core.servers.basehttp import WSGIRequestHandler, WSGIServer
from django.core.wsgi import get_wsgi_application

COURSE = "course-v1:School+CAREERS1+2026"
# Name, the role as Open edX calls it, what to call them.
PEOPLE = {
    "ada": ("instructor", "Ada Okafor"),
    "lin": ("student", "Lin Tran"),
    "kai": ("student", "Kai Jensen"),
    "tom": ("Community TA", "Tom Bergström"),
}
# Blocks of the course by how grades work there: with a column of its own, or with columns that the tool makes.
BLOCKS = {
    "rotated": "declarative",
    "opened": "declarative",
    "graded": "declarative",
    "again": "declarative",
    "made": "programmatic",
    "picked": "declarative",
}
POINTS = 10


def configure(port: int, folder: str) -> None:
    here = f"http://localhost:{port}"
    settings.configure(
        SECRET_KEY=uuid.uuid4().hex,
        ALLOWED_HOSTS=["localhost", "127.0.0.1"],
        ROOT_URLCONF=__name__,
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": f"{folder}/lms.sqlite3"}},
        INSTALLED_APPS=[
            "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "config_models",
            "lti_consumer",
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "edx_django_utils.cache.middleware.RequestCacheMiddleware",
            "edx_django_utils.cache.middleware.TieredCacheMiddleware",
        ],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
        # Tables as the models are now: their history is of no interest here.
        MIGRATION_MODULES=dict.fromkeys(("auth", "contenttypes", "sessions", "config_models", "lti_consumer")),
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        REST_FRAMEWORK={"UNAUTHENTICATED_USER": None},
        USE_TZ=True,
        LOGGING_CONFIG=None,
        OPENEDX_TELEMETRY=[],
        SILENCED_SYSTEM_CHECKS=["models.W042"],
        # What lti_consumer wants to know.
        LMS_ROOT_URL=here,
        LTI_BASE=here,
        PLATFORM_NAME="Contract School",
        LEARNING_MICROFRONTEND_URL=here,
        USAGE_ID_PATTERN=r"(?P<usage_id>(?:i4x://?[^/]+/[^/]+/[^/]+/[^@]+(?:@[^/]+)?)|(?:[^/]+))",
    )  # fmt: skip
    django.setup()
    stand_in_for_the_rest_of_open_edx()
    call_command("migrate", run_syncdb=True, verbosity=0)


class Block:
    """What a course knows of one LTI component. `grades` is what its gradebook shows."""

    has_score, weight, accept_grades_past_due = True, POINTS, False

    def __init__(self, name: str) -> None:
        from opaque_keys.edx.keys import UsageKey

        self.display_name = f"IT Project Manager ({name})"
        self.location = UsageKey.from_string(f"block-v1:School+CAREERS1+2026+type@lti_consumer+block@{name}")
        self.scope_ids = SimpleNamespace(usage_id=self.location, user_id=None)
        self.grades: dict[str, dict[str, object]] = {}

    def is_past_due(self) -> bool:
        return False

    def max_score(self) -> int:
        return self.weight

    def set_user_module_score(self, user, score, max_score, comment="") -> None:
        self.grades[user.username] = {"score": score * max_score, "comment": comment}


blocks: dict[str, Block] = {}


def stand_in_for_the_rest_of_open_edx() -> None:
    """Their one module of calls into edx-platform, answered by our course."""
    from lti_consumer.plugin import compat

    compat.load_enough_xblock = compat.load_block_as_user = lambda location: blocks[location.block_id]
    compat.get_user_from_external_user_id = user_of
    compat.batch_get_or_create_externalids = lambda users: {
        user.id: SimpleNamespace(external_user_id=external_id(user.username)) for user in users.prefetch_related(None)
    }
    compat.get_course_members = lambda course: {user.id: member(user) for user in everybody()}
    compat.user_has_studio_write_access = lambda user, course: user.username == "ada"


def external_id(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, name))


def everybody():
    from django.contrib.auth import get_user_model

    return get_user_model().objects.order_by("pk")


def user_of(found_id: str):
    from lti_consumer.exceptions import LtiError

    for user in everybody():
        if external_id(user.username) == found_id:
            return user
    raise LtiError("Invalid User")


def member(user) -> dict[str, object]:
    role, name = PEOPLE[user.username]
    return {"id": user.id, "username": user.username, "name": name, "email": user.email, "roles": [role]}


def furnish(tool_url: str) -> dict[str, str]:
    """People, blocks and one passport for them all; what the tool's administrator has to enter."""
    from django.contrib.auth import get_user_model
    from lti_consumer.models import CourseAllowPIISharingInLTIFlag, Lti1p3Passport, LtiConfiguration

    for name in PEOPLE:
        get_user_model().objects.create_user(name, f"{name}@school.example")
    CourseAllowPIISharingInLTIFlag.objects.create(course_id=COURSE, enabled=True)
    passport = Lti1p3Passport.objects.create(lti_1p3_tool_keyset_url=f"{tool_url}/.well-known/jwks.json")
    for name, mode in BLOCKS.items():
        blocks[name] = Block(name)
        LtiConfiguration.objects.create(
            version=LtiConfiguration.LTI_1P3,
            config_store=LtiConfiguration.CONFIG_ON_DB,
            location=blocks[name].location,
            lti_1p3_passport=passport,
            lti_1p3_oidc_url=f"{tool_url}/lti/login/",
            lti_1p3_launch_url=f"{tool_url}/lti/launch/",
            lti_advantage_ags_mode=mode,
            lti_advantage_enable_nrps=True,
            lti_advantage_deep_linking_enabled=name == "picked",
            lti_advantage_deep_linking_launch_url=f"{tool_url}/lti/launch/",
        )
    here = settings.LMS_ROOT_URL
    return {
        "url": here,
        "issuer": here,
        "client_id": passport.lti_1p3_client_id,
        "deployment_id": "1",
        "auth_url": f"{here}/api/lti_consumer/v1/launch/",
        "token_url": f"{here}/api/lti_consumer/v1/token/{passport.passport_id}",
        "jwks_url": f"{here}/api/lti_consumer/v1/public_keysets/{passport.passport_id}",
    }


# --- pages of the course, and the tests' way to look inside


def open_block(request, person: str, name: str):
    """A person, logged in to the LMS, opens a component: on to their code for the way to the tool."""
    from django.contrib.auth import login
    from django.http import HttpResponseRedirect
    from lti_consumer import api

    user = next(user for user in everybody() if user.username == person)
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    data = launch_data(user, name, has_no_name="anonymous" in request.GET)
    if "pick" in request.GET:
        return HttpResponseRedirect(api.get_lti_1p3_launch_start_url(data, deep_link_launch=True))
    return HttpResponseRedirect(api.get_lti_1p3_content_url(data))


def launch_data(user, name: str, *, has_no_name: bool):
    """As LtiConsumerXBlock.get_lti_1p3_launch_data fills it."""
    from lti_consumer.data import Lti1p3LaunchData

    role, full_name = PEOPLE[user.username]
    return Lti1p3LaunchData(
        user_id=user.id,
        user_role=role,
        config_id=configuration(name).config_id,
        resource_link_id=str(blocks[name].location),
        external_user_id=external_id(user.username),
        preferred_username=None if has_no_name else user.username,
        name=None if has_no_name else full_name,
        email=None if has_no_name else user.email,
        launch_presentation_document_target="iframe",
        context_id=COURSE,
        context_type=["course_offering"],
        context_title="Careers 101 - School",
        context_label=COURSE,
        custom_parameters={} if name == "picked" else {"byte": "it-project-manager"},
    )


def configuration(name: str):
    from lti_consumer.models import LtiConfiguration

    return LtiConfiguration.objects.get(location=blocks[name].location)


def inside(request, name: str):
    """What the LMS holds of one block: grades, scores, columns, picked contents."""
    from django.http import JsonResponse
    from lti_consumer.models import LtiAgsScore

    config = configuration(name)
    columns = config.ltiagslineitem_set.order_by("pk")
    scores = LtiAgsScore.objects.filter(line_item__lti_configuration=config)
    return JsonResponse({
        "grades": blocks[name].grades,
        "scores": list(scores.values("user_id", "score_given", "score_maximum", "grading_progress", "comment")),
        "columns": list(columns.values("id", "label", "score_maximum", "resource_id", "tag")),
        "contents": [{"type": item.content_type, **item.attributes} for item in config.ltidlcontentitem_set.all()],
        "people": {name: external_id(name) for name in PEOPLE},
    })  # fmt: skip


def rotate(request):
    """A new key pair; from now on only the new one is published."""
    from django.http import JsonResponse
    from lti_consumer.models import Lti1p3Passport

    Lti1p3Passport.objects.update(lti_1p3_internal_private_key="")
    return JsonResponse({"kid": Lti1p3Passport.objects.get().lti_1p3_private_key_id})


def __getattr__(name: str):
    """`urlpatterns` when Django asks for them: their views can be imported only after the settings are made."""
    if name != "urlpatterns":
        raise AttributeError(name)
    from django.urls import include, path

    return [
        path("courses/<person>/<name>/", open_block),
        path("inside/<name>/", inside),
        path("rotate/", rotate),
        path("api/", include("lti_consumer.plugin.urls")),
    ]


class Handler(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


def one_after_the_other(application):
    """Their code writes the whole passport with each look at a key: two at once could bring an old key back."""
    turn = threading.Lock()

    def take_turns(environ, start_response):
        with turn:
            return list(application(environ, start_response))

    return take_turns


def leave_with_the_parent() -> None:
    sys.stdin.read()
    os._exit(0)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="openedx-") as folder:
        server = Server(("127.0.0.1", 0), Handler)
        configure(server.server_port, folder)
        told = furnish(sys.argv[1].rstrip("/"))
        server.set_app(one_after_the_other(get_wsgi_application()))
        print(json.dumps(told), flush=True)
        threading.Thread(target=leave_with_the_parent, daemon=True).start()
        server.serve_forever(poll_interval=0.05)


if __name__ == "__main__":
    main()
