"""Rating the Byte, and asking a person for help."""

import pytest

from itpm_byte.learning.feedback import LONGEST_COMMENT
from itpm_byte.learning.models import Feedback, SupportRequest, UnclearQuestion
from itpm_byte.learning.unclear import LONGEST_REASON
from lti.models import Institution
from tests.player.seats import PIECE, flat, text_of


def test_a_rating_is_kept_and_shown_again(lin):
    response = lin.post("feedback/", {"rating": "4", "comment": "Clear <b>words</b>"})

    assert response.status_code == 303
    assert response.headers["Location"] == f"{lin.url}?said=feedback#rating"
    assert list(Feedback.objects.values_list("rating", "comment")) == [(4, "Clear <b>words</b>")]
    page = flat(lin.get())
    assert 'name="rating" value="4" checked' in page
    assert "Clear &lt;b&gt;words&lt;/b&gt;</textarea>" in page
    assert "Thank you. You can change your answer at any time." in page


def test_a_rating_may_be_changed(lin):
    lin.post("feedback/", {"rating": "4"})
    lin.post("feedback/", {"rating": "2", "comment": "On second thought"})

    assert list(Feedback.objects.values_list("rating", "comment")) == [(2, "On second thought")]


@pytest.mark.parametrize("rating", ["", "0", "6", "x", "4.5"])
def test_a_rating_outside_the_scale_brings_back_what_was_typed(lin, rating):
    response = lin.post("feedback/", {"rating": rating, "comment": "half a thought"})

    assert response.status_code == 422
    assert "Choose one of the five points of the scale." in text_of(response)
    assert "half a thought</textarea>" in response.content.decode()
    assert Feedback.objects.count() == 0


def test_line_ends_count_once_as_in_the_browser(lin):
    longest = "a\r\n" * (LONGEST_COMMENT // 2)

    assert lin.post("feedback/", {"rating": "4", "comment": longest}).status_code == 303
    assert lin.post("feedback/", {"rating": "4", "comment": "b" * (LONGEST_COMMENT + 1)}).status_code == 422
    assert Feedback.objects.get().comment.startswith("a\na\n")


def test_our_script_gets_the_rating_alone(lin):
    response = lin.post("feedback/", {"rating": "5"}, headers=PIECE)

    piece = response.content.decode()
    assert response.status_code == 200
    assert 'id="rating"' in piece
    assert "<html" not in piece
    assert "Change my answer" in piece
    assert piece.count("data-focus") == 1


def test_a_request_for_help_is_kept_and_confirmed(lin):
    response = lin.post("support/", {"message": "Where do I begin?"})

    assert response.status_code == 303
    assert SupportRequest.objects.get().message == "Where do I begin?"
    thanked = text_of(lin.client.get(response.headers["Location"]))
    assert "Your request was sent. A person will get back to you." in thanked


def test_the_same_request_twice_is_one(lin):
    lin.post("support/", {"message": "Help"})
    lin.post("support/", {"message": "Help"})

    assert SupportRequest.objects.count() == 1


def test_an_empty_request_brings_the_form_back(lin):
    response = lin.post("support/", {"message": "  "})

    assert response.status_code == 422
    assert "Write what you need help with." in text_of(response)
    assert SupportRequest.objects.count() == 0


def test_too_many_requests_keep_what_was_typed(lin):
    for number in range(5):
        lin.post("support/", {"message": f"Help {number}"})

    response = lin.post("support/", {"message": "One more"})

    assert response.status_code == 422
    assert "You have already asked several times." in text_of(response)
    assert "One more</textarea>" in response.content.decode()


def test_the_institutions_link_comes_before_its_address_and_the_form(lin):
    Institution.objects.update(support_url="https://help.example/", support_email="help@help.example")
    page = lin.get().content.decode()
    assert 'href="https://help.example/"' in page
    assert "help@help.example" not in page
    assert 'action="' + lin.url + "support/#" not in page

    Institution.objects.update(support_url="")
    page = lin.get().content.decode()
    assert 'href="mailto:help@help.example"' in page
    assert 'action="' + lin.url + "support/#" not in page


def test_a_teachers_words_are_not_kept(ada):
    rated = ada.post("feedback/", {"rating": "1", "comment": "test"})
    asked = ada.post("support/", {"message": "test"})
    told = ada.post("unclear/", {"question": "quiz", "reason": "test"})

    assert (rated.status_code, asked.status_code, told.status_code) == (200, 200, 200)
    assert "This was a preview: nothing was recorded." in text_of(rated)
    assert "This was a preview: nothing was recorded." in text_of(asked)
    assert "This was a preview: nothing was recorded." in text_of(told)
    assert (Feedback.objects.count(), SupportRequest.objects.count(), UnclearQuestion.objects.count()) == (0, 0, 0)


def test_an_unclear_question_is_kept_and_thanked_for(lin):
    response = lin.post("unclear/", {"question": "quiz", "reason": "Which role?"})

    assert response.status_code == 303
    assert response.headers["Location"] == f"{lin.url}?said=unclear&question=quiz#unclear-quiz"
    assert list(UnclearQuestion.objects.values_list("question__key", "reason")) == [("quiz", "Which role?")]
    thanked = flat(lin.client.get(response.headers["Location"]))
    assert '<details class="unclear" id="unclear-quiz" open>' in thanked
    assert "Thank you for telling us. You can go on with the Byte." in thanked


def test_our_script_gets_the_thanks_alone(lin):
    response = lin.post("unclear/", {"question": "quiz", "reason": ""}, headers=PIECE)

    piece = response.content.decode()
    assert (response.status_code, piece.count("data-focus"), "<html" in piece) == (200, 1, False)
    assert 'id="unclear-quiz"' in piece
    assert UnclearQuestion.objects.count() == 1


def test_a_reason_that_is_too_long_comes_back(lin):
    response = lin.post("unclear/", {"question": "quiz", "reason": "b" * (LONGEST_REASON + 1)}, headers=PIECE)

    assert response.status_code == 422
    assert "This text is too long. Please shorten it." in text_of(response)
    assert "b</textarea>" in response.content.decode()
    assert UnclearQuestion.objects.count() == 0


def test_no_other_question_can_be_unclear(lin):
    response = lin.post("unclear/", {"question": "nope"}, headers=PIECE)

    assert (response.status_code, response.content) == (422, b"")
    assert UnclearQuestion.objects.count() == 0
