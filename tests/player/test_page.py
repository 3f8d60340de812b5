"""The page: what is on it, for whom, at what cost."""

import gzip
import re
from html.parser import HTMLParser

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from itpm_byte.content.models import Byte, Choice, Question
from itpm_byte.learning import placements
from itpm_byte.learning.models import Attempt, Progress
from lti.models import PlatformUser, Role
from tests.cast import someone
from tests.player.seats import ROOT, SECOND, flat, published, sit, text_of

STATIC = ROOT / "itpm_byte" / "static" / "itpm_byte"
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}


class Outline(HTMLParser):
    """Checks that tags nest; collects ids, references to ids, headings, images and inline code."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.ids: list[str] = []
        self.wanted_ids: set[str] = set()
        self.headings: list[int] = []
        self.images: list[dict[str, str | None]] = []
        self.inline: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        assert len(attrs) == len(attributes), f"an attribute twice in <{tag}>"
        if tag not in VOID:
            self.open.append(tag)
        self.ids += [attributes["id"]] if "id" in attributes else []
        for name in ("for", "aria-labelledby", "aria-describedby"):
            self.wanted_ids.update((attributes.get(name) or "").split())
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "img":
            self.images.append(attributes)
        if "style" in attributes or any(name.startswith("on") for name in attributes) or tag == "style":
            self.inline.append(self.get_starttag_text())
        if tag == "script" and not attributes.get("src"):
            self.inline.append(self.get_starttag_text())

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag


def test_lin_reads_who_she_is_and_all_eleven_parts_in_order(lin):
    words = text_of(lin.get())

    assert "You are Lin , in Careers" in words
    headings = [
        "What does an IT project manager do?",
        "How do ITPMs contribute?",
        "A day in the life",
        "What skills are important?",
        "You'll love it if you like",
        "Choose a different career if you",
        "Pick the future ITPM",
        "But does it pay the bills?",
        "Take action",
        "Your feedback matters",
        "Get support to take action on this Byte",
    ]
    places = [words.index(heading) for heading in headings]
    assert places == sorted(places)
    for fact in ("C$82,000", "US$88,980", "Source: not known yet.", "Date: not known yet.", "CC BY 4.0"):
        assert fact in words
    assert "Preview" not in words


def test_the_page_is_valid_html_with_one_outline_and_nothing_inline(lin):
    page = Outline(lin.get().content.decode())

    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    assert page.wanted_ids <= set(page.ids)
    assert page.headings[0] == 1
    assert page.headings.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(page.headings, page.headings[1:], strict=False))
    assert page.inline == []


def test_every_picture_has_words_and_a_size_and_only_the_cover_is_fetched_at_once(lin):
    images = Outline(lin.get().content.decode()).images

    assert len(images) == 17
    assert all(image["alt"] and int(image["width"]) and int(image["height"]) for image in images)
    assert [image.get("loading") for image in images] == [None] + ["lazy"] * 16


def test_the_page_speaks_the_learners_language_and_marks_the_bytes_own_words(people, placement):
    Byte.objects.update(language="ar")
    response = sit(people.lin, people.link, locale="fr-CA").get()
    page = flat(response)

    assert response.headers["Content-Language"] == "fr"
    assert '<html lang="fr" dir="ltr">' in page
    assert '<main id="main" tabindex="-1" lang="ar" dir="rtl">' in page
    assert '<button class="button" type="submit" lang="fr" dir="ltr">Vérifier ma réponse</button>' in page


def test_what_is_in_the_pages_own_language_is_not_marked(people, placement):
    page = flat(sit(people.lin, people.link, locale="en-GB").get())

    assert '<html lang="en" dir="ltr">' in page
    assert re.findall(r" lang=", page) == [" lang="]


def test_an_arabic_learner_has_the_whole_page_from_right_to_left(people, placement):
    Byte.objects.update(language="ar")
    page = flat(sit(people.lin, people.link, locale="ar-EG").get())

    assert '<html lang="ar" dir="rtl">' in page
    assert re.findall(r" dir=", page) == [" dir="]
    assert ">تحقّق من إجابتي</button>" in page


def test_one_language_of_two_regions_is_one_language_for_our_words(people, placement):
    Byte.objects.update(language="fr-CA")
    page = flat(sit(people.lin, people.link, locale="fr").get())

    assert '<main id="main" tabindex="-1" lang="fr-CA">' in page
    assert page.count(' lang="fr"') == 1


def test_a_learner_who_has_not_begun_costs_two_queries_and_later_three(lin):
    lin.get()  # the process keeps frozen versions after the first look

    with CaptureQueriesContext(connection) as first:
        lin.get()
    lin.answer("peter")
    with CaptureQueriesContext(connection) as later:
        lin.get()
    lin.answer("samantha", attempt=2)
    with CaptureQueriesContext(connection) as much_later:
        lin.get()

    assert (len(first), len(later), len(much_later)) == (2, 3, 3)


def test_the_first_load_is_at_most_100_kilobytes_with_all_that_is_above_the_fold(lin):
    page = lin.get().content
    cover = re.search(rb'<img src="([^"]+)"[^>]*fetchpriority="high"', page)[1].decode()
    scripts = [*STATIC.glob("*.js"), *(ROOT / "lti/static/lti").glob("*.js")]
    files = [STATIC / "byte.css", ROOT / "lti/static/lti/lti.css", *scripts]

    weight = len(gzip.compress(page)) + sum(len(gzip.compress(path.read_bytes())) for path in files)
    weight += len(gzip.compress(lin.client.get(cover).content))

    assert weight < 100_000


def test_which_answer_is_right_is_nowhere_before_an_answer(lin):
    secrets = [
        *Choice.objects.values_list("feedback", flat=True),
        *Question.objects.values_list("explanation", flat=True),
    ]
    api = lin.client.get(f"/api/v1/launches/{lin.launch.pk}/progress/")
    files = [path.read_text() for path in [*STATIC.rglob("*.js"), *STATIC.rglob("*.css")]]
    served = [lin.get().content.decode(), api.content.decode(), *files]

    assert len(secrets) == 5
    for told in served:
        assert not any(secret.strip()[:30] in told for secret in secrets)
        assert not re.search(r"is.?(right|correct)[\"'=: ]+(true|1)|data-(right|correct)|class=\"[^\"]*is-right", told)


def test_teachers_see_a_preview_that_says_so(ada):
    words = text_of(ada.get())

    assert "Preview: nothing is recorded, nothing is graded." in words
    assert "You are Ada , in Careers" in words
    assert 'action="' + ada.url + 'seen/"' not in ada.get().content.decode()


@pytest.mark.parametrize("role", [Role.MENTOR, Role.NONE, Role.TEACHING_ASSISTANT, Role.ADMINISTRATOR])
def test_everybody_but_learners_sees_a_preview(people, placement, role):
    seat = sit(someone(people, "Kim", role), people.link)

    assert "Preview: nothing is recorded" in text_of(seat.get())


def test_test_users_see_a_preview_and_a_badge(people, placement):
    words = text_of(sit(people.lin, people.link, is_test_user=True).get())

    assert "Test user" in words
    assert "Preview: nothing is recorded" in words


def test_guests_without_a_name_are_called_guests(people, placement):
    PlatformUser.objects.filter(pk=people.lin.pk).update(is_anonymous=True)

    words = text_of(sit(people.lin, people.link).get())

    assert "You are reading as a guest." in words
    assert "Preview: nothing is recorded" in words


def test_a_link_without_a_byte_is_told_calmly(people, db):
    response = sit(people.lin, people.link).get()

    assert response.status_code == 404
    assert "This activity is not set up yet" in text_of(response)
    assert 'href="https://lms.example/course/view?id=7"' in response.content.decode()


def test_a_launch_without_a_link_is_told_calmly(people, lin):
    type(lin.launch).objects.update(resource_link=None)

    assert lin.get().status_code == 404


def test_names_and_titles_from_the_lms_cannot_script(people, placement):
    PlatformUser.objects.filter(pk=people.lin.pk).update(name="<script>alert(1)</script>")

    page = sit(people.lin, people.link).get().content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_reading_writes_nothing(lin):
    lin.get()

    assert (Attempt.objects.count(), Progress.objects.count()) == (0, 0)


def test_a_byte_of_other_parts_and_several_questions_needs_only_its_file(people):
    published(SECOND)
    placements.for_link(people.link, byte_slug="sticky-note-board", language="en", now=timezone.now())

    response = sit(people.lin, people.link).get()
    page = Outline(response.content.decode())
    words = text_of(response)

    assert "A board of sticky notes" in words
    assert "Three columns" in words
    assert words.count("Check my answer") == 3
    assert 'type="checkbox"' in response.content.decode()
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    assert page.wanted_ids <= set(page.ids)
