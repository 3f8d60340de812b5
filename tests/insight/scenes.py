"""A course in which learners are in all states; rows as the rules leave them, without an LMS."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from itpm_byte.learning.models import Placement, Progress
from lti.models import LineItem, Membership, PlatformUser, Role, Score
from tests.cast import Cast, someone
from tests.learning.casting import NOW, placement


@dataclass(frozen=True)
class Scene:
    people: Cast
    placement: Placement

    def learner(self, name: str, *, email: str = "", **seat: Any) -> PlatformUser:
        """Somebody more in the course, who did nothing."""
        user = someone(self.people, name)
        user.email = email
        user.save()
        Membership.objects.filter(user=user).update(**seat)
        return user

    def began(self, user: PlatformUser, *, at: datetime = NOW) -> PlatformUser:
        Progress.objects.create(placement=self.placement, learner=user, started_at=at, last_activity_at=at)
        return user

    def finished(
        self, user: PlatformUser, points: str = "1", possible: int = 1, *, attempts: int = 1, at: datetime = NOW
    ) -> PlatformUser:
        Progress.objects.create(
            placement=self.placement,
            learner=user,
            started_at=at,
            last_activity_at=at,
            completed_at=at,
            attempts_submitted=attempts,
            counted_points=Decimal(points),
            counted_possible=possible,
        )
        return user

    def graded(self, user: PlatformUser, state: str = "sent", points: str | None = "1", **fields: Any) -> Score:
        values = {
            "score_given": None if points is None else Decimal(points),
            "score_maximum": 1,
            "activity_progress": "Completed",
            "grading_progress": "FullyGraded",
            "timestamp": NOW,
            "sent_at": NOW if state == "sent" else None,
            "sent_given": Decimal(points) if state == "sent" and points is not None else None,
        }
        column = LineItem.objects.get(resource_link=self.placement.resource_link)
        return Score.objects.create(line_item=column, user=user, state=state, **values | fields)


def scene(people: Cast, **settings: Any) -> Scene:
    """Lin is there and did nothing."""
    return Scene(people, placement(people.link, **settings))


def teacher_of(at: Scene, name: str, role: Role = Role.INSTRUCTOR) -> PlatformUser:
    return someone(at.people, name, role)
