"""A double click on the picker's last button: real threads, one answer (DL-04, SEC-13)."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest

from itpm_byte.learning import picks
from itpm_byte.learning.models import Pick
from itpm_byte.learning.picks import Draft
from lti import deep_linking_requests, keys
from lti.claims import DEEP_LINK, Claims
from lti.models import Launch
from tests.cast import cast
from tests.learning.casting import NOW, byte
from tests.learning.test_at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 6


def test_a_double_click_stores_one_pick_and_signs_one_answer(transactional_db):
    keys.rotate(now=NOW)
    people, made = cast(), byte()
    launch = Launch.objects.create(
        deployment=people.deployment,
        user=people.ada,
        message_type=DEEP_LINK,
        role="instructor",
        created_at=NOW,
        expires_at=NOW + timedelta(hours=8),
    )
    settings = {
        "deep_link_return_url": "https://lms.example/return",
        "accept_types": ["ltiResourceLink"],
        "accept_presentation_document_targets": [],
    }
    deep_linking_requests.keep(launch, Claims(DEEP_LINK, "1", "sub-ada", "", deep_linking=settings))
    drafts = [Draft(byte=made, title="A Byte", score_maximum=Decimal(1))]

    def click():
        return deep_linking_requests.answer(launch, lambda: picks.keep(launch, drafts, now=NOW), now=NOW).form

    forms = at_once(*[click] * THREADS)

    assert list(Counter(forms).values()) == [THREADS]
    assert Pick.objects.count() == 1
