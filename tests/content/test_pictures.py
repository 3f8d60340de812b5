import hashlib
import os
import struct

import pytest

from itpm_byte.content import pictures
from tests.content.conftest import DRAWING

PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 320, 200) + b"\x08\x02\0\0\0"
JPEG = b"\xff\xd8" + b"\xff\xe0\x00\x04JF" + b"\xff\xc0\x00\x0b\x08" + struct.pack(">HH", 90, 160) + b"\x01\x01\x11\x00"
RIFF = b"RIFF\x40\0\0\0WEBP"
WEBP_LOSSY = RIFF + b"VP8 \x20\0\0\0" + b"\x10\x02\x00\x9d\x01\x2a" + struct.pack("<HH", 300, 150)
WEBP_LOSSLESS = RIFF + b"VP8L\x20\0\0\0\x2f" + struct.pack("<I", 299 | 149 << 14)
WEBP_EXTENDED = RIFF + b"VP8X\x0a\0\0\0\0\0\0\0" + struct.pack("<HBHB", 299, 0, 149, 0)


def refusal(folder, name):
    with pytest.raises(pictures.PictureRefused) as caught:
        pictures.read(folder, name)
    return str(caught.value)


def test_a_drawing_is_stored_clean_under_the_digest_of_its_bytes(tmp_path):
    (tmp_path / "cup.svg").write_bytes(DRAWING.replace(b"<circle", b"<script>1</script><circle"))
    picture = pictures.read(tmp_path, "cup.svg")
    assert (picture.media_type, picture.width, picture.height) == ("image/svg+xml", 64, 36)
    assert picture.digest == hashlib.sha256(picture.data).hexdigest()
    assert picture.data == DRAWING
    assert picture.warnings == ("was stored without <script>. Remove it from the file.",)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.png", PNG, ("image/png", 320, 200)),
        ("a.jpg", JPEG, ("image/jpeg", 160, 90)),
        ("a.jpeg", JPEG, ("image/jpeg", 160, 90)),
        ("a.webp", WEBP_LOSSY, ("image/webp", 300, 150)),
        ("a.webp", WEBP_LOSSLESS, ("image/webp", 300, 150)),
        ("a.webp", WEBP_EXTENDED, ("image/webp", 300, 150)),
    ],
)
def test_photographs_are_known_by_their_bytes(tmp_path, name, content, expected):
    (tmp_path / name).write_bytes(content)
    picture = pictures.read(tmp_path, name)
    assert (picture.media_type, picture.width, picture.height) == expected
    assert (picture.data, picture.warnings) == (content, ())


def test_a_name_that_lies_is_refused(tmp_path):
    (tmp_path / "a.png").write_bytes(DRAWING)
    assert refusal(tmp_path, "a.png") == "is not what its name says: the file holds image/svg+xml."
    (tmp_path / "b.svg").write_bytes(b"hello")
    assert refusal(tmp_path, "b.svg") == "is not what its name says: the file holds no picture we know."


@pytest.mark.parametrize(
    ("name", "content"),
    [
        *[("a.png", PNG[:length]) for length in (8, 15, 23)],
        *[("a.jpg", JPEG[:length]) for length in (3, 9, 15)],
        *[("a.webp", cut) for cut in (RIFF, WEBP_LOSSY[:27], WEBP_LOSSLESS[:22], WEBP_EXTENDED[:27])],
    ],
)
def test_a_picture_that_ends_early_is_refused(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    assert refusal(tmp_path, name) in {
        "is damaged: it does not tell its size.",
        "is 0 by 0 pixels, 4096 at most.",
    }


def test_a_picture_of_too_many_pixels_or_bytes_is_refused(tmp_path):
    (tmp_path / "a.png").write_bytes(PNG.replace(struct.pack(">I", 320), struct.pack(">I", 5000)))
    assert refusal(tmp_path, "a.png") == "is 5000 by 200 pixels, 4096 at most."
    (tmp_path / "b.png").write_bytes(PNG + bytes(pictures.MAX_BYTES))
    assert refusal(tmp_path, "b.png") == "is larger than 300 kB. Make it smaller: people read on phones."


def test_camera_data_is_worth_a_warning(tmp_path):
    (tmp_path / "a.jpg").write_bytes(JPEG + b"Exif\x00\x00GPS")
    assert pictures.read(tmp_path, "a.jpg").warnings == (
        "carries camera data, maybe the place where it was taken. Save it without.",
    )


@pytest.mark.parametrize("name", ["../cup.svg", "/etc/passwd", "in/cup.svg", "..", "", "."])
def test_only_files_of_the_same_folder_are_read(tmp_path, name):
    assert refusal(tmp_path, name) == "must be in the same folder as this file."


def test_links_pipes_and_folders_are_no_pictures(tmp_path):
    outside = tmp_path / "outside.svg"
    outside.write_bytes(DRAWING)
    folder = tmp_path / "byte"
    folder.mkdir()
    (folder / "link.svg").symlink_to(outside)
    os.mkfifo(folder / "pipe.svg")
    (folder / "folder.svg").mkdir()
    for name in ("link.svg", "pipe.svg", "folder.svg", "nul\0.svg"):
        assert refusal(folder, name) == "can't be opened. It must be a plain file, not a link."
    assert refusal(folder, "missing.svg") == "is not in the folder of this file."
