import shutil

import pytest
from django.core.management import CommandError, call_command

from itpm_byte.content.models import Byte
from tests.content.conftest import DRAWING, SECOND, Folder

pytestmark = pytest.mark.django_db


def test_it_says_what_was_published_and_what_was_not(capsys):
    call_command("load_byte", str(SECOND))
    assert capsys.readouterr().out == "A board of sticky notes (en), version 1: published.\n"
    call_command("load_byte", str(SECOND))
    assert capsys.readouterr().out == "A board of sticky notes (en), version 1: unchanged.\n"


def test_warnings_are_told_and_do_not_stop_it(folder, capsys):
    folder.data["minutes"] = 9
    call_command("load_byte", str(folder.path))
    assert capsys.readouterr().out == (
        "Warning: byte.yaml line 5, minutes: says 9, "
        "but by 180 words a minute and 40 seconds a question it takes 0.9.\n"
        "Making tea (en), version 1: published.\n"
    )


def test_mistakes_are_listed_and_nothing_is_published(folder, capsys):
    del folder.data["title"], folder.quiz["explanation"]
    with pytest.raises(CommandError, match=r"^Nothing was published: 2 mistakes to mend\.$") as caught:
        call_command("load_byte", str(folder.path))
    assert caught.value.returncode == 1
    assert capsys.readouterr().err == (
        "byte.yaml line 1: title is missing. Write the title.\n"
        "byte.yaml line 16, section 'quiz': explanation is missing. "
        "Explain the right answer in a few sentences; learners read it afterwards.\n"
    )
    assert Byte.objects.count() == 0


def test_a_folder_is_loaded_with_all_its_languages_or_not_at_all(tmp_path, capsys):
    folder = Folder(tmp_path)
    english = folder.path.rename(tmp_path / "byte.en.yaml")
    folder.data |= {"language": "fr", "title": "Le thé", "objective": "Faire du thé."}
    folder.quiz["right_options"] = 2
    french = folder.path.rename(tmp_path / "byte.fr.yaml")
    with pytest.raises(CommandError):
        call_command("load_byte", str(tmp_path))
    assert "byte.fr.yaml line 22" in capsys.readouterr().err
    assert (english.exists(), Byte.objects.count()) == (True, 0)
    french.write_text(french.read_text(encoding="utf-8").replace("right_options: 2", "right_options: 1"))
    call_command("load_byte", str(tmp_path))
    assert capsys.readouterr().out == "Making tea (en), version 1: published.\nLe thé (fr), version 1: published.\n"


def test_check_stores_nothing(tmp_path, capsys):
    shutil.copytree(SECOND.parent, tmp_path / "copy")
    call_command("load_byte", "--check", str(tmp_path / "copy"))
    assert capsys.readouterr().out == "A board of sticky notes (en): can be published.\n"
    assert Byte.objects.count() == 0


def test_a_path_without_a_byte_is_told(tmp_path):
    (tmp_path / "cup.svg").write_bytes(DRAWING)
    with pytest.raises(CommandError, match=r"has no \.yaml file\.$"):
        call_command("load_byte", str(tmp_path))
    with pytest.raises(CommandError, match=r"^Nothing was published: 1 mistake to mend\.$"):
        call_command("load_byte", str(tmp_path / "none.yaml"))
