"""Copying a course, as teachers do each term: links and columns go along, learners and grades stay.

What the tool is told of it: custom parameters as they were, the histories that this LMS fills in, and a notice where
this LMS sends any (OTH-07 to OTH-09).
"""

from dataclasses import replace

from itpm_byte.sandbox.lms import Lms
from itpm_byte.sandbox.store import LEARNER, Course, Link

# What an administrator has entered for the whole tool; told only where there is something to tell.
TOOL_PARAMETERS = {"context_history": "$Context.id.history", "link_history": "$ResourceLink.id.history"}


def copy_course(lms: Lms, course: Course) -> Course:
    """A new course beside the old one, with the same staff. Call it inside `changing()`."""
    store = lms.store
    stem = course.key.partition("-copy")[0]
    number = 1 + sum(key.partition("-copy")[0] == stem for key in store.courses)
    copied = Course(
        key=f"{stem}-copy{number}",
        id=lms.manner.identifier("course", 10 + len(store.courses)),
        label=f"{course.label}-{number}",
        title=f"{course.title}, {number}",
        history=[course.id, *course.history],
    )
    store.courses[copied.key] = copied
    for person, enrolment in store.roster(course.key):
        if enrolment.role != LEARNER:
            store.enrol(copied.key, person.key, enrolment.role)
    for link in store.links_of(course.key):
        _copy_link(lms, link, copied)
    return copied


def _copy_link(lms: Lms, link: Link, course: Course) -> None:
    store = lms.store
    activity = max(row.activity for row in store.links.values()) + 1
    copied = replace(
        link,
        key=f"{link.key}-in-{course.key}",
        course=course.key,
        id=lms.manner.identifier("link", activity - 3),
        activity=activity,
        custom=dict(link.custom),
        history=[link.id, *link.history],
    )
    store.links[copied.key] = copied
    item = store.line_item_of(link)
    if item is not None:
        store.add_line_item(
            course=course.key,
            label=item.label,
            score_maximum=item.score_maximum,
            link=copied.key,
            resource_id=item.resource_id,
            tag=item.tag,
            submission_review=item.submission_review,
        )


def filled_in(lms: Lms, link: Link) -> dict[str, str]:
    """The custom parameters of a launch: variables that this LMS knows are replaced, others arrive as written."""
    course = lms.store.courses[link.course]
    known = {"$Context.id.history": ",".join(course.history)}
    if lms.manner.fills_in_link_history:
        known["$ResourceLink.id.history"] = ",".join(link.history)
    if lms.manner.leaves_empty_variables:
        known = {name: value for name, value in known.items() if value}
    told = {**(TOOL_PARAMETERS if course.history else {}), **lms.manner.custom(link)}
    return {name: known.get(value, value) for name, value in told.items()}
