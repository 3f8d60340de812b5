"""The same course as in the learner's room."""

from tests.player.conftest import ada, lin, people, placement

__all__ = ["ada", "lin", "people", "placement"]
