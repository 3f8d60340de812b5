"""The groups of a course (OTH-11), kept for filters. They come along with the roster and never hold it up."""

from collections.abc import Sequence
from datetime import datetime
from itertools import batched

import structlog
from django.db import transaction

from lti import services
from lti.models import Context, Group, GroupMember, PlatformUser
from lti.outcomes import ServiceProblem
from lti.services import Member, Services
from lti.values import ID_LENGTH, is_storable, text

BATCH = 500
MOST_GROUPS = 2000

log = structlog.get_logger("lti.groups")


def update(context: Context, members: Sequence[Member], *, now: datetime) -> bool:
    """Fetch the course's groups and write down who is in which, as the roster told (NRPS-08). Was it done?

    Nothing changes when the LMS offers no groups, or does not answer. Where the roster says nothing about groups, only
    their names are kept.
    """
    if not context.groups_url:
        return False
    at = Services.of_context(context, now=now)
    try:
        found = services.groups(at, context.groups_url)
        sets = services.group_sets(at, context.group_sets_url) if context.group_sets_url else {}
    except ServiceProblem as problem:
        log.warning("lti.groups_failed", context=context.pk, code=problem.outcome.code, status=problem.outcome.status)
        return False
    _write(context, found[:MOST_GROUPS], sets, members)
    return True


def _write(context: Context, found: Sequence[services.Group], sets: dict[str, str], members: Sequence[Member]) -> None:
    usable = {group.id: group for group in found if 0 < len(group.id) <= ID_LENGTH and is_storable(group.id)}
    with transaction.atomic():
        Context.objects.select_for_update(no_key=True).get(pk=context.pk)
        Group.objects.filter(context=context).exclude(group_id__in=usable).delete()
        rows = [
            Group(
                context=context,
                group_id=group.id,
                name=text(group.name, 500),
                tag=text(group.tag, 255),
                set_id=text(group.set_id, 255),
                set_name=text(sets.get(group.set_id, ""), 500),
            )
            for group in usable.values()
        ]
        Group.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["context", "group_id"],
            update_fields=["name", "tag", "set_id", "set_name"],
            batch_size=BATCH,
        )
        if any(member.group_ids is not None for member in members):
            _seat(context, {member.user_id: member.group_ids or () for member in members})


def _seat(context: Context, told: dict[str, tuple[str, ...]]) -> None:
    """Who is in which group, for the people of whom the roster told; others stay where they are."""
    group_keys = dict(Group.objects.filter(context=context).values_list("group_id", "pk"))
    people: dict[str, int] = {}
    everybody = PlatformUser.objects.filter(registration=context.deployment.registration_id)
    for batch in batched(told, BATCH):
        people |= dict(everybody.filter(sub__in=batch).values_list("sub", "pk"))
    wanted = {
        (group_keys[group_id], people[sub])
        for sub, group_ids in told.items()
        if sub in people
        for group_id in group_ids
        if group_id in group_keys
    }
    there = GroupMember.objects.filter(group__context=context)
    known = there.filter(user__in=people.values())
    stale = [seat.pk for seat in known if (seat.group_id, seat.user_id) not in wanted]
    for keys in batched(stale, BATCH):
        GroupMember.objects.filter(pk__in=keys).delete()
    seats = (GroupMember(group_id=group, user_id=user) for group, user in sorted(wanted))
    GroupMember.objects.bulk_create(seats, ignore_conflicts=True, batch_size=BATCH)
