import pytest

from itpm_byte.content import source
from itpm_byte.content.problems import LoadFailed


def refusals(text):
    with pytest.raises(LoadFailed) as caught:
        source.parse(text, file="byte.yaml")
    return [str(problem) for problem in caught.value.problems]


def test_data_and_lines_are_read():
    read = source.parse("title: Tea\nsections:\n  - id: one\n  - id: two\n    text: Hi\n", file="byte.yaml")
    assert read.data == {"title": "Tea", "sections": [{"id": "one"}, {"id": "two", "text": "Hi"}]}
    assert str(read.problem(("sections", 1, "text"), "is short.")) == (
        "byte.yaml line 5, section 'two', text: is short."
    )


def test_a_missing_field_points_at_what_lacks_it():
    read = source.parse("sections:\n  - id: one\n", file="byte.yaml")
    assert str(read.problem(("sections", 0, "title"), "x")) == "byte.yaml line 2, section 'one', title: x"


def test_words_stay_words_and_only_true_and_false_are_truth_values():
    text = "[no, yes, on, 12:30, 2026-01-01, 0x1F, 1_000, .5, Null, true, false, null, 7, -0.5]"
    assert source.parse(text, file="f").data == [
        *("no", "yes", "on", "12:30", "2026-01-01", "0x1F", "1_000", ".5", "Null"),
        *(True, False, None, 7, -0.5),
    ]


def test_json_is_read_too():
    assert source.parse('{"a": ["b", 1, true, null]}', file="f").data == {"a": ["b", 1, True, None]}


def test_a_field_that_stands_twice_is_refused():
    assert refusals("title: A\nauthor: B\ntitle: C\n") == ["byte.yaml line 3: 'title' stands here twice. Keep one."]


def test_all_mistakes_of_this_kind_are_told_at_once():
    assert refusals("a: !python/name:os.system x\nb: !!binary aGk=\n? [c]\n: d\n") == [
        "byte.yaml line 1: the tag '!python/name:os.system' is not used here. Remove it.",
        "byte.yaml line 2: the tag 'tag:yaml.org,2002:binary' is not used here. Remove it.",
        "byte.yaml line 3: a field name must be one word.",
    ]


def test_aliases_are_refused_because_they_can_grow_without_end():
    assert refusals("a: &x [1, 2]\nb: [*x, *x]\n") == [
        "byte.yaml line 2: cannot be understood: aliases (*) are not used here. Check indents, quotes and colons."
    ]


def test_too_many_levels_are_refused():
    assert refusals("[" * 5000) == [
        "byte.yaml line 1: cannot be understood: more than 12 levels inside each other. "
        "Check indents, quotes and colons."
    ]


def test_broken_yaml_is_told_with_its_line():
    assert refusals('a: 1\nb: "no end\n') == [
        "byte.yaml line 3: cannot be understood: found unexpected end of stream. Check indents, quotes and colons."
    ]


@pytest.mark.parametrize("text", ["a: \x00", 'a: "\\0"', 'a: "\\ud800"', 'a: "\\x1b[31m"', '"\\x7f": a', "a: \x07"])
def test_unprintable_characters_are_refused(text):
    (refusal,) = refusals(text)
    assert refusal.startswith("byte.yaml line 1: has the unprintable character U+")


def test_numbers_and_characters_out_of_range_are_refused():
    assert refusals('a: "\\UFFFFFFFF"') == [
        "byte.yaml: cannot be understood: it holds a character or number out of range."
    ]
    assert refusals("a: !!int " + "9" * 5000) == [
        "byte.yaml line 1: the tag 'tag:yaml.org,2002:int' is not used here. Remove it."
    ]


def test_an_empty_file_and_one_with_two_documents_are_refused():
    assert refusals("# nothing\n") == ["byte.yaml: is empty."]
    assert refusals("a: 1\n---\nb: 2\n") == [
        "byte.yaml line 2: cannot be understood: but found another document. Check indents, quotes and colons."
    ]


def test_a_file_that_is_no_utf8_is_told_with_its_line(tmp_path):
    path = tmp_path / "byte.yaml"
    path.write_bytes(b"a: 1\nb: caf\xe9\n")
    with pytest.raises(LoadFailed) as caught:
        source.read(path)
    assert str(caught.value) == "byte.yaml line 2: is not UTF-8 text. Save the file as UTF-8."


def test_a_file_that_is_too_large_or_missing_is_told(tmp_path):
    path = tmp_path / "byte.yaml"
    with pytest.raises(LoadFailed, match=r"^byte\.yaml: cannot be opened \(No such file or directory\)\.$"):
        source.read(path)
    path.write_text("a" * (source.MAX_BYTES + 1))
    with pytest.raises(LoadFailed, match=r"^byte\.yaml: is larger than 256 kB\. A Byte is short; split it\.$"):
        source.read(path)


def test_a_byte_order_mark_and_spaces_around_texts_do_not_count(tmp_path):
    path = tmp_path / "byte.yaml"
    path.write_bytes(b"\xef\xbb\xbftitle: >\n  Tea\n  time\n\n")
    assert source.read(path).data == {"title": "Tea time"}
