"""Writes a course's list down: who is new, who left, who is what. A list never deletes anybody's row (NRPS-03).

The LMS's launches know better than its list: whoever opened the activity keeps the role of that launch. Moodle lists
its non-editing teachers as learners, and they would stand there as learners who never begin. Its launches call them
instructors; both together say what they are: assistants, who decide nothing (`known_as`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import batched

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from lti import products, roles
from lti.models import Context, Membership, PlatformUser, Role
from lti.services import Member, Roster
from lti.values import ID_LENGTH, is_storable, text

BATCH = 500
_STATUS = {"inactive": Membership.Status.INACTIVE, "deleted": Membership.Status.LEFT}


def write(context: Context, roster: Roster, *, is_complete: bool, begun_at: datetime) -> dict[str, int] | None:
    """Make the memberships say what the list says; who is missing in a complete one has left.

    `begun_at`: when the list was asked for. Launches since then know better, and so does a list that was asked for
    later: then nothing is written and the answer is None. Else: how many are listed, new, and gone.
    """
    listed = _usable(roster.members)
    with transaction.atomic():
        row = Context.objects.select_for_update(no_key=True).get(pk=context.pk)
        if row.roster_synced_at is not None and row.roster_synced_at >= begun_at:
            return None
        people = _people(context, listed)
        # Locked: a launch at this moment has its say after us, not under us.
        seats = Membership.objects.select_for_update(no_key=True).filter(context=context).order_by("pk")
        known = {seat.user_id: seat for seat in seats}
        new = [
            _new_seat(context, people[sub], member, begun_at)
            for sub, member in listed.items()
            if people[sub].pk not in known and _status(member) != Membership.Status.LEFT
        ]
        # A launch may bring the same person in at this moment.
        Membership.objects.bulk_create(new, ignore_conflicts=True, batch_size=BATCH)
        _bring_up_to_date(known, people, listed, begun_at, product=context.deployment.registration.product)
        gone = _mark_missing(context, begun_at) if is_complete else 0
        _note(row, roster, is_complete=is_complete, begun_at=begun_at)
    return {"listed": len(listed), "new": len(new), "gone": gone}


def _usable(members: Iterable[Member]) -> dict[str, Member]:
    """By id, once each; an id that no launch could have is left out."""
    return {
        member.user_id: member
        for member in members
        if 0 < len(member.user_id) <= ID_LENGTH and is_storable(member.user_id)
    }


# --- people


def _people(context: Context, listed: Mapping[str, Member]) -> dict[str, PlatformUser]:
    """Everybody listed, by id. Those who were unknown are new, the others' names are as the LMS says now (CORE-34)."""
    registration = context.deployment.registration_id
    known = _known(registration, listed)
    unknown = [member for sub, member in listed.items() if sub not in known]
    PlatformUser.objects.bulk_create(
        (PlatformUser(registration_id=registration, sub=member.user_id, **_names(member)) for member in unknown),
        ignore_conflicts=True,
        batch_size=BATCH,
    )
    _rename(known, listed)
    return known | _known(registration, [member.user_id for member in unknown])


def _known(registration: int, subs: Iterable[str]) -> dict[str, PlatformUser]:
    found = PlatformUser.objects.filter(registration=registration)
    return {user.sub: user for batch in batched(subs, BATCH) for user in found.filter(sub__in=batch)}


def _names(member: Member) -> dict[str, str]:
    """Only what pages show: the name, or what stands for it when there is none. No picture, no number (NRPS-09)."""
    name = text(member.name, 500)
    return {"name": name} if name else {"email": text(member.email, 320)}


def _rename(known: Mapping[str, PlatformUser], listed: Mapping[str, Member]) -> None:
    """A list without names takes none away: some LMSs tell them at launches only."""
    told = {user.pk: _names(listed[sub]) for sub, user in known.items()}
    renamed = [
        user.pk
        for user in known.values()
        if any(words and getattr(user, field) != words for field, words in told[user.pk].items())
        and not (user.name and "name" not in told[user.pk])
    ]
    for batch in batched(sorted(renamed), BATCH):
        users = list(PlatformUser.objects.select_for_update(no_key=True).filter(pk__in=batch).order_by("pk"))
        for user in users:
            for field, words in told[user.pk].items():
                setattr(user, field, words)
        PlatformUser.objects.bulk_update(users, ["name", "email"], batch_size=BATCH)


# --- memberships


def _new_seat(context: Context, user: PlatformUser, member: Member, begun_at: datetime) -> Membership:
    return Membership(
        context=context,
        user=user,
        role=roles.role_of(member.roles),
        status=_status(member),
        is_test_user=roles.is_test_user(member.roles),
        roster_seen_at=begun_at,
    )


def _bring_up_to_date(
    known: Mapping[int, Membership],
    people: Mapping[str, PlatformUser],
    listed: Mapping[str, Member],
    begun_at: datetime,
    *,
    product: str,
) -> None:
    told = {people[sub].pk: member for sub, member in listed.items()}
    here = [seat for seat in known.values() if seat.user_id in told]
    changed = [seat for seat in here if _change(seat, told[seat.user_id], begun_at, product=product)]
    Membership.objects.bulk_update(changed, ["role", "status", "is_test_user"], batch_size=BATCH)
    for batch in _batches([seat.pk for seat in here]):
        Membership.objects.filter(pk__in=batch).update(roster_seen_at=begun_at)


def _change(seat: Membership, member: Member, begun_at: datetime, *, product: str) -> bool:
    """Does the list say something new about this person?"""
    before, listed_as = (seat.role, seat.status, seat.is_test_user), roles.role_of(member.roles)
    if seat.last_launch_at is None:
        seat.role, seat.is_test_user = listed_as, roles.is_test_user(member.roles)
    elif products.family(product) == "moodle" and seat.role in {Role.INSTRUCTOR, Role.TEACHING_ASSISTANT}:
        seat.role = {Role.LEARNER: Role.TEACHING_ASSISTANT, Role.INSTRUCTOR: Role.INSTRUCTOR}.get(listed_as, seat.role)
    if seat.last_launch_at is None or seat.last_launch_at < begun_at:
        seat.status = _status(member)
    return before != (seat.role, seat.status, seat.is_test_user)


def known_as(role: Role, seat: Membership | None, *, product: str) -> Role:
    """The role of a launch. Moodle has no word for assistants: whom its list showed to be one stays one until it lists
    them as an instructor.
    """
    is_assistant = seat is not None and seat.role == Role.TEACHING_ASSISTANT and products.family(product) == "moodle"
    return Role.TEACHING_ASSISTANT if is_assistant and role == Role.INSTRUCTOR else role


def _mark_missing(context: Context, begun_at: datetime) -> int:
    """Who is not listed has left, unless they came in meanwhile. Test users are in nobody's list."""
    not_listed = Q(roster_seen_at=None) | Q(roster_seen_at__lt=begun_at)
    not_here_since = Q(last_launch_at=None) | Q(last_launch_at__lt=begun_at)
    seats = Membership.objects.filter(not_listed, not_here_since, context=context, is_test_user=False)
    return seats.exclude(status=Membership.Status.LEFT).update(status=Membership.Status.LEFT)


def _note(row: Context, roster: Roster, *, is_complete: bool, begun_at: datetime) -> None:
    row.roster_synced_at, row.roster_error = begun_at, ""
    if is_complete:
        row.roster_complete_at = begun_at
    if roster.differences_url or is_complete:
        row.roster_differences_url = roster.differences_url[:2000]
    row.save(
        update_fields=["roster_synced_at", "roster_error", "roster_complete_at", "roster_differences_url"],
    )


def _status(member: Member) -> Membership.Status:
    return _STATUS.get(member.status.lower(), Membership.Status.ACTIVE)


def _batches(keys: Sequence[int]) -> Iterator[tuple[int, ...]]:
    return batched(sorted(keys), BATCH)


# --- forgetting (NRPS-09)


def forget_strangers(*, now: datetime) -> int:
    """Forget who left a course LTI_ROSTER_KEPT_DAYS ago without ever opening an activity there. How many seats.

    People of whom nothing else is left are forgotten with their seat; whoever did anything anywhere stays.
    """
    before = now - timedelta(days=settings.LTI_ROSTER_KEPT_DAYS)
    left = Membership.objects.filter(status=Membership.Status.LEFT, last_launch_at=None, roster_seen_at__lte=before)
    seats = list(left.values_list("pk", "user")[:BATCH])
    with transaction.atomic():
        # Looked at again: somebody may have come back this very moment.
        left.filter(pk__in=[seat for seat, _user in seats]).delete()
        nobody = PlatformUser.objects.filter(pk__in=[user for _seat, user in seats])
        for relation in PlatformUser._meta.related_objects:
            if relation.name not in {"groups", "group_members"}:
                nobody = nobody.filter(**{f"{relation.name}__isnull": True})
        nobody.delete()
    return len(seats)
