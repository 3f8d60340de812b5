"""What a test sees of a running sandbox: its store, its faults, its journal. Every look is a control call."""

from collections.abc import Callable
from typing import Any

Call = Callable[..., Any]
Row = dict[str, Any]


class Faults:
    def __init__(self, call: Call) -> None:
        self._call = call

    def add(self, endpoint: str, kind: str = "status", **details: Any) -> None:
        """Plans a fault: times=2, status=503, retry_after="7", seconds=5. Endpoints and kinds: see faults.py."""
        self._call("faults", add={"endpoint": endpoint, "kind": kind, **details})

    def clear(self) -> None:
        """Forgets all planned faults and lets go whoever hangs."""
        self._call("faults", clear=True)

    @property
    def planned(self) -> list[Row]:
        found: list[Row] = self._call("faults")
        return found

    @property
    def held(self) -> int:
        """How many requests hang at this moment: the tool has sent them and waits."""
        found: int = self._call("held")
        return found


class Journal:
    """What the tool asked of the LTI endpoints, oldest first: endpoint, method, path, body, status, refusal, …"""

    def __init__(self, call: Call) -> None:
        self._call = call

    def entries(self, endpoint: str = "") -> list[Row]:
        return [entry for entry in self._call("log") if endpoint in {"", entry["endpoint"]}]

    def scores(self) -> list[Row]:
        """The bodies of all scores sent, also of refused ones."""
        return [entry["body"] for entry in self.entries("scores")]

    @property
    def refusals(self) -> list[str]:
        """Why requests of the tool were turned away (a well-behaved tool and a healthy LMS: none)."""
        return [entry["refusal"] for entry in self.entries() if entry["refusal"]]

    def clear(self) -> None:
        self._call("log", clear=True)


class StoreView:
    """Rows come as dicts with the fields of store.py; users, courses and links go by their keys ("lin", "careers")."""

    def __init__(self, call: Call) -> None:
        self._call = call

    def all(self) -> dict[str, Any]:
        found: dict[str, Any] = self._call("store")
        return found

    @property
    def registration(self) -> Row:
        found: Row = self.all()["registration"]
        return found

    def person(self, user: str) -> Row:
        found: Row = self.all()["people"][user]
        return found

    def link(self, link: str) -> Row:
        found: Row = self.all()["links"][link]
        return found

    def line_item(self, link: str) -> Row | None:
        """The grade column of a link, if it has one."""
        items = self.all()["line_items"].values()
        return next((item for item in items if item["link"] == link and not item["is_deleted"]), None)

    def grade(self, user: str, link: str) -> Row | None:
        """One cell of the gradebook: score (on the column's scale), comment, timestamp, history, …"""
        kept, item = self.all(), self.line_item(link)
        found: Row | None = kept["grades"].get(f"{item['id']}:{user}") if item else None
        return found

    def change(self, room: str, key: str, **changes: Any) -> None:
        """Fields of one row of people, courses, links, enrolments ("careers:lin"), line_items ("29") or grades."""
        self._call("change", room=room, key=key, changes=changes)

    def change_link(self, link: str, **changes: Any) -> None:
        self.change("links", link, **changes)

    def change_line_item(self, link: str, **changes: Any) -> None:
        item = self.line_item(link)
        if item is None:
            raise KeyError(f"{link} has no grade column")
        self.change("line_items", str(item["id"]), **changes)

    def change_grade(self, user: str, link: str, **changes: Any) -> None:
        """overridden=7.5, is_locked=True, … Makes the cell if it is not there yet."""
        item = self.line_item(link)
        if item is None:
            raise KeyError(f"{link} has no grade column")
        known = {} if self.grade(user, link) else {"line_item": item["id"], "person": user}
        self.change("grades", f"{item['id']}:{user}", **known, **changes)

    def enrol(self, user: str, course: str, role: str = "learner", *, is_active: bool = True) -> None:
        """Makes or changes an enrolment: role teacher, assistant or learner; is_active=False suspends."""
        self.change("enrolments", f"{course}:{user}", course=course, person=user, role=role, is_active=is_active)

    def unenrol(self, user: str, course: str) -> None:
        self._call("remove", room="enrolments", key=f"{course}:{user}")
