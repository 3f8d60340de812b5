"""Writes a drawing anew with nothing in it that could run, load or follow anything.

Not a filter over the author's text: the drawing is parsed, and only elements, attributes and styles that are on the
lists below are written out again. Expat is used directly, because it tells of a DOCTYPE or an entity before it is
expanded (defusedxml does just this, and would be one more dependency), and because a file of any depth needs no tree.
"""

import math
import re
from dataclasses import dataclass, field

# Bandit frowns at XML. Here DOCTYPE and entities are refused before they can do harm, and the other two only write.
from xml.parsers import expat  # nosec B407
from xml.sax.saxutils import escape, quoteattr  # nosec B406

MAX_ELEMENTS = 5000
MAX_DEPTH = 40
MAX_SIDE = 4096

SVG = "http://www.w3.org/2000/svg"
XLINK_HREF = "http://www.w3.org/1999/xlink href"
# What drawing programs leave behind: dropped without a word.
_SILENT_NAMESPACES = ("inkscape", "sodipodi", "creativecommons", "/metadata", "rdf", "dc/elements", "adobe", "figma")

_TEXT_ELEMENTS = {"text", "tspan", "textPath", "title", "desc", "style"}
ELEMENTS = {
    *("svg", "g", "defs", "symbol", "use", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon"),
    *("linearGradient", "radialGradient", "stop", "clipPath", "mask", "pattern", "marker", "filter"),
    *("feBlend", "feColorMatrix", "feComposite", "feDropShadow", "feFlood", "feGaussianBlur", "feMerge", "feMergeNode"),
    *("feOffset", "feTurbulence", "feDisplacementMap", "feMorphology", *_TEXT_ELEMENTS),
}
ATTRIBUTES = {
    *("id", "class", "style", "role", "lang", "transform", "viewBox", "preserveAspectRatio", "width", "height", "x"),
    *("y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "fx", "fy", "fr", "d", "points", "pathLength", "dx"),
    *("dy", "rotate", "textLength", "lengthAdjust", "startOffset", "href", "offset", "gradientUnits"),
    *("gradientTransform", "spreadMethod", "clipPathUnits", "maskUnits", "maskContentUnits", "patternUnits"),
    *(
        "patternContentUnits",
        "patternTransform",
        "markerUnits",
        "markerWidth",
        "markerHeight",
        "refX",
        "refY",
        "orient",
    ),
    *("filterUnits", "primitiveUnits", "in", "in2", "result", "stdDeviation", "mode", "values", "type", "operator"),
    *("k1", "k2", "k3", "k4", "radius", "baseFrequency", "numOctaves", "seed", "stitchTiles", "scale"),
    *("xChannelSelector", "yChannelSelector", "aria-label", "aria-labelledby", "aria-describedby", "aria-hidden"),
    *("fill", "fill-opacity", "fill-rule", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin"),
    *("stroke-miterlimit", "stroke-dasharray", "stroke-dashoffset", "stroke-opacity", "opacity", "color", "display"),
    *("visibility", "clip-path", "clip-rule", "mask", "filter", "marker-start", "marker-mid", "marker-end"),
    *("stop-color", "stop-opacity", "flood-color", "flood-opacity", "color-interpolation-filters", "paint-order"),
    *("vector-effect", "transform-origin", "font-family", "font-size", "font-weight", "font-style", "letter-spacing"),
    *("word-spacing", "text-anchor", "dominant-baseline", "alignment-baseline", "baseline-shift", "writing-mode"),
    *("direction", "unicode-bidi", "text-decoration", "shape-rendering", "text-rendering", "overflow"),
}

# In styles: a backslash can spell any forbidden word, and functions other than these can name an address to load.
_FUNCTIONS = {
    *("rgb", "rgba", "hsl", "hsla", "oklch", "color-mix", "light-dark", "var", "calc", "min", "max", "clamp"),
    *(
        "translate",
        "rotate",
        "scale",
        "matrix",
        "skewx",
        "skewy",
        "not",
        "is",
        "where",
        "and",
        "or",
        "nth-child",
        "steps",
    ),
    *("media", "cubic-bezier", "translatex", "translatey", "scalex", "scaley"),
}
_LOCAL_URL = re.compile(r"url\(\s*(['\"]?)#[\w.-]+\1\s*\)", re.IGNORECASE)
_CALL = re.compile(r"([\w-]*)\s*\(")
_AT_RULE = re.compile(r"@([\w-]*)")
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_LOCAL = re.compile(r"#[\w.-]+\Z")
_LENGTH = re.compile(r"\s*([0-9]{1,6}(?:\.[0-9]{1,6})?)(?:px)?\s*\Z", re.ASCII)
_BOX_NUMBER = re.compile(r"-?[0-9]{1,6}(?:\.[0-9]{1,6})?\Z", re.ASCII)


class SvgRefused(Exception):
    """The text says why, for the author."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """`removed` names what was left out and is worth telling the author, without repeats."""

    data: bytes
    width: int
    height: int
    removed: tuple[str, ...]


def sanitised(content: bytes) -> Drawing:
    """The drawing, safe and a little smaller. Raises SvgRefused."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SvgRefused("is not UTF-8 text. Save it as UTF-8.") from error
    writer = _Writer()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = _refuse_doctype
    parser.StartElementHandler = writer.start
    parser.EndElementHandler = writer.end
    parser.CharacterDataHandler = writer.text
    try:
        parser.Parse(text, True)
    except expat.ExpatError as error:
        raise SvgRefused(f"is not well-formed XML (line {error.lineno}).") from error
    return writer.drawing()


def _refuse_doctype(*_args: object) -> None:
    raise SvgRefused("has a DOCTYPE or entities, which can hide harm. Remove that part.")


def is_safe_style(style: str) -> bool:
    """No escapes, no address but fragments of the drawing itself, only functions and at-rules that are known."""
    rest = _LOCAL_URL.sub("", _COMMENT.sub(" ", style))
    calls = {name.lower() for name in _CALL.findall(rest)} - {""}
    at_rules = {name.lower() for name in _AT_RULE.findall(rest)}
    is_known = calls <= _FUNCTIONS and at_rules <= {"media", "keyframes"}
    return is_known and not any(sign in rest for sign in ("\\", "<", "//", "/*"))


@dataclass(slots=True)
class _Writer:
    parts: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    removed: dict[str, None] = field(default_factory=dict)
    skipped_depth: int = 0
    elements: int = 0
    style: list[str] = field(default_factory=list)
    size: tuple[int, int] = (0, 0)

    def start(self, full_name: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        if self.elements > MAX_ELEMENTS or len(self.open) + self.skipped_depth >= MAX_DEPTH:
            raise SvgRefused(f"is too complex ({MAX_ELEMENTS} elements, {MAX_DEPTH} levels at most).")
        namespace, _, name = full_name.rpartition(" ")
        if not self.open and not self.skipped_depth and (namespace, name) != (SVG, "svg"):
            raise SvgRefused(f'is not an SVG drawing: it must begin with <svg xmlns="{SVG}">.')
        if self.skipped_depth or namespace != SVG or name not in ELEMENTS:
            if not self.skipped_depth and name != "metadata" and not _is_silent(namespace):
                self.removed[f"<{name}>"] = None
            self.skipped_depth += 1
            return
        is_root = not self.open
        if is_root:
            self.size = _size(attributes)
        self.open.append(name)
        written = "".join(f" {key}={quoteattr(value)}" for key, value in self._kept(attributes).items())
        self.parts.append(f"<{name}{f' xmlns={quoteattr(SVG)}' if is_root else ''}{written}>")

    def end(self, _full_name: str) -> None:
        if self.skipped_depth:
            self.skipped_depth -= 1
            return
        name = self.open.pop()
        if name == "style":
            self._write_style()
        if self.parts[-1].startswith(f"<{name}") and not self.parts[-1].endswith("/>"):
            self.parts[-1] = f"{self.parts[-1][:-1]}/>"
        else:
            self.parts.append(f"</{name}>")

    def text(self, text: str) -> None:
        if self.skipped_depth or not self.open or self.open[-1] not in _TEXT_ELEMENTS:
            return
        if self.open[-1] == "style":
            self.style.append(text)
        else:
            self.parts.append(escape(text))

    def drawing(self) -> Drawing:
        width, height = self.size
        return Drawing("".join(self.parts).encode(), width, height, tuple(self.removed))

    def _write_style(self) -> None:
        style = "".join(self.style)
        self.style.clear()
        if not is_safe_style(style):
            self.removed["a <style> that loads something"] = None
        elif kept := _COMMENT.sub(" ", style).strip():
            self.parts.append(escape(kept))

    def _kept(self, attributes: dict[str, str]) -> dict[str, str]:
        kept = {}
        for full_name, value in attributes.items():
            name = "href" if full_name == XLINK_HREF else full_name
            if name not in ATTRIBUTES:
                if name.lower().startswith("on"):
                    self.removed[name] = None
            elif name == "href" and not _LOCAL.match(value):
                self.removed["a link out of the drawing"] = None
            elif name not in {"href", "id", "class"} and not name.startswith("aria-") and not is_safe_style(value):
                self.removed[f"{name} with an address or a script"] = None
            else:
                kept[name] = value
        return kept


def _is_silent(namespace: str) -> bool:
    return any(word in namespace.lower() for word in _SILENT_NAMESPACES)


def _size(attributes: dict[str, str]) -> tuple[int, int]:
    """Whole pixels, from the viewBox (which keeps the shape) or else from width and height."""
    box = attributes.get("viewBox", "").replace(",", " ").split()
    if len(box) == 4 and all(map(_BOX_NUMBER.match, box)):
        sides = [float(box[2]), float(box[3])]
    else:
        lengths = [_LENGTH.match(attributes.get(side, "")) for side in ("width", "height")]
        sides = [float(length[1]) if length else math.nan for length in lengths]
    if not all(1 <= side <= MAX_SIDE for side in sides):
        raise SvgRefused('has no size. Give the <svg> a viewBox such as "0 0 640 360".')
    return round(sides[0]), round(sides[1])
