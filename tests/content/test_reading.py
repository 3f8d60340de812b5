import pytest

from itpm_byte.content import loading, reading
from itpm_byte.content.models import Byte
from tests.content.conftest import NOW, SECOND


@pytest.mark.django_db
def test_a_version_is_rendered_once_and_needs_no_query_again(django_assert_num_queries):
    byte = Byte.objects.defer("document").get(pk=loading.load(SECOND, now=NOW).byte.pk)
    with django_assert_num_queries(1):
        first = reading.rendered(byte)
    with django_assert_num_queries(0):
        assert reading.rendered(byte) is first
    assert first.section_ids[0] == "cover"


@pytest.mark.django_db
def test_each_version_has_its_own_document(folder):
    first = loading.load(folder.path, now=NOW).byte
    assert reading.rendered(first).sections[0].title == "Tea"
    folder.opening["title"] = "Green tea"
    second = loading.load(folder.path, now=NOW).byte
    assert reading.rendered(second).sections[0].title == "Green tea"
    assert reading.rendered(first).sections[0].title == "Tea"


def test_the_store_of_rendered_versions_is_bounded():
    assert reading._rendered.cache_info().maxsize == reading.KEPT_VERSIONS


def test_feedback_is_safe_html():
    assert reading.html("**No.** <script>x</script>") == ("<p><strong>No.</strong> &lt;script&gt;x&lt;/script&gt;</p>")
