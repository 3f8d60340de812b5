import copy
import threading
from datetime import timedelta

import pytest
import yaml
from django.db import IntegrityError, connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from itpm_byte.content import loading
from itpm_byte.content.models import Byte, Choice, Picture, Question
from itpm_byte.content.problems import LoadFailed
from tests.content.conftest import DRAWING, NOW, SECOND, SMALL, Folder

LATER = NOW + timedelta(days=1)


def stored():
    return (Byte.objects.count(), Question.objects.count(), Choice.objects.count(), Picture.objects.count())


@pytest.mark.django_db
def test_a_new_byte_becomes_the_first_published_version(folder):
    result = loading.load(folder.path, now=NOW)
    assert (result.is_new, result.warnings) == (True, ())
    byte = Byte.objects.get()
    assert (byte.slug, byte.language, byte.version, byte.is_current) == ("tea", "en", 1, True)
    assert (byte.title, byte.objective, byte.minutes) == ("Making tea", "Make a cup of tea.", 3)
    assert (byte.licence, byte.author, byte.attribution) == ("CC0 1.0", "Ada", "By Ada.")
    assert (byte.pass_mark, byte.points_possible, byte.published_at) == (60, 1, NOW)
    picture = byte.pictures.get()
    assert (bytes(picture.data), picture.media_type, picture.width, picture.height) == (
        *(DRAWING, "image/svg+xml", 64, 36),
    )


@pytest.mark.django_db
def test_questions_and_choices_are_rows_in_the_order_of_the_file():
    byte = loading.load(SECOND, now=NOW).byte
    assert list(byte.questions.values_list("key", "position", "kind", "points")) == [
        *(("one-place", 1, "single", 1), ("good-habits", 2, "multiple", 4), ("history", 3, "single", 1)),
    ]
    habits = byte.questions.get(key="good-habits")
    assert habits.explanation == "A board is good when it is true and when everybody looks at it."
    assert list(habits.choices.values_list("key", "position", "is_correct")) == [
        *(("move-at-once", 1, True), ("start-many", 2, False), ("meet-at-it", 3, True), ("hide-trouble", 4, False)),
    ]
    assert habits.choices.get(key="start-many").feedback == "No. Little gets finished that way."
    assert habits.choices.get(key="start-many").text == "Start many things"
    assert byte.points_possible == 6


@pytest.mark.django_db
def test_loading_the_same_again_changes_nothing(folder):
    first = loading.load(folder.path, now=NOW).byte
    before = stored()
    second = loading.load(folder.path, now=LATER)
    assert (second.byte, second.is_new) == (first, False)
    assert (stored(), Byte.objects.get().published_at) == (before, NOW)


@pytest.mark.django_db
def test_other_spelling_of_the_same_content_is_no_new_version(folder):
    loading.load(folder.path, now=NOW)
    folder.quiz["points"] = 1
    folder.data["pass_mark"] = 60
    folder.data = dict(reversed(folder.data.items()))
    (folder.where / "cup.svg").rename(folder.where / "mug.svg")
    folder.opening["picture"]["file"] = "mug.svg"
    folder.path.write_text("# a comment\n" + folder.path.read_text(encoding="utf-8"), encoding="utf-8")
    assert loading.load(folder.where / "byte.yaml", now=LATER).is_new is False


CHANGES = {
    "a title": lambda folder: folder.data.update(title="Tea for two"),
    "who wrote it": lambda folder: folder.data.update(author="Lin"),
    "feedback": lambda folder: folder.quiz["options"][0].update(feedback="No, leaves first."),
    "which option is right": lambda folder: [o.update(right=not o["right"]) for o in folder.quiz["options"]],
    "the order of options": lambda folder: folder.quiz["options"].reverse(),
    "alt text": lambda folder: folder.opening["picture"].update(alt="Steam over a cup of tea."),
    "a picture": lambda folder: (folder.where / "cup.svg").write_bytes(DRAWING.replace(b"5", b"6")),
    "the currency of a figure": lambda folder: folder.data["sections"][2]["figures"][0].update(currency="USD"),
}


@pytest.mark.django_db
@pytest.mark.parametrize("change", CHANGES)
def test_changed_content_is_a_new_version_and_the_old_one_stays_as_it_was(folder, change):
    figure = {"label": "Cup", "value": 2, "display": "$2", "currency": "CAD", "source": "unknown", "as_of": "unknown"}
    folder.data["sections"].append({"id": "price", "kind": "figures", "title": "Price", "figures": [figure]})
    first = loading.load(folder.path, now=NOW).byte
    before = Byte.objects.values("title", "document", "content_hash", "published_at").get(pk=first.pk)
    feedback = list(Choice.objects.filter(question__byte=first).values_list("key", "feedback", "is_correct"))
    CHANGES[change](folder)
    second = loading.load(folder.path, now=LATER)
    assert (second.is_new, second.byte.version) == (True, 2)
    assert dict(Byte.objects.values_list("version", "is_current")) == {1: False, 2: True}
    assert Byte.objects.values("title", "document", "content_hash", "published_at").get(pk=first.pk) == before
    assert list(Choice.objects.filter(question__byte=first).values_list("key", "feedback", "is_correct")) == feedback


@pytest.mark.django_db
def test_going_back_to_an_old_text_is_a_new_version_too(folder):
    for title in ("Tea", "Coffee", "Tea"):
        folder.data["title"] = title
        loading.load(folder.path, now=NOW)
    assert list(Byte.objects.order_by("version").values_list("version", "title", "is_current")) == [
        *((1, "Tea", False), (2, "Coffee", False), (3, "Tea", True)),
    ]


@pytest.mark.django_db
def test_languages_have_versions_of_their_own(folder):
    loading.load(folder.path, now=NOW)
    folder.data |= {"language": "fr", "objective": "Faire du thé."}
    assert loading.load(folder.path, now=NOW).byte.version == 1
    assert set(Byte.objects.values_list("language", "is_current")) == {("en", True), ("fr", True)}


@pytest.mark.django_db
def test_all_problems_are_told_at_once_and_nothing_is_stored(folder):
    folder.quiz["right_options"] = 2
    folder.opening["text"] = "[Go](http://example.org)"
    folder.opening["picture"]["file"] = "cup.png"
    with pytest.raises(LoadFailed) as caught:
        loading.load(folder.path, now=NOW)
    assert [problem.line for problem in caught.value.problems] == [14, 16, 22, 22]
    assert str(caught.value.problems[0]) == (
        "byte.yaml line 14, section 'opening', picture, file: 'cup.png' is not in the folder of this file."
    )
    assert stored() == (0, 0, 0, 0)


@pytest.mark.django_db
def test_a_failure_while_storing_leaves_the_published_version_alone(folder, monkeypatch):
    loading.load(folder.path, now=NOW)
    folder.data["title"] = "Other tea"
    draft, _warnings = loading.check(folder.path)
    twice = type(draft)(**{name: getattr(draft, name) for name in draft.__slots__} | {"questions": draft.questions * 2})
    with pytest.raises(IntegrityError):
        loading.publish(twice, now=LATER)
    assert list(Byte.objects.values_list("version", "is_current")) == [(1, True)]


@pytest.mark.django_db
def test_a_picture_that_had_to_be_cleaned_is_a_warning(folder):
    (folder.where / "cup.svg").write_bytes(DRAWING.replace(b"<circle", b'<circle onclick="x()"'))
    result = loading.load(folder.path, now=NOW)
    assert [str(warning) for warning in result.warnings] == [
        "byte.yaml line 14, section 'opening', picture, file: 'cup.svg' was stored without onclick. "
        "Remove it from the file."
    ]
    assert bytes(Picture.objects.get().data) == DRAWING


@pytest.mark.django_db(transaction=True)
def test_loads_at_the_same_time_make_one_version_of_the_same_content(folder):
    path = folder.path
    results, start = [], threading.Barrier(4)

    def load():
        try:
            start.wait()
            results.append(loading.load(path, now=NOW))
        finally:
            connection.close()

    threads = [threading.Thread(target=load) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(result.is_new for result in results) == [False, False, False, True]
    assert list(Byte.objects.values_list("version", "is_current")) == [(1, True)]


@pytest.mark.django_db(transaction=True)
def test_loads_of_different_content_at_the_same_time_leave_one_current(tmp_path):
    paths = []
    for number in range(4):
        (tmp_path / str(number)).mkdir()
        folder = Folder(tmp_path / str(number))
        folder.data["title"] = f"Tea {number}"
        paths.append(folder.path)
    loading.load(paths[0], now=NOW)
    start = threading.Barrier(3)

    def load(path):
        try:
            start.wait()
            loading.load(path, now=NOW)
        finally:
            connection.close()

    threads = [threading.Thread(target=load, args=(path,)) for path in paths[1:]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(Byte.objects.order_by("version").values_list("version", "is_current")) == [
        *((1, False), (2, False), (3, False), (4, True)),
    ]


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=40)
    | st.sampled_from(["cup.svg", "quiz"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def mutated(draw):
    """The small Byte with up to three places removed, doubled or replaced by anything."""
    data = copy.deepcopy(SMALL)
    for _ in range(draw(st.integers(1, 3))):
        holder, key, steps = {"top": data}, "top", draw(st.integers(0, 5))
        for _ in range(steps):
            inner = holder[key]
            if not isinstance(inner, dict | list) or not inner:
                break
            holder, key = inner, draw(st.sampled_from(list(inner) if isinstance(inner, dict) else range(len(inner))))
        what = draw(st.sampled_from(["remove", "replace", "double"]))
        if what == "remove" and key != "top":
            del holder[key]
        elif what == "double" and isinstance(holder, list):
            holder.append(copy.deepcopy(holder[key]))
        else:
            holder[key] = draw(values)
        data = holder["top"] if key == "top" else data
    return data


@given(mutated())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100, deadline=None)
def test_a_changed_file_is_either_good_or_refused_in_words(folder, data):
    path = folder.where / "byte.yaml"
    path.write_bytes(yaml.safe_dump(data, allow_unicode=True).encode("utf-8", "surrogatepass"))
    said_yes_or_why(path)


@given(st.binary(max_size=300) | st.text(alphabet="ab:-[]{}'\"\n &*!|>%@`?,#\\0x~", max_size=200).map(str.encode))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
def test_any_file_is_refused_in_words(folder, content):
    path = folder.where / "byte.yaml"
    path.write_bytes(content)
    assert said_yes_or_why(path) is False


@given(st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100, deadline=None)
def test_a_file_with_a_typing_mistake_is_either_good_or_refused_in_words(folder, data):
    content = SECOND.read_bytes()
    at = data.draw(st.integers(0, len(content)))
    path = folder.where / "byte.yaml"
    path.write_bytes(content[:at] + data.draw(st.binary(max_size=6)) + content[at + data.draw(st.integers(0, 9)) :])
    said_yes_or_why(path)


def said_yes_or_why(path):
    problems = ()
    try:
        draft, _warnings = loading.check(path)
    except LoadFailed as error:
        problems = error.problems
        assert problems != ()
    for problem in problems:
        assert str(problem).startswith("byte.yaml")
        assert problem.message.rstrip()[-1] in ".!?"
    return not problems and len(draft.content_hash) == 64
