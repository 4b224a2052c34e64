"""The texts that rules send: files of the templates folder, in the closed language of ``templates``.

``NAME.txt`` begins with ``Subject: ...`` and a blank line; the rest is the text. ``NAME.html`` beside it, if there is
one, says the same for readers of HTML; there every value is escaped. What stands in them is checked when the rules are
loaded, by the entity of the rule; whom they go to is not this module's business.
"""

import re
from functools import cache
from pathlib import Path

from crmcli.config.files import read_text
from crmcli.domain.schema import near_or_all
from crmcli.rules.outside_deeds import LetterTemplate
from crmcli.rules.reader import Reader
from crmcli.rules.templates import Template, Variable

_NAME = re.compile(r"[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*")
_SUBJECT = re.compile(r"Subject:[ \t]*(.*)", re.IGNORECASE)
_FORM = "the first line must be 'Subject: ...', followed by a blank line"
_MOST_CHARACTERS = 100_000


def read_letter(reader: Reader, key: str, *, needs_subject: bool) -> LetterTemplate | None:
    """Return the template that a key names; None, with the mistakes noted, when it is not sound.

    Each mistake names file and line. A text message ignores subject and HTML.
    """
    folder, name = reader.world.templates, reader.values[key]
    if folder is None or not _NAME.fullmatch(name) or not (folder / f"{name}.txt").exists():
        known = _names(folder) if folder else []
        hint = near_or_all(name, known) or "crm config path templates"
        reader.note(key, f"there is no template {name!r}", hint)
        return None
    try:
        head, text = _parts(_text_of(folder / f"{name}.txt"))
        html = _text_of(folder / f"{name}.html") if needs_subject and (folder / f"{name}.html").exists() else ""
    except (OSError, ValueError) as error:
        reader.note(key, f"{name}: {getattr(error, 'strerror', None) or error}")
        return None
    if needs_subject and head is None:
        reader.note(key, f"{name}.txt, line 1: {_FORM}")
        return None
    if not text.strip():
        reader.note(key, f"{name}.txt has no text")
        return None
    subject = _template(reader, key, f"{name}.txt", head, 1) if needs_subject and head else None
    body = _template(reader, key, f"{name}.txt", text, 1 if head is None else 3)
    marked_up = _template(reader, key, f"{name}.html", html, 1) if html.strip() else None
    return LetterTemplate(subject, body, marked_up)


def _template(reader: Reader, key: str, file: str, text: str, first_line: int) -> Template:
    """Return a text as a template, read line by line so that a mistake has its line."""
    parts: list[str | Variable] = []
    for number, line in enumerate(text.splitlines(keepends=True), start=first_line):
        found = reader.template(line, f"{key} ({file}, line {number})")
        parts += found.parts if found else ()
    return Template(tuple(parts))


def _parts(text: str) -> tuple[str | None, str]:
    """Return the subject, None when there is none, and the text."""
    first, _, rest = text.partition("\n")
    found = _SUBJECT.fullmatch(first)
    if found is None:
        return None, text
    blank, _, body = rest.partition("\n")
    if blank.strip() or not found[1].strip():
        raise ValueError(_FORM)
    return found[1].strip(), body


@cache
def _text_of(path: Path) -> str:
    """Return the text of a file, read once per process; ValueError when it is none, or too long."""
    try:
        text = read_text(path).removeprefix("\ufeff").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path.name} is not UTF-8 text: {error.reason}") from None
    if len(text) > _MOST_CHARACTERS:
        raise ValueError(f"{path.name} has more than {_MOST_CHARACTERS:,} characters")
    return text


def _names(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.txt"))
