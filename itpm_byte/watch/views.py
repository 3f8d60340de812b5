"""For machines that watch the service: alive, ready, numbers. Nothing about anybody in them."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, JsonResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from itpm_byte.watch import health
from itpm_byte.watch.collector import DatabaseCollector


@require_safe
@never_cache
def livez(request: HttpRequest) -> HttpResponse:
    """This process answers. Asks nobody: a database that is away is no reason to restart it."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """503 when this process can serve nobody. `degraded` is 200: it serves, and somebody should look."""
    checks = health.look(now=timezone.now())
    verdict = health.worst(checks)
    told = {
        "status": verdict,
        "checks": {check.name: {"status": check.verdict, "says": check.says} for check in checks},
    }
    return JsonResponse(told, status=503 if verdict == "unavailable" else 200)


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """For Prometheus, with METRICS_TOKEN as a bearer token; without that setting there is nothing here."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    is_known = scheme.lower() == "bearer" and constant_time_compare(token, settings.METRICS_TOKEN)
    if not settings.METRICS_TOKEN or not is_known:
        return HttpResponseNotFound("Nothing here.\n", content_type="text/plain")
    registry = CollectorRegistry()
    collect: Any = MultiProcessCollector  # has no types
    collect(registry, path=str(settings.METRICS_DIR))
    registry.register(DatabaseCollector())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
