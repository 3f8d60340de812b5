"""The settings of an activity, a part of the instructor's room: like all of it, in English only."""
