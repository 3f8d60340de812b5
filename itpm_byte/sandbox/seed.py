"""The cast and the two courses that every pretend LMS starts with."""

from dataclasses import replace
from pathlib import Path

from itpm_byte.sandbox.manners import ALL_SCOPES, Manner
from itpm_byte.sandbox.store import ASSISTANT, LEARNER, TEACHER, Course, Group, Link, Person, Registration, Store

BYTE = {"byte": "it-project-manager"}

# key, number, name, given, family, what their card says, flags
CAST: list[tuple[str, int, str, str, str, str]] = [
    ("ada", 3, "Ada Okafor", "Ada", "Okafor", "Teaches Careers 101"),
    ("tom", 4, "Tom Bergström", "Tom", "Bergström", "Teaching assistant in Careers 101"),
    ("lin", 5, "Lin Tran", "Lin", "Tran", "Learns in both courses"),
    ("kai", 6, "Kai Jensen", "Kai", "Jensen", "Learns in Careers 101"),
    ("noor", 7, "نور الحدّاد", "نور", "الحدّاد", "Learns in Careers 101, in Arabic"),
    ("mei", 8, "陈美玲", "美玲", "陈", "Learns in Careers 101"),
    ("zoe", 9, "Zoë O'Hara-Núñez", "Zoë", "O'Hara-Núñez", "Learns in Careers 101, in French"),
    ("max", 10, "Max Novak", "Max", "Novak", "Learns in Office Skills 2 only"),
    ("bea", 11, "Bea Lindqvist", "Bea", "Lindqvist", "Teaches Office Skills 2"),
    ("ines", 2, "Ines Duarte", "Ines", "Duarte", "Looks after the whole LMS"),
    ("test", 12, "Test Student", "Test", "Student", "What a teacher's “student view” uses"),
]

# Whoever is not here reads English.
LANGUAGES = {"noor": "ar", "zoe": "fr"}

ENROLMENTS = [
    ("careers", "ada", TEACHER),
    ("careers", "tom", ASSISTANT),
    ("careers", "lin", LEARNER),
    ("careers", "kai", LEARNER),
    ("careers", "noor", LEARNER),
    ("careers", "mei", LEARNER),
    ("careers", "zoe", LEARNER),
    ("careers", "test", LEARNER),
    ("office", "bea", TEACHER),
    ("office", "lin", LEARNER),
    ("office", "max", LEARNER),
]

GROUPS = [
    Group("red", "careers", "g-1", "Red", "Teams", ["lin", "kai"]),
    Group("blue", "careers", "g-2", "Blue", "Teams", ["noor", "mei"]),
    Group("early", "careers", "g-3", "Early birds", "", ["lin"]),
]


def registration_for(tool_url: str, *, client_id: str, deployment_id: str) -> Registration:
    """What an admin of the LMS would have typed in for a tool at `tool_url` (scheme://host[:port])."""
    tool_url = tool_url.rstrip("/")
    return Registration(
        client_id=client_id,
        deployment_id=deployment_id,
        tool_url=tool_url,
        login_url=f"{tool_url}/lti/login/",
        redirect_uris=[f"{tool_url}/lti/launch/"],
        target_link_uri=f"{tool_url}/lti/launch/",
        jwks_url=f"{tool_url}/.well-known/jwks.json",
        scopes=list(ALL_SCOPES),
    )


def fresh_store(registration: Registration, manner: Manner, state_file: Path | None = None) -> Store:
    store = Store(registration, state_file)
    for key, number, name, given, family, about in CAST:
        store.people[key] = Person(
            key=key,
            id=manner.identifier("person", number),
            name=name,
            given_name=given,
            family_name=family,
            email=f"{key}@school.example",
            about=about,
            is_admin=key == "ines",
            is_test_user=key == "test",
            language=LANGUAGES.get(key, "en"),
        )
    store.courses["careers"] = Course("careers", manner.identifier("course", 2), "CAREERS1", "Careers 101")
    store.courses["office"] = Course("office", manner.identifier("course", 3), "OFFICE2", "Office Skills 2")
    for course, person, role in ENROLMENTS:
        store.enrol(course, person, role)
    for group in GROUPS:
        store.groups[group.key] = replace(group, members=list(group.members))
    for link in _links(manner):
        store.links[link.key] = link
        store.add_line_item(course=link.course, label=link.title, score_maximum=link.score_maximum, link=link.key)
    return store


def _links(manner: Manner) -> list[Link]:
    return [
        _link(manner, 26, "careers", "careers", "IT Project Manager", score_maximum=10),
        _link(manner, 27, "careers-window", "careers", "IT Project Manager (own window)", score_maximum=10),
        _link(manner, 28, "office", "office", "Who runs IT projects?"),
    ]


def _link(manner: Manner, number: int, key: str, course: str, title: str, *, score_maximum: float = 1) -> Link:
    return Link(
        key=key,
        course=course,
        id=manner.identifier("link", number),
        activity=number + 3,
        title=title,
        description="A five-minute Byte about a job that many have never heard of.",
        opens_in="window" if key.endswith("-window") else "iframe",
        custom=dict(BYTE),
        score_maximum=score_maximum,
    )
