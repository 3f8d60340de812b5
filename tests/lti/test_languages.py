"""Pages for staff say that they are English, because they are."""

import pytest
from django.http import HttpResponse
from django.utils import translation

from lti.languages import in_english
from tests.cast import cast


def test_the_view_speaks_english_and_says_so_and_the_next_one_does_not():
    with translation.override("fr"):
        response = in_english(lambda: HttpResponse(translation.get_language()))()

        assert (response.content, response.headers["Content-Language"]) == (b"en", "en")
        assert translation.get_language() == "fr"


@pytest.mark.django_db
def test_sue_reads_english_where_nobody_has_translated(client):
    client.force_login(cast().sue, backend="django.contrib.auth.backends.ModelBackend")

    page = client.get("/staff/lms/", headers={"Accept-Language": "ar"})

    assert '<html lang="en"' in page.content.decode()
    assert page.headers["Content-Language"] == "en"
