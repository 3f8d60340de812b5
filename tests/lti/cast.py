"""Ada teaches here, Lin learns here, Max learns elsewhere: rows for tests that begin after the launch."""

from datetime import UTC, datetime, timedelta
from typing import Any

from lti.models import Context, Deployment, Institution, Launch, Membership, PlatformUser, Registration, ResourceLink
from lti.proofs import Proof, hash_secret, person_key, seal

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
BACK = "https://lms.example/course/view?id=7&sesskey=top-secret"


def registration(host: str = "lms.example", **fields: Any) -> Registration:
    institution, _ = Institution.objects.get_or_create(name=host, slug=host.replace(".", "-"))
    return Registration.objects.create(
        institution=institution,
        name=host,
        issuer=f"https://{host}",
        client_id=fields.pop("client_id", "byte"),
        auth_login_url=f"https://{host}/auth",
        auth_token_url=f"https://{host}/token",
        jwks_url=f"https://{host}/jwks",
        **fields,
    )


def launch(person: str = "Lin", *, at: Registration | None = None, course: str = "careers", **fields: Any) -> Launch:
    """A launch as `launch.record` leaves it; the secret is `<person>'s secret` unless `proof_hash` is given."""
    at = at or Registration.objects.first() or registration()
    deployment, _ = Deployment.objects.get_or_create(
        registration=at, deployment_id="1", institution_id=at.institution_id
    )
    context, _ = Context.objects.get_or_create(deployment=deployment, context_id=course, title=course.title())
    link, _ = ResourceLink.objects.get_or_create(
        deployment=deployment, context=context, resource_link_id=f"link in {course}"
    )
    user, _ = PlatformUser.objects.get_or_create(registration=at, sub=person.lower(), name=person)
    role = "instructor" if person == "Ada" else "learner"
    membership, _ = Membership.objects.get_or_create(context=context, user=user, role=role)
    values: dict[str, Any] = {
        "message_type": "LtiResourceLinkRequest",
        "role": role,
        "proof_hash": hash_secret(f"{person}'s secret"),
        "created_at": NOW,
        "expires_at": NOW + timedelta(hours=8),
    }
    return Launch.objects.create(
        deployment=deployment, user=user, membership=membership, resource_link=link, **values | fields
    )


def proof(of: Launch, **fields: Any) -> Proof:
    values: dict[str, Any] = {
        "launch_id": of.pk,
        "person": person_key(of.deployment.registration.issuer, of.user.sub),
        "secret": f"{of.user.name}'s secret",
        "issued_at": int(of.created_at.timestamp()),
        "return_url": BACK,
    }
    return Proof(**values | fields)


def sealed(of: Launch, **fields: Any) -> str:
    return seal(proof(of, **fields))
