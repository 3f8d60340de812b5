"""From a file to a frozen version: everything is checked first, then stored in one transaction, or nothing is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction

from itpm_byte.content import lint, pictures, rules, shape, source
from itpm_byte.content.draft import Draft, drafted
from itpm_byte.content.models import Byte, Choice, Picture, Question
from itpm_byte.content.pictures import PictureFile
from itpm_byte.content.problems import LoadFailed, Place, Problem

# Two loads of a new Byte at the same time: the second finds the first's number taken and looks again.
TRIES = 5


@dataclass(frozen=True, slots=True)
class LoadResult:
    """`is_new` is False when the published version already says the same."""

    byte: Byte
    is_new: bool
    warnings: tuple[Problem, ...]


def load(path: Path, *, now: datetime) -> LoadResult:
    """Publishes the Byte of this file. Raises LoadFailed with all problems; then nothing has changed."""
    draft, warnings = check(path)
    byte, is_new = publish(draft, now=now)
    return LoadResult(byte, is_new, warnings)


def check(path: Path) -> tuple[Draft, tuple[Problem, ...]]:
    """Reads and checks without storing: the draft and its warnings. Raises LoadFailed."""
    read = source.read(path)
    if found := list(shape.problems(read)):
        raise LoadFailed(found)
    found = list(rules.problems(read))
    files = dict[str, PictureFile]()
    warnings = list(lint.warnings(read))
    for place, name in _picture_files(read.data):
        try:
            file = files.get(name) or pictures.read(path.parent, name)
        except pictures.PictureRefused as error:
            found.append(read.problem((*place, "file"), f"'{name}' {error}"))
            continue
        if name not in files:
            warnings += [read.problem((*place, "file"), f"'{name}' {warning}") for warning in file.warnings]
        files[name] = file
    if found:
        raise LoadFailed(found)
    return drafted(read.data, files), tuple(sorted(warnings, key=lambda problem: problem.line or 0))


def publish(draft: Draft, *, now: datetime) -> tuple[Byte, bool]:
    """The version that says this, and whether it is new. Several processes may publish at the same time."""
    for tries_left in reversed(range(TRIES)):
        try:
            with transaction.atomic():
                return _published(draft, now=now)
        except IntegrityError:
            if not tries_left:
                raise
    raise AssertionError("the last try returns or raises")


def _published(draft: Draft, *, now: datetime) -> tuple[Byte, bool]:
    versions = Byte.objects.filter(slug=draft.fields["slug"], language=draft.fields["language"])
    # Lock first, look then: whoever waited here must see what the other one has just published. Look once: where there
    # was nothing to lock, a version that appears after this look has the number that we are going to take.
    list(versions.select_for_update().values_list("pk"))
    known = list(versions.values_list("version", "is_current", "content_hash"))
    for version, is_current, content_hash in known:
        if is_current and content_hash == draft.content_hash:
            return versions.get(version=version), False
    last = max((version for version, _is_current, _hash in known), default=0)
    versions.filter(is_current=True).update(is_current=False)
    byte = Byte.objects.create(
        **draft.fields,
        version=last + 1,
        document=draft.document,
        content_hash=draft.content_hash,
        points_possible=draft.points_possible,
        published_at=now,
    )
    byte.pictures.set(_stored_pictures(draft))
    questions = [_question(byte, position, section) for position, section in enumerate(draft.questions, 1)]
    Question.objects.bulk_create(questions)
    Choice.objects.bulk_create(
        Choice(
            question=question,
            key=option["key"],
            position=position,
            text=option["title"],
            is_correct=option["right"],
            feedback=option["feedback"],
        )
        for question, section in zip(questions, draft.questions, strict=True)
        for position, option in enumerate(section["options"], 1)
    )
    return byte, True


def _question(byte: Byte, position: int, section: Mapping[str, Any]) -> Question:
    return Question(
        byte=byte,
        key=section["id"],
        position=position,
        kind=section["answers"],
        prompt=section["prompt"],
        explanation=section["explanation"],
        points=section["points"],
    )


def _stored_pictures(draft: Draft) -> list[Picture]:
    rows = [
        Picture(digest=file.digest, media_type=file.media_type, width=file.width, height=file.height, data=file.data)
        for file in draft.pictures
    ]
    Picture.objects.bulk_create(rows, ignore_conflicts=True)
    return list(Picture.objects.filter(digest__in=[row.digest for row in rows]).defer("data"))


def _picture_files(data: Any, place: Place = ()) -> Iterator[tuple[Place, str]]:
    if isinstance(data, Mapping):
        for name, value in data.items():
            if name == "picture":
                yield (*place, name), value["file"]
            else:
                yield from _picture_files(value, (*place, name))
    elif isinstance(data, list):
        for position, value in enumerate(data):
            yield from _picture_files(value, (*place, position))
