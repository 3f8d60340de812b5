"""`python -m tests.bench.queueing ISSUER COUNT`: one course of COUNT learners whose scores are due, each rung for.

Run inside the environment of the tool that is to be measured.
"""

import sys
from decimal import Decimal

import django


def fill(issuer: str, count: int) -> None:
    from django.db import transaction
    from django.utils import timezone

    from lti import scopes, tasks
    from lti.models import Context, Deployment, Institution, LineItem, PlatformUser, Registration, ResourceLink, Score

    owner = Institution.objects.create(name="Bench", slug="bench")
    registration = Registration.objects.create(
        institution=owner, name="Bench", issuer=issuer, client_id="bench", product="moodle",
        auth_login_url=f"{issuer}/auth", auth_token_url=f"{issuer}/token", jwks_url=f"{issuer}/jwks",
    )  # fmt: skip
    deployment = Deployment.objects.create(registration=registration, institution=owner, deployment_id="1")
    context = Context.objects.create(deployment=deployment, context_id="2", title="Careers 101")
    link = ResourceLink.objects.create(
        deployment=deployment, context=context, resource_link_id="26", title="IT Project Manager",
        ags_scopes=[scopes.SCORE],
    )  # fmt: skip
    column = LineItem.objects.create(
        deployment=deployment, resource_link=link, url=f"{issuer}/lineitems/29/lineitem?type_id=9"
    )
    people = PlatformUser.objects.bulk_create(
        PlatformUser(registration=registration, sub=f"s{number}") for number in range(count)
    )
    now = timezone.now()
    made = Score.objects.bulk_create(
        Score(
            line_item=column, user=person, score_given=Decimal(number % 10), score_maximum=Decimal(10), timestamp=now,
            activity_progress="Completed", grading_progress="FullyGraded", next_try_at=now, submitted_at=now,
        )
        for number, person in enumerate(people)
    )  # fmt: skip
    with transaction.atomic():
        for score in made:
            tasks.ring(score.pk)


if __name__ == "__main__":
    django.setup()
    fill(sys.argv[1], int(sys.argv[2]))
