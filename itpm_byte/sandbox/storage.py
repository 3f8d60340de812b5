"""Platform storage: how this LMS's course page remembers small values for the tool, well or badly (CK-10 to CK-19).

The remembering itself happens in the browser: static/sandbox/storage.js.
"""

from dataclasses import asdict, dataclass
from typing import Any

IN_THE_PAGE = "_parent"
IN_A_FRAME = "post_message_forwarding"  # as Canvas names it
MOODS = {
    "honest": "Keeps and tells what it should",
    "reserved": "Does so, but does not answer what it can do",
    "silent": "Says that it keeps things, then never answers (Canvas' mobile apps)",
    "late": "Answers after the tool's patience",
    "twice": "Answers, then once more with somebody else's value",
    "wrong-value": "Answers with a value of its own",
    "swapped": "Tells the first asker the truth, later askers another login's value",
    "wrong-key": "Answers about another key",
    "wrong-id": "Answers another message",
    "wrong-frame": "Another frame of the LMS answers",
    "wrong-origin": "A frame of another site answers",
    "points-elsewhere": "Names a frame that is none",
}


@dataclass
class Storage:
    """`target`: where it answers: "" nowhere, the course page itself, or a frame of that name in it."""

    target: str = ""
    mood: str = "honest"
    is_declared: bool = True  # at login; otherwise the tool must ask what the page can do

    def change(self, **changes: Any) -> None:
        """Raises ValueError for a mood or a field that is none."""
        if not changes.keys() <= {"target", "mood", "is_declared"} or changes.get("mood", "honest") not in MOODS:
            raise ValueError(f"No such storage: {changes}")
        for name, value in changes.items():
            setattr(self, name, value)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def declared(self) -> dict[str, str]:
        """What it adds to the fields of a login."""
        return {"lti_storage_target": self.target} if self.target and self.is_declared else {}

    @property
    def frame(self) -> str:
        """The name of the frame to ask, "" if there is none."""
        return "" if self.target == IN_THE_PAGE else self.target
