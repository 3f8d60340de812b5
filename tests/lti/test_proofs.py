import uuid

import pytest

from lti.proofs import Proof, Ticket, hash_secret, is_secret_of, person_key, seal, seal_ticket, unseal, unseal_ticket

PROOF = Proof(launch_id=uuid.uuid4(), person="p", secret="s", issued_at=1, return_url="https://lms.example/?sesskey=1")


def test_a_sealed_proof_opens_to_the_same_proof():
    assert unseal(seal(PROOF)) == PROOF


def test_a_sealed_proof_tells_a_reader_nothing():
    assert "sesskey" not in seal(PROOF)
    assert PROOF.launch_id.hex not in seal(PROOF)


@pytest.mark.parametrize("foreign", ["", "nonsense", "gAAAAA", "ünseal", seal_ticket(Ticket(uuid.uuid4(), "/l/"))])
def test_what_was_not_sealed_as_a_proof_opens_to_nothing(foreign):
    assert unseal(foreign) is None


def test_a_changed_proof_opens_to_nothing():
    sealed = seal(PROOF)
    changed = sealed[:40] + ("A" if sealed[40] != "A" else "B") + sealed[41:]

    assert unseal(changed) is None


def test_a_proof_is_no_ticket():
    assert unseal_ticket(seal(PROOF)) is None


def test_a_ticket_opens_to_the_same_ticket():
    ticket = Ticket(uuid.uuid4(), "/l/x/", "https://lms.example/")

    assert unseal_ticket(seal_ticket(ticket)) == ticket


def test_an_overlong_return_url_is_left_out_so_that_the_cookie_fits():
    overlong = Proof(PROOF.launch_id, "p", "s", 1, "https://lms.example/?" + "x" * 4000)

    assert len(seal(overlong)) <= 3500
    assert unseal(seal(overlong)) == Proof(PROOF.launch_id, "p", "s", 1, "")


def test_proofs_open_after_the_keys_were_rotated_and_not_after_the_old_key_left(settings):
    new, old = "bmV3LWtleS1uZXcta2V5LW5ldy1rZXktbmV3LWtleS0=", "b2xkLWtleS1vbGQta2V5LW9sZC1rZXktb2xkLWtleS0="
    settings.FIELD_ENCRYPTION_KEYS = [old]
    sealed = seal(PROOF)

    settings.FIELD_ENCRYPTION_KEYS = [new, old]
    assert unseal(sealed) == PROOF
    settings.FIELD_ENCRYPTION_KEYS = [new]
    assert unseal(sealed) is None


def test_no_secret_matches_a_launch_that_was_never_proven():
    assert is_secret_of("", "") is False
    assert is_secret_of("s", "") is False
    assert is_secret_of("s", hash_secret("s")) is True
    assert is_secret_of("t", hash_secret("s")) is False


def test_one_sub_at_two_lmss_is_two_people():
    assert person_key("https://a.example", "1") != person_key("https://b.example", "1")
    assert person_key("https://a.example", "1") == person_key("https://a.example", "1")
