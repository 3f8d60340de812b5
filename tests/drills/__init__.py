"""Rehearsals of what operators do seldom, with real processes; each says what it saw and fails if something is lost."""
