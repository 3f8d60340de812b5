import gzip
import hashlib

import pytest

from itpm_byte.content.models import Picture
from tests.content.conftest import DRAWING

pytestmark = pytest.mark.django_db


@pytest.fixture
def drawing():
    digest = hashlib.sha256(DRAWING).hexdigest()
    return Picture.objects.create(digest=digest, media_type="image/svg+xml", width=64, height=36, data=DRAWING)


def test_anybody_gets_a_picture_that_may_be_kept_for_ever(client, drawing, django_assert_num_queries):
    with django_assert_num_queries(1):
        response = client.get(f"/p/{drawing.digest}.svg")
    assert (response.status_code, response.content) == (200, DRAWING)
    assert response.headers["Content-Type"] == "image/svg+xml"
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.headers["ETag"] == f'"{drawing.digest}"'
    assert response.cookies == {}


def test_a_picture_opened_on_its_own_can_do_nothing(client, drawing):
    headers = client.get(f"/p/{drawing.digest}.svg").headers
    assert headers["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_a_browser_that_has_the_picture_is_told_so_without_a_query(client, drawing, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get(f"/p/{drawing.digest}.svg", headers={"If-None-Match": f'W/"x", "{drawing.digest}"'})
    assert (response.status_code, response.content) == (304, b"")
    assert response.headers["ETag"] == f'"{drawing.digest}"'
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    other = client.get(f"/p/{drawing.digest}.svg", headers={"If-None-Match": '"other"'})
    assert other.status_code == 200


def test_drawings_travel_compressed_to_browsers_that_can_read_it(client, drawing):
    response = client.get(f"/p/{drawing.digest}.svg", headers={"Accept-Encoding": "br, gzip"})
    assert gzip.decompress(response.content) == DRAWING
    assert response.headers["Content-Encoding"] == "gzip"
    assert response.headers["ETag"] == f'"{drawing.digest}-gzip"'
    assert "Accept-Encoding" in response.headers["Vary"]
    again = client.get(
        f"/p/{drawing.digest}.svg",
        headers={"Accept-Encoding": "gzip", "If-None-Match": response.headers["ETag"]},
    )
    assert again.status_code == 304


def test_photographs_are_not_compressed_twice(client):
    Picture.objects.create(digest="a" * 64, media_type="image/png", width=1, height=1, data=b"PNG")
    response = client.get(f"/p/{'a' * 64}.png", headers={"Accept-Encoding": "gzip"})
    assert (response.content, response.headers["Content-Type"]) == (b"PNG", "image/png")
    assert "Content-Encoding" not in response.headers


def test_only_the_head_may_be_asked_for_and_nothing_may_be_sent(client, drawing):
    head = client.head(f"/p/{drawing.digest}.svg")
    assert (head.status_code, head.content) == (200, b"")
    assert client.post(f"/p/{drawing.digest}.svg").status_code == 405


@pytest.mark.parametrize("name", [f"{'0' * 64}.svg", "x.svg", f"{'0' * 64}.html", f"{'0' * 64}", f"{'A' * 64}.svg"])
def test_unknown_pictures_are_not_found(client, name):
    assert client.get(f"/p/{name}").status_code == 404


def test_a_drawing_does_not_answer_to_the_name_of_a_photograph(client, drawing):
    assert client.get(f"/p/{drawing.digest}.png").status_code == 404
