import re
from pathlib import Path

import pytest
from django.utils import translation
from django.utils.functional import Promise

import lti
from lti.errors import LaunchRefused
from lti.refusals import WORDS, words

SOURCES = [path for path in Path(lti.__file__).parent.rglob("*.py") if "migrations" not in path.parts]
SENTENCE_END = re.compile(r"[.!?](?:\s|$)")


def reasons_in_the_code():
    found = set()
    for path in SOURCES:
        text = path.read_text()
        found |= set(re.findall(r'(?:LaunchRefused|ClaimInvalid|_refusal)\(\s*(?:verified, )?"([a-z_]+)"', text))
        found |= set(re.findall(r'_identifier\([^\n]*?, "([a-z_]+)"', text))
    return found


def test_every_reason_in_the_code_has_words_of_its_own():
    found = reasons_in_the_code()
    assert len(found) > 30
    assert found - WORDS.keys() == set()


def test_every_words_belong_to_a_reason_that_can_happen():
    sources = "".join(path.read_text() for path in SOURCES if path.name != "refusals.py")
    said_by_doors = {"not_available"}
    assert {reason for reason in WORDS if f'"{reason}"' not in sources} - said_by_doors == set()


@pytest.mark.parametrize("reason", sorted(WORDS))
def test_words_are_short_plain_and_translatable(reason):
    refusal = WORDS[reason]
    for text in (refusal.title, refusal.happened, refusal.advice):
        assert isinstance(text, Promise)
    assert len(str(refusal.title)) <= 60
    assert not str(refusal.title).endswith(".")
    learners_part = f"{refusal.happened} {str(refusal.advice).partition('For the administrator')[0]}"
    for sentence in SENTENCE_END.split(learners_part):
        assert len(sentence.split()) <= 28
    assert not re.search(r"token|nonce|JWT|OIDC|signature|claim|LTI", learners_part)


@pytest.mark.parametrize("reason", sorted(WORDS))
def test_a_refusal_is_a_client_error_or_asks_to_try_again(reason):
    assert LaunchRefused(reason).status in {400, 401, 403, 405, 503}


def test_a_refusal_may_bring_its_own_status():
    assert LaunchRefused("not_available", status=404).status == 404


def test_a_reason_without_words_gets_calm_general_ones():
    with translation.override("en"):
        assert str(words("made_up").title) == "The activity could not be opened"
    assert LaunchRefused("made_up").status == 400


def test_unknown_lms_client_and_deployment_have_the_same_words():
    alike = (
        *("platform_unknown", "platform_ambiguous", "registration_inactive"),
        *("deployment_unknown", "deployment_disabled"),
    )
    assert len({id(words(reason)) for reason in alike}) == 1


def test_what_is_for_the_log_is_not_in_the_message():
    refused = LaunchRefused("exp", detail="-700 s", return_url="https://lms.example/?sesskey=1")
    assert str(refused) == "exp"
    assert repr(refused) == "LaunchRefused('exp')"
