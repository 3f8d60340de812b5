"""One course at one LMS as rows of ours: the cast, a link, and its grade column."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from lti import scopes
from lti.grades import scores
from lti.models import (
    Context,
    Deployment,
    Institution,
    LineItem,
    Membership,
    PlatformUser,
    Registration,
    ResourceLink,
    Role,
    Score,
)

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
ALL_SCOPES = [scopes.LINEITEM, scopes.LINEITEM_READ, scopes.RESULT_READ, scopes.SCORE, scopes.ROSTER_READ]


@dataclass
class Course:
    """`ada` teaches, `lin` and `kai` learn."""

    registration: Registration
    deployment: Deployment
    context: Context
    link: ResourceLink
    ada: PlatformUser
    lin: PlatformUser
    kai: PlatformUser

    @property
    def line_item(self) -> LineItem:
        return LineItem.objects.get(resource_link=self.link)

    def queue(
        self, given: str | None = "8", *, user: PlatformUser | None = None, now: datetime = NOW, **fields: Any
    ) -> Score:
        """Lin's score of 10 points, as learning would queue it."""
        wish: dict[str, Any] = {
            "score_maximum": Decimal(10),
            "activity_progress": "Completed",
            "grading_progress": "FullyGraded",
            "comment": "Attempt 1",
            **fields,
        }
        return scores.queue(
            resource_link=self.link,
            user=user or self.lin,
            score_given=given if given is None else Decimal(given),
            now=now,
            **wish,
        )


def make_course(
    *,
    url: str = "http://127.0.0.1:9",
    product: str = "moodle",
    lineitem_url: str | None = "http://127.0.0.1:9/items/29/lineitem?type_id=9",
    lineitems_url: str = "http://127.0.0.1:9/items?type_id=9",
    offered: list[str] | None = None,
    **registration: Any,
) -> Course:
    """Rows as launches by the cast would have left them."""
    names = {"issuer": url, "client_id": uuid.uuid4().hex, "auth_token_url": f"{url}/token", "jwks_url": f"{url}/jwks"}
    owner = Institution.objects.create(name="School", slug=uuid.uuid4().hex)
    registered = Registration.objects.create(
        institution=owner, name="LMS", auth_login_url=f"{url}/auth", product=product, **{**names, **registration}
    )
    deployment = Deployment.objects.create(registration=registered, institution=owner, deployment_id="9")
    context = Context.objects.create(deployment=deployment, context_id="2", title="Careers 101")
    link = ResourceLink.objects.create(
        deployment=deployment,
        context=context,
        resource_link_id="26",
        title="IT Project Manager",
        lineitems_url=lineitems_url,
        ags_scopes=ALL_SCOPES if offered is None else offered,
    )
    LineItem.objects.create(deployment=deployment, resource_link=link, url=lineitem_url)
    cast = {
        name: make_member(context, sub, role)
        for name, sub, role in (("ada", "3", Role.INSTRUCTOR), ("lin", "5", Role.LEARNER), ("kai", "6", Role.LEARNER))
    }
    return Course(registered, deployment, context, link, **cast)


def make_member(context: Context, sub: str, role: str, **membership: Any) -> PlatformUser:
    user = PlatformUser.objects.create(registration=context.deployment.registration, sub=sub)
    Membership.objects.create(context=context, user=user, role=role, **membership)
    return user


AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"


def course_at(lms: Any, link: str = "careers") -> Course:
    """The same course at a running pretend LMS, as launches of `link` would have left it."""
    claims = {name: lms.claims(name, link, nonce="n") for name in ("ada", "lin", "kai")}
    lin, services = claims["lin"], claims["lin"][AGS]
    course = make_course(
        url=lms.url,
        product=lms.manner,
        lineitem_url=services.get("lineitem") or None,
        lineitems_url=services["lineitems"],
        offered=services["scope"],
        issuer=lms.issuer,
        client_id=lms.client_id,
        auth_token_url=lms.token_url,
        jwks_url=lms.jwks_url,
    )
    for name, told in claims.items():
        user = getattr(course, name)
        user.sub = told["sub"]
        user.save()
    Deployment.objects.filter(pk=course.deployment.pk).update(deployment_id=lms.deployment_id)
    course.deployment.refresh_from_db()
    course.context.memberships_url = lin[NRPS]["context_memberships_url"]
    course.context.save()
    course.link.resource_link_id = lin["https://purl.imsglobal.org/spec/lti/claim/resource_link"]["id"]
    course.link.save()
    return course
