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
    (context, link), (max_context, max_link) = _courses(deployment, "careers", "elsewhere")
    ada, lin, max_ = _people(
        ("Ada", context, Role.INSTRUCTOR), ("Lin", context, Role.LEARNER), ("Max", max_context, Role.LEARNER)
    )
    return Cast(
        institution=institution,
        registration=registration,
        deployment=deployment,
        context=context,
        link=link,
        max_context=max_context,
        max_link=max_link,
        ada=ada,
        lin=lin,
        max=max_,
        sue=User.objects.create_user(f"sue-{name}", is_staff=True, is_superuser=True),
    )


def someone(people: Cast, name: str, role: Role = Role.LEARNER) -> PlatformUser:
    """One more person in Lin's course."""
    (person,) = _people((name, people.context, role))
    return person


def _courses(deployment: Deployment, *names: str) -> list[tuple[Context, ResourceLink]]:
    contexts = Context.objects.bulk_create(
        Context(deployment=deployment, context_id=name, title=name.title()) for name in names
    )
    links = ResourceLink.objects.bulk_create(
        ResourceLink(
            deployment=deployment,
            context=context,
            resource_link_id=f"link in {context.context_id}",
            ags_scopes=[scopes.SCORE],
        )
        for context in contexts
    )
    issuer = deployment.registration.issuer
    LineItem.objects.bulk_create(
        LineItem(deployment=deployment, resource_link=link, url=f"{issuer}/{name}/lineitems/1?type_id=1")
        for name, link in zip(names, links, strict=True)
    )
    return list(zip(contexts, links, strict=True))


def _people(*who: tuple[str, Context, Role]) -> list[PlatformUser]:
    users = PlatformUser.objects.bulk_create(
        PlatformUser(registration=context.deployment.registration, sub=f"sub-{name.lower()}", name=name)
        for name, context, _role in who
    )
    Membership.objects.bulk_create(
        Membership(context=context, user=user, role=role)
        for user, (_name, context, role) in zip(users, who, strict=True)
    )
    return users
