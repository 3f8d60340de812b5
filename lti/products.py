"""Which LMS it is, by the name it gives itself: for manners and words, never for security."""

_BEGINNINGS = {
    "moodle": "moodle",
    "canvas": "canvas",
    "instructure": "canvas",
    "blackboard": "blackboard",
    "desire2learn": "brightspace",
    "d2l": "brightspace",
    "brightspace": "brightspace",
    "sakai": "sakai",
    "openedx": "openedx",
    "open edx": "openedx",
    "open-edx": "openedx",
    "edx": "openedx",
}
NAMES = {
    "moodle": "Moodle",
    "canvas": "Canvas",
    "blackboard": "Blackboard",
    "brightspace": "Brightspace",
    "sakai": "Sakai",
    "openedx": "Open edX",
}


def family(product: str) -> str:
    """One of NAMES for a product family code as LMSs write it (BlackboardLearn, desire2learn, …); "" for any other."""
    said = product.lower()
    return next((known for beginning, known in _BEGINNINGS.items() if said.startswith(beginning)), "")
