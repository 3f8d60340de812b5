"""Pictures beside a Byte's file: only real files of that folder, known by their bytes and not by their name."""

import hashlib
import os
import stat
import struct
from dataclasses import dataclass
from pathlib import Path

from itpm_byte.content import svg

MAX_BYTES = 300 * 1024
MAX_SIDE = 4096
MEDIA_TYPES = {
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
}


class PictureRefused(Exception):
    """The text says why, for the author."""


@dataclass(frozen=True, slots=True)
class PictureFile:
    """Ready to store. `warnings` tell the author what was changed or should be."""

    digest: str
    media_type: str
    width: int
    height: int
    data: bytes
    warnings: tuple[str, ...]


def read(folder: Path, name: str) -> PictureFile:
    """The picture `name` of this folder. Raises PictureRefused."""
    content = _content(folder, name)
    claimed = MEDIA_TYPES.get(Path(name).suffix.lower())
    media_type = _media_type(content)
    if claimed is None or media_type != claimed:
        raise PictureRefused(f"is not what its name says: the file holds {media_type or 'no picture we know'}.")
    warnings: list[str] = []
    if media_type == "image/svg+xml":
        try:
            drawing = svg.sanitised(content)
        except svg.SvgRefused as error:
            raise PictureRefused(str(error)) from error
        content, size = drawing.data, (drawing.width, drawing.height)
        if drawing.removed:
            warnings.append(f"was stored without {', '.join(drawing.removed)}. Remove it from the file.")
    else:
        size = _measured(content, media_type)
        if _tells_where_it_was_taken(content, media_type):
            warnings.append("carries camera data, maybe the place where it was taken. Save it without.")
    return PictureFile(hashlib.sha256(content).hexdigest(), media_type, *size, content, tuple(warnings))


def _content(folder: Path, name: str) -> bytes:
    """Opens without following a link or waiting on a pipe, then looks at what was opened, so nothing can be swapped."""
    if Path(name).name != name or name in {"", ".", ".."}:
        raise PictureRefused("must be in the same folder as this file.")
    try:
        handle = os.open(folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError as error:
        raise PictureRefused("is not in the folder of this file.") from error
    except (OSError, ValueError) as error:
        raise PictureRefused("can't be opened. It must be a plain file, not a link.") from error
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise PictureRefused("can't be opened. It must be a plain file, not a link.")
    with os.fdopen(handle, "rb") as stream:
        content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise PictureRefused(f"is larger than {MAX_BYTES // 1024} kB. Make it smaller: people read on phones.")
    return content


def _media_type(content: bytes) -> str | None:
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return "image/svg+xml" if content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<" else None


def _measured(content: bytes, media_type: str) -> tuple[int, int]:
    measure = {"image/png": _png_size, "image/jpeg": _jpeg_size, "image/webp": _webp_size}[media_type]
    try:
        width, height = measure(content)
    except (struct.error, IndexError) as error:
        raise PictureRefused("is damaged: it does not tell its size.") from error
    if not (1 <= width <= MAX_SIDE and 1 <= height <= MAX_SIDE):
        raise PictureRefused(f"is {width} by {height} pixels, {MAX_SIDE} at most.")
    return width, height


def _png_size(content: bytes) -> tuple[int, int]:
    """PNG §11.2.1: IHDR is the first chunk."""
    length, name, width, height = struct.unpack_from(">I4sII", content, 8)
    return (width, height) if (length, name) == (13, b"IHDR") else (0, 0)


def _jpeg_size(content: bytes) -> tuple[int, int]:
    """ITU-T T.81 B.2.2: the first frame header SOFn holds height and width."""
    position = 2
    while True:
        marker, code, length = struct.unpack_from(">BBH", content, position)
        if marker != 0xFF or length < 2:
            return 0, 0
        if code in {0xC0, 0xC1, 0xC2, 0xC3}:
            height, width = struct.unpack_from(">HH", content, position + 5)
            return width, height
        position += 2 + length


def _webp_size(content: bytes) -> tuple[int, int]:
    """RFC 9649 §2: the first chunk is lossy (VP8), lossless (VP8L) or extended (VP8X)."""
    match content[12:16]:
        case b"VP8 ":
            width, height = struct.unpack_from("<HH", content, 26)
            return width & 0x3FFF, height & 0x3FFF
        case b"VP8L":
            (bits,) = struct.unpack_from("<I", content, 21)
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8X":
            low_width, high_width, low_height, high_height = struct.unpack_from("<HBHB", content, 24)
            return (high_width << 16 | low_width) + 1, (high_height << 16 | low_height) + 1
    return 0, 0


def _tells_where_it_was_taken(content: bytes, media_type: str) -> bool:
    mark = {"image/png": b"eXIf", "image/jpeg": b"Exif\x00\x00", "image/webp": b"EXIF"}[media_type]
    return mark in content
