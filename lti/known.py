"""All that the database knows of what a launch names, found by one SELECT."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import F, FilteredRelation, OuterRef, Q
from django.utils.module_loading import import_string

from lti.claims import Claims
from lti.models import Context, Deployment, Membership, PlatformUser, Registration, ResourceLink
from lti.prepared import Prepared


@dataclass
class Known:
    """What the database knew before this launch. None: nothing yet."""

    deployment: Deployment
    context: Context | None = None
    link: ResourceLink | None = None
    user: PlatformUser | None = None
    membership: Membership | None = None
    # What LTI_LAUNCH_BESIDE told of the link.
    of_product: Any = None


def known_of(registration: Registration, claims: Claims) -> Known | None:
    """None: not even the deployment."""
    row = _deployments.first(
        registration=registration.pk,
        deployment_id=claims.deployment_id,
        # No id is empty in the database: an empty one finds nothing.
        context_id=claims.context.id if claims.context else "",
        link_id=claims.resource_link.id if claims.resource_link else "",
        sub=claims.sub,
    )
    if row is None:
        return None
    # Django sets a filtered relation on a row only where something was found.
    course, link, person, seat = (getattr(row, name, None) for name in ("course", "link", "person", "seat"))
    return Known(row, course, link, person, seat, vars(row)["of_product"])


# What a launch writes anew only if it is asked for, or not at all.
_SELDOM_READ = (
    *(f"course__{name}" for name in ("term", "roster_error", "roster_differences_url", "origin_ids")),
    *(f"link__line_item__{name}" for name in ("score_maximum", "wishes", "tell_at", "tell_tries", "tell_error")),
    *(f"link__line_item__{name}" for name in ("label", "resource_id", "tag", "lease_until", "overwrites")),
)


def _with_all_beside(registration: Any, deployment_id: Any, context_id: Any, link_id: Any, sub: Any) -> Any:
    """Deployments with this launch's course, link, person and membership beside them, where they exist."""
    people = "registration__platform_users"
    beside = ("course", "link__line_item", "person", "seat")
    return (
        Deployment.objects.annotate(
            course=FilteredRelation("contexts", condition=Q(contexts__context_id=context_id)),
            link=FilteredRelation("resource_links", condition=Q(resource_links__resource_link_id=link_id)),
            person=FilteredRelation(people, condition=Q(registration__platform_users__sub=sub)),
        )
        .annotate(seat=FilteredRelation("course__memberships", condition=Q(course__memberships__user=F("person__id"))))
        .annotate(of_product=import_string(settings.LTI_LAUNCH_BESIDE)(OuterRef("link__id")))
        .select_related(*beside)
        .defer(*_SELDOM_READ)
        .filter(registration=registration, deployment_id=deployment_id)
    )


_deployments: Prepared[Deployment] = Prepared(
    _with_all_beside,
    registration=Registration._meta.pk,
    deployment_id=Deployment._meta.get_field("deployment_id"),
    context_id=Context._meta.get_field("context_id"),
    link_id=ResourceLink._meta.get_field("resource_link_id"),
    sub=PlatformUser._meta.get_field("sub"),
)
