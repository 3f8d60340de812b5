import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itpm_byte.content import svg

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 10 10">'


def cleaned(inside, head=HEAD):
    drawing = svg.sanitised(f"{head}{inside}</svg>".encode())
    return re.sub(r"^<svg[^>]*>|</svg>$", "", drawing.data.decode()), drawing.removed


def refusal(content):
    with pytest.raises(svg.SvgRefused) as caught:
        svg.sanitised(content if isinstance(content, bytes) else content.encode())
    return str(caught.value)


def test_a_plain_drawing_keeps_everything_but_comments_and_indents():
    drawing = svg.sanitised(
        b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 360" role="img">\n'
        b"  <!-- sky -->\n  <title>A &amp; B</title>\n"
        b'  <g fill="url(#sky)" transform="translate(1 2)"><path d="M0 0h5"/></g>\n</svg>\n'
    )
    assert drawing == svg.Drawing(
        data=b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 360" role="img"><title>A &amp; B</title>'
        b'<g fill="url(#sky)" transform="translate(1 2)"><path d="M0 0h5"/></g></svg>',
        width=640,
        height=360,
        removed=(),
    )


@pytest.mark.parametrize(
    ("inside", "kept", "removed"),
    [
        ("<script>alert(1)</script><g/>", "<g/>", ("<script>",)),
        ("<g><script><g/></script></g>", "<g/>", ("<script>",)),
        ('<g onclick="alert(1)" id="a"/>', '<g id="a"/>', ("onclick",)),
        ("<foreignObject><p xmlns='http://www.w3.org/1999/xhtml'/></foreignObject>", "", ("<foreignObject>",)),
        ('<a href="javascript:alert(1)"><g/></a>', "", ("<a>",)),
        ('<image href="https://example.org/x.png"/>', "", ("<image>",)),
        ('<set attributeName="href" to="javascript:1"/>', "", ("<set>",)),
        ('<use href="#a"/><use xlink:href="#b"/>', '<use href="#a"/><use href="#b"/>', ()),
        ('<use href="https://example.org/x.svg#a"/>', "<use/>", ("a link out of the drawing",)),
        ('<use xlink:href="data:text/html,x"/>', "<use/>", ("a link out of the drawing",)),
        ('<g fill="url(https://example.org)"/>', "<g/>", ("fill with an address or a script",)),
        ('<g style="fill:red"/>', '<g style="fill:red"/>', ()),
        ('<g style="background:u\\72l(x)"/>', "<g/>", ("style with an address or a script",)),
        ('<g style="background:ur/**/l(x)"/>', "<g/>", ("style with an address or a script",)),
        ("<g style=\"background:image-set('x')\"/>", "<g/>", ("style with an address or a script",)),
        ("<style>.a{fill:url(#b)}</style>", "<style>.a{fill:url(#b)}</style>", ()),
        ("<style>@import 'x';</style>", "<style/>", ("a <style> that loads something",)),
        ("<style>@font-face{src:url(x)}</style>", "<style/>", ("a <style> that loads something",)),
        ("<style><![CDATA[</style><script>]]></style>", "<style/>", ("a <style> that loads something",)),
        ("<text>&lt;script&gt;</text>", "<text>&lt;script&gt;</text>", ()),
        ("<metadata><x/></metadata><g data-x='1'/>", "<g/>", ()),
    ],
)
def test_what_could_run_load_or_lead_away_is_left_out(inside, kept, removed):
    assert cleaned(inside) == (kept, removed)


def test_a_style_may_answer_to_dark_mode():
    style = "<style>.sky{fill:#fff}@media (prefers-color-scheme: dark) and (min-width: 1px){.sky{fill:#000}}</style>"
    assert cleaned(style) == (style, ())


def test_traces_of_drawing_programs_go_without_a_word():
    head = HEAD.replace(" viewBox", ' xmlns:i="http://www.inkscape.org/namespaces/inkscape" i:version="1" viewBox')
    assert cleaned("<i:grid/><g/>", head) == ("<g/>", ())


@pytest.mark.parametrize(
    "content",
    [
        '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/x.dtd"><svg/>',
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><svg xmlns="http://www.w3.org/2000/svg">&b;</svg>',
        '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><svg>&f;</svg>',
    ],
)
def test_doctypes_and_entities_are_refused(content):
    assert refusal(content) == "has a DOCTYPE or entities, which can hide harm. Remove that part."


def test_what_is_no_drawing_is_refused_in_words():
    start = 'is not an SVG drawing: it must begin with <svg xmlns="http://www.w3.org/2000/svg">.'
    assert refusal("<svg viewBox='0 0 9 9'/>") == start
    assert refusal("<html/>") == start
    assert refusal(f"{HEAD}\n<g>") == "is not well-formed XML (line 2)."
    assert refusal(b"") == "is not well-formed XML (line 1)."
    assert refusal(b"\xff\xfe<") == "is not UTF-8 text. Save it as UTF-8."


@pytest.mark.parametrize("size", ["", 'viewBox="0 0 0 9"', 'viewBox="0 0 nan 9"', 'viewBox="0 0 1e9 9"', 'width="50%"'])
def test_a_drawing_without_a_size_is_refused(size):
    assert refusal(f'<svg xmlns="http://www.w3.org/2000/svg" {size}/>') == (
        'has no size. Give the <svg> a viewBox such as "0 0 640 360".'
    )


def test_the_size_may_come_from_width_and_height():
    drawing = svg.sanitised(b'<svg xmlns="http://www.w3.org/2000/svg" width="120px" height="72.4"/>')
    assert (drawing.width, drawing.height) == (120, 72)


def test_drawings_with_too_many_or_too_deep_elements_are_refused():
    words = "is too complex (5000 elements, 40 levels at most)."
    assert refusal(HEAD + "<g/>" * 5000 + "</svg>") == words
    assert refusal(HEAD + "<g>" * 40 + "</g>" * 40 + "</svg>") == words
    assert refusal(HEAD + "<x>" * 40 + "</x>" * 40 + "</svg>") == words


names = st.sampled_from(["g", "script", "a", "use", "style", "text", "foreignObject", "animate", "svg", "image"])
attributes = st.dictionaries(
    st.sampled_from(["id", "onload", "href", "xlink:href", "style", "fill", "onclick", "class", "src", "x"]),
    st.sampled_from(["#a", "javascript:alert(1)", "url(#a)", "url(http://x)", "1", "@import 'x'", "\\75rl(x)", '"<']),
)


@st.composite
def trees(draw, depth=3):
    name = draw(names)
    written = "".join(
        f' {key}="{value.replace("<", "&lt;").replace(chr(34), "&quot;")}"' for key, value in draw(attributes).items()
    )
    children = draw(st.lists(trees(depth=depth - 1), max_size=3)) if depth else []
    text = draw(st.sampled_from(["", "alert(1)", "&lt;script&gt;", "@import 'x'", ".a{fill:url(//x)}", "]]&gt;"]))
    return f"<{name}{written}>{text}{''.join(children)}</{name}>"


@given(st.lists(trees(), max_size=4))
def test_no_script_survives_whatever_is_drawn(inside):
    drawing = svg.sanitised((HEAD + "".join(inside) + "</svg>").encode())
    for element in ElementTree.fromstring(drawing.data).iter():
        assert element.tag.removeprefix("{http://www.w3.org/2000/svg}") in svg.ELEMENTS
        for name, value in element.attrib.items():
            assert name in svg.ATTRIBUTES
            assert name != "href" or value.startswith("#")
            assert name in {"id", "class"} or not any(bad in value for bad in ("javascript:", "http:", "@", "\\"))
        assert element.tag != "{http://www.w3.org/2000/svg}style" or "import" not in (element.text or "")
    assert svg.sanitised(drawing.data).data == drawing.data


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda raw: raw.decode("latin-1")))
def test_any_file_is_either_cleaned_or_refused(text):
    for content in (text, HEAD + text, f"{HEAD}{text}</svg>"):
        try:
            drawing = svg.sanitised(content.encode("utf-8", "surrogatepass"))
        except svg.SvgRefused:
            continue
        assert (drawing.width, drawing.height) == (10, 10)
