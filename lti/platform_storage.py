"""The LMS as a memory for browsers that keep nothing in its frame (CK-10 to CK-19): whom our page may ask, and where.

The asking itself is JavaScript: `static/lti/stores.js` and `messages.js`.
"""

from typing import Any
from urllib.parse import urlsplit

from lti.framing import origin_of
from lti.models import Registration

# Canvas answers from another host than the one that old registrations authorize at (CK-17).
_CANVAS = {
    "canvas.instructure.com": "https://sso.canvaslms.com",
    "canvas.beta.instructure.com": "https://sso.beta.canvaslms.com",
    "canvas.test.instructure.com": "https://sso.test.canvaslms.com",
}


def where(registration: Registration | None, target: str) -> dict[str, Any]:
    """For a page's template: the origin that is asked, "" for none, and the frame that the LMS named at login.

    `target` is a Login's `storage_target`, cleaned when it was read (CK-18); "" if the LMS named none.
    """
    if registration is None:
        return {"storage_origin": "", "storage_target": ""}
    url = registration.auth_login_url
    return {"storage_origin": _CANVAS.get(urlsplit(url).netloc) or origin_of(url), "storage_target": target}
