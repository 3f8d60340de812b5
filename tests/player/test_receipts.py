"""The learner's page about their receipt, and the public page on which others check one."""

import html
import re

import pytest
from django.test import Client

from itpm_byte import logs
from itpm_byte.learning.models import Receipt
from lti.models import Role
from tests.cast import someone
from tests.player.seats import sit, text_of


@pytest.fixture
def completed(lin):
    lin.answer("peter")
    return lin


def made(seat, **fields):
    """The public address, as the learner's page shows it."""
    assert seat.post("receipt/", fields).status_code == 303
    shown = re.search(r'<code id="address" dir="ltr">(.*?)</code>', seat.get("receipt/").content.decode())
    assert shown
    return html.unescape(shown[1])


def others_see(address):
    """What somebody sees who never was in the course."""
    return Client().get(address.removeprefix("http://127.0.0.1:8000"))


def test_the_byte_leads_to_the_receipt_once_it_is_completed(lin):
    address = f'href="{lin.url}receipt/"'
    assert address not in lin.get().content.decode()
    lin.answer("peter")
    assert address in lin.get().content.decode()


def test_before_that_there_is_none_and_the_page_says_when(lin):
    for response in (lin.get("receipt/"), lin.post("receipt/")):
        assert "You get a receipt once you have answered all questions." in text_of(response)
        assert "Make my receipt" not in text_of(response)
    assert Receipt.objects.count() == 0


def test_nothing_is_public_until_the_learner_makes_it(completed):
    page = text_of(completed.get("receipt/"))
    assert "Make my receipt" in page
    assert "/r/" not in page
    assert Receipt.objects.count() == 0


def test_others_see_byte_version_date_and_course_and_neither_name_nor_points(completed, people):
    page = others_see(made(completed))

    words = text_of(page)
    assert page.status_code == 200
    assert "This receipt is genuine" in words
    for said in ("IT Project Manager", "Version of the Byte 1", "Careers", "lms school", "Completed on"):
        assert said in words
    assert "The learner chose not to show a name." in words
    assert "Lin" not in words
    assert not re.search(r"\bpoints?\b|Peter|attempt", words)


def test_the_name_stands_there_only_as_long_as_the_learner_wants_it(completed):
    address = made(completed, name="1")
    assert "Completed by Lin" in text_of(others_see(address))
    assert "checked" in completed.get("receipt/").content.decode()

    assert made(completed) == address
    assert "Lin" not in text_of(others_see(address))


def test_a_withdrawn_receipt_is_there_for_nobody(completed):
    address = made(completed, name="1")
    completed.post("receipt/", {"withdraw": "1"})

    assert "Make my receipt" in text_of(completed.get("receipt/"))
    gone = others_see(address)
    assert gone.status_code == 404
    assert "There is no receipt with this code." in text_of(gone)
    assert "Lin" not in text_of(gone)


def test_an_erased_learners_receipt_is_there_for_nobody(completed, people):
    address = made(completed, name="1")
    people.lin.delete()
    assert others_see(address).status_code == 404


def test_a_code_from_paper_leads_to_the_receipt(completed):
    code = made(completed).rstrip("/").rpartition("/")[2]
    typed = code.lower().replace("-", " ")
    found = Client().get("/r/", {"code": typed})
    assert (found.status_code, found["Location"]) == (303, f"/r/{code}/")


def test_what_a_code_looks_like_is_said_before_one_is_typed(client):
    page = client.get("/r/").content.decode()
    assert "A code has five groups of four letters and digits." in page
    assert 'aria-describedby="form-of-codes"' in page
    assert "alert" not in page


@pytest.mark.parametrize("typed", ["ABCD", "<b>bold</b>", "x" * 5000])
def test_what_is_no_code_is_told_so_and_can_be_mended(client, typed):
    page = client.get("/r/", {"code": typed})
    assert page.status_code == 422
    assert "A code has five groups of four letters and digits." in text_of(page)
    assert 'role="alert">A code has five groups' in page.content.decode()
    assert 'aria-invalid="true"' in page.content.decode()
    assert "<b>bold" not in page.content.decode()


def test_a_public_page_is_kept_by_nobody_framed_by_nobody_and_found_by_no_search_engine(completed):
    page = others_see(made(completed))
    assert "no-store" in page["Cache-Control"]
    assert page["X-Robots-Tag"] == "noindex"
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
    assert page.cookies == {}


def test_the_code_of_a_receipt_that_is_gone_is_not_logged(completed, caplog):
    address = made(completed)
    completed.post("receipt/", {"withdraw": "1"})
    others_see(address)

    code = address.rstrip("/").rpartition("/")[2]
    said = [logs.hide_links(None, "warning", {"event": record.getMessage()})["event"] for record in caplog.records]
    assert said == ["Not Found: /r/[private]/"]
    assert code in caplog.text


def test_previews_have_no_receipt(people, ada):
    for seat in (
        ada,
        sit(people.lin, people.link, is_test_user=True),
        sit(someone(people, "Vi", Role.MENTOR), people.link),
    ):
        assert [seat.get("receipt/").status_code, seat.post("receipt/").status_code] == [404, 404]
    assert Receipt.objects.count() == 0


def test_checking_costs_two_queries(completed, django_assert_num_queries):
    address = made(completed)
    with django_assert_num_queries(2):
        others_see(address)


def test_others_read_it_in_their_own_language(completed):
    page = Client().get(made(completed).removeprefix("http://127.0.0.1:8000"), headers={"Accept-Language": "fr"})
    assert "Ce justificatif est authentique" in text_of(page)
    assert '<strong lang="en">IT Project Manager</strong>' in page.content.decode()
