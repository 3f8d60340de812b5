"""What a machine can see of the stylesheet and the modules."""

import re

from tests.player.seats import ROOT

STATIC = ROOT / "itpm_byte" / "static" / "itpm_byte"
CSS = (STATIC / "byte.css").read_text()


def _luminance(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one, other):
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _schemes():
    """Colours by name, light and dark."""
    blocks = re.findall(r":root \{(.*?)\n *\}", CSS, flags=re.S)[:2]
    return [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block)) for block in blocks]


def test_the_page_reads_from_either_side():
    one_sided = (
        r"(?<![\w-])(?:margin|padding|border|inset)-(?:left|right)|(?<![\w-])(?:left|right)\s*:|"
        r"text-align:\s*(?:left|right)|float:|(?<![\w-])(?:min-|max-)?(?:width|height)\s*:(?!\s*\d+rem\))"
    )
    rules = re.sub(r"/\*.*?\*/|@(?:media|container)[^{]*", "", CSS, flags=re.S)

    assert re.findall(one_sided, rules) == []


def test_words_stand_out_from_every_ground_in_light_and_dark():
    for scheme in _schemes():
        for ground in ("ground", "paper", "tint"):
            for ink in ("ink", "ink-soft", "accent"):
                assert _contrast(scheme[ink], scheme[ground]) >= 4.5, (ink, ground)
        for ink, ground in (("on-accent", "accent"), ("good", "good-tint"), ("warn", "warn-tint")):
            assert _contrast(scheme[ink], scheme[ground]) >= 4.5, (ink, ground)
        for tint in ("good-tint", "warn-tint"):
            assert _contrast(scheme["ink"], scheme[tint]) >= 4.5


def test_controls_and_the_focus_ring_stand_out_in_light_and_dark():
    for scheme in _schemes():
        for ground in ("ground", "paper", "tint"):
            assert _contrast(scheme["line-strong"], scheme[ground]) >= 3, ground
            assert _contrast(scheme["focus"], scheme[ground]) >= 3, ground


def test_nothing_is_fetched_from_elsewhere():
    for path in STATIC.iterdir():
        addresses = set(re.findall(r"https?://[^\s\"')]+", path.read_text()))
        assert addresses <= {"http://www.w3.org/2000/svg"}, path.name


def test_the_page_cares_for_those_who_want_less_motion_more_contrast_or_paper():
    for wish in (
        "prefers-reduced-motion: reduce",
        "forced-colors: active",
        "print",
        "prefers-color-scheme: dark",
    ):
        assert re.search(rf"@media \(?{wish}", CSS)
