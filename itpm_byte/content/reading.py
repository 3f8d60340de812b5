"""A frozen version, ready to show. Rendered once per version and process, because versions never change."""

from functools import lru_cache

from django.utils.safestring import SafeString

from itpm_byte.content import markdown
from itpm_byte.content.document import Document
from itpm_byte.content.models import Byte

# About 100 kB each at most: enough for every Byte that a process shows at one time.
KEPT_VERSIONS = 64


def rendered(byte: Byte) -> Document:
    """The sections as safe HTML. One query on the first read of a version, none after; `document` may be deferred."""
    return _rendered(byte.pk, byte.content_hash)


@lru_cache(maxsize=KEPT_VERSIONS)
def _rendered(byte_id: int, content_hash: str) -> Document:
    # The hash is part of the key because tests and restored backups give an old id to other content.
    document = Byte.objects.values_list("document", flat=True).get(pk=byte_id, content_hash=content_hash)
    return Document.from_json(document)


@lru_cache(maxsize=1024)
def html(text: str) -> SafeString:
    """Safe HTML of an author's feedback or explanation (Question and Choice rows hold Markdown)."""
    return markdown.blocks(text)
