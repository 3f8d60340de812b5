"""The cast of all stories: Ada teaches here, Lin learns here, Max learns elsewhere, Sue is staff.

people = cast()                  # rows in the database; two courses at one LMS, each with a link and a column
people.lin, people.link          # Lin's course; Max's is people.max_link
someone(people, "Kai")           # one more learner in Lin's course
"""

from dataclasses import dataclass

from django.contrib.auth.models import User

from lti import scopes
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
)


@dataclass(frozen=True)
class Cast:
    """Ada and Lin belong to `context` with `link`, Max to `max_context` with `max_link`."""

    institution: Institution
    registration: Registration
    deployment: Deployment
    context: Context
    link: ResourceLink
    max_context: Context
    max_link: ResourceLink
    ada: PlatformUser
    lin: PlatformUser
    max: PlatformUser
    sue: User


def cast(name: str = "lms") -> Cast:
    """All of them; another `name` makes another LMS of another institution with a cast of its own."""
    institution = Institution.objects.create(name=f"{name} school", slug=name)
    registration = Registration.objects.create(
        institution=institution,
        name=name,
        issuer=f"https://{name}.example",
        client_id="byte",
        auth_login_url=f"https://{name}.example/auth",
        auth_token_url=f"https://{name}.example/token",
        jwks_url=f"https://{name}.example/jwks",
    )
    deployment = Deployment.objects.create(registration=registration, institution=institution, deployment_id="1")
    context, link = _course(deployment, "careers")
    max_context, max_link = _course(deployment, "elsewhere")
    return Cast(
        institution=institution,
        registration=registration,
        deployment=deployment,
        context=context,
        link=link,
        max_context=max_context,
        max_link=max_link,
        ada=_person("Ada", context, Role.INSTRUCTOR),
        lin=_person("Lin", context, Role.LEARNER),
        max=_person("Max", max_context, Role.LEARNER),
        sue=User.objects.create_user(f"sue-{name}", is_staff=True, is_superuser=True),
    )


def someone(people: Cast, name: str, role: Role = Role.LEARNER) -> PlatformUser:
    """One more person in Lin's course."""
    return _person(name, people.context, role)


def _course(deployment: Deployment, name: str) -> tuple[Context, ResourceLink]:
    context = Context.objects.create(deployment=deployment, context_id=name, title=name.title())
    link = ResourceLink.objects.create(
        deployment=deployment, context=context, resource_link_id=f"link in {name}", ags_scopes=[scopes.SCORE]
    )
    url = f"{deployment.registration.issuer}/{name}/lineitems/1?type_id=1"
    LineItem.objects.create(deployment=deployment, resource_link=link, url=url)
    return context, link


def _person(name: str, context: Context, role: Role) -> PlatformUser:
    registration = context.deployment.registration
    user = PlatformUser.objects.create(registration=registration, sub=f"sub-{name.lower()}", name=name)
    Membership.objects.create(context=context, user=user, role=role)
    return user
