"""Templates of mail: read from files, checked by the entity of the rule, each mistake with file and line."""

from pathlib import Path

import pytest

from crmcli.catalogue import ENTITIES
from crmcli.rules.letters import read_letter
from crmcli.rules.mistakes import Mistake, Place
from crmcli.rules.outside_deeds import LetterTemplate
from crmcli.rules.reader import Reader
from crmcli.rules.rule import Action
from crmcli.rules.templates import Language, Template, render
from tests.unit.rules.world import WORLD

TEXT = "Subject: Welcome\n\nDear {{ record.last_name }}\n"
VALUES = {("record", "first_name"): None, ("record", "last_name"): "Rossi"}


def read(
    folder: Path, name: str = "welcome", *, needs_subject: bool = True
) -> tuple[LetterTemplate | None, list[Mistake]]:
    mistakes: list[Mistake] = []
    action = Action(1, "email", {"template": name}, Place("a.toml", "hello", "do[1]"))
    reader = Reader(action, ENTITIES["lead"], WORLD._replace(templates=folder), mistakes)
    return read_letter(reader, "template", needs_subject=needs_subject), mistakes


def rendered(template: Template | None) -> str | None:
    return render(template, VALUES, Language("Europe/Rome", "en")) if template else None


def given(folder: Path, text: str, html: str | None = None) -> Path:
    (folder / "welcome.txt").write_text(text, encoding="utf-8")
    if html is not None:
        (folder / "welcome.html").write_text(html, encoding="utf-8")
    return folder


def test_subject_text_and_html(tmp_path: Path) -> None:
    text = "subject:  Welcome, {{ record.first_name | default('friend') }}\r\n\r\nDear {{ record.last_name }},\r\nbye"
    found, mistakes = read(given(tmp_path, text, "<b>{{ record.last_name }}</b>\n"))
    assert (mistakes, found is None) == ([], False)
    assert found is not None
    assert [rendered(part) for part in found] == ["Welcome, friend", "Dear Rossi,\nbye", "<b>Rossi</b>\n"]


def test_a_text_message_needs_no_subject(tmp_path: Path) -> None:
    found, mistakes = read(given(tmp_path, "Hello: {{ record.last_name }}", "{{ broken"), needs_subject=False)
    assert mistakes == []
    assert found is not None
    assert (found.subject, rendered(found.text), found.html) == (None, "Hello: Rossi", None)
    found, _ = read(given(tmp_path, "\ufeffSubject: x\n\nHi"), needs_subject=False)
    assert found is None or rendered(found.text)


@pytest.mark.parametrize(
    ("text", "html", "told"),
    [
        ("Dear friend\n", None, "line 1: the first line must be 'Subject: ...'"),
        ("Subject:\n\nDear friend\n", None, "the first line must be 'Subject: ...'"),
        ("Subject: Hi\nDear friend\n", None, "the first line must be 'Subject: ...'"),
        ("Subject: Hi\nBcc: e@example.com\n\nDear friend\n", None, "the first line must be 'Subject: ...'"),
        ("Subject: Hi\n\n  \n", None, "welcome.txt has no text"),
        (
            "Subject: Hi {{ record.nme }}\n\nx",
            None,
            "(welcome.txt, line 1): lead has no field 'nme'; did you mean name",
        ),
        ("Subject: Hi\n\nx\n\n{{ record.full_nme }}", None, "(welcome.txt, line 5): lead has no field 'full_nme'"),
        ("Subject: Hi\n\n{{ env.SECRET }}", None, "(welcome.txt, line 3): env"),
        ("Subject: Hi\n\n{{ record.name\n}}", None, "(welcome.txt, line 3): {{ is not closed"),
        ("Subject: Hi\n\nx", "<p>\n{{ 7*7 }}", "(welcome.html, line 2): '7*7' is no value"),
        ("Subject: Hi\n\n" + "x" * 100_000, None, "more than 100,000 characters"),
    ],
)
def test_mistakes_name_file_and_line(tmp_path: Path, text: str, html: str | None, told: str) -> None:
    _, mistakes = read(given(tmp_path, text, html))
    assert told in str(mistakes[0])
    assert str(mistakes[0]).startswith("a.toml, rule hello, do[1].template")


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    _, mistakes = read(given(tmp_path, "Subject: {{ record.a }}\n\n{{ record.b }}\n", "{{ record.c }}"))
    assert len(mistakes) == 3


@pytest.mark.parametrize("name", ["welcom", "../welcome", "/etc/passwd", ".", "", "welcome.txt", "a\0b"])
def test_only_templates_of_the_folder_are_read(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "templates"
    folder.mkdir()
    given(tmp_path, TEXT)
    given(folder, TEXT)
    _, (mistake,) = read(folder, name)
    assert mistake.reason == f"there is no template {name!r}"
    assert mistake.hint in ("did you mean welcome?", "there is only welcome")


def test_what_is_no_text_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "welcome.txt").write_bytes(b"Subject: \xff\n\nx")
    assert "not UTF-8" in read(tmp_path)[1][0].reason
    (tmp_path / "other.txt").mkdir()
    assert "Is a directory" in read(tmp_path, "other")[1][0].reason
