import pytest
from django.contrib.auth.models import User

from itpm_byte.content import loading
from itpm_byte.content.models import Byte, Question
from tests.content.conftest import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def byte(folder):
    return loading.load(folder.path, now=NOW).byte


@pytest.fixture
def sue(client):
    client.force_login(User.objects.create_superuser("sue"), backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_sue_sees_versions_questions_and_choices(sue, byte):
    question = byte.questions.get()
    assert "Making tea" in sue.get("/admin/content/byte/").content.decode()
    assert "What goes in first?" in sue.get(f"/admin/content/byte/{byte.pk}/change/").content.decode()
    assert "Leaves first." in sue.get(f"/admin/content/question/{question.pk}/change/").content.decode()
    assert "quiz" in sue.get("/admin/content/question/").content.decode()


def test_even_sue_changes_adds_and_deletes_nothing(sue, byte):
    question = byte.questions.get()
    for path in (f"byte/{byte.pk}", f"question/{question.pk}"):
        assert sue.post(f"/admin/content/{path}/change/", {"title": "Other", "key": "other"}).status_code == 403
        assert sue.post(f"/admin/content/{path}/delete/", {"post": "yes"}).status_code == 403
    assert sue.get("/admin/content/byte/add/").status_code == 403
    assert (Byte.objects.get().title, Question.objects.get().key) == ("Making tea", "quiz")


def test_others_are_sent_to_the_log_in_page(client, byte):
    response = client.get("/admin/content/byte/")
    assert (response.status_code, response.headers["Location"]) == (302, "/admin/login/?next=/admin/content/byte/")


def test_a_list_of_three_takes_no_more_queries_than_a_list_of_one(sue, byte, folder, django_assert_num_queries):
    with django_assert_num_queries(7):
        sue.get("/admin/content/byte/")
    for title in ("Two", "Three"):
        folder.data["title"] = title
        loading.load(folder.path, now=NOW)
    with django_assert_num_queries(7):
        sue.get("/admin/content/byte/")
