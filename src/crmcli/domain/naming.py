"""What the names look like by which people type users, tags and views, so that none is taken for something else."""

import re

from crmcli.domain.text import slug

TEAM = "team:"  # before the name of a team: all its users
_CONTROL = "[\x00-\x1f\x7f-\x9f\u2028\u2029]"


def check_word(text: str) -> None:
    """Raise ValueError unless a name is one word that a screen can show."""
    if not text or any(letter.isspace() or not letter.isprintable() for letter in text):
        raise ValueError(f"{text!r} is not one word, such as anna")


def check_handle(text: str) -> None:
    """Raise ValueError unless a user may be called so: ``me`` is whoever types it, digits are a record's number."""
    check_word(text)
    if text.casefold() == "me":
        raise ValueError("'me' stands for whoever types it; take another word")
    if text.casefold().startswith(TEAM):
        raise ValueError(f"{text!r} would be taken for a team; take another word")
    if text.isdecimal():
        raise ValueError(f"{text!r} would be taken for the number of a record; take a word")


def is_handle(text: str) -> bool:
    """Whether a user may be called so."""
    try:
        check_handle(text)
    except ValueError:
        return False
    return True


def view_key(name: str) -> str:
    """Return what a view of a name is called on the command line: the name itself, if it is a word of plain letters."""
    return name if re.fullmatch(r"[a-z0-9]+(?:[-_][a-z0-9]+)*", name) else slug(name)


def has_control(text: str) -> bool:
    """Say whether a text holds a control character, an end of line among them."""
    return re.search(_CONTROL, text) is not None


def check_tag(text: str) -> None:
    """Raise ValueError for a tag that no line of tags could hold: with a comma, a tab or another control character."""
    if "," in text:
        raise ValueError(f"{text!r} holds a comma, which stands between tags")
    if has_control(text):
        raise ValueError(f"{text!r} holds a control character")
