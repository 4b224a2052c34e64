import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.output.safe import inert, markdown_text, safe, safe_lines
from tests.published import PUBLISHED, needs_published
from tests.unit.output.hostile import FORBIDDEN, HOSTILE, WELCOME

NAUGHTY = PUBLISHED / "naughty-strings" / "blns.json"
any_text = st.text(st.characters(codec=None), max_size=40)  # lone surrogates too


@given(any_text)
def test_output_holds_nothing_a_terminal_acts_on(text: str) -> None:
    assert not FORBIDDEN.search(safe(text))
    assert "\n" not in safe(text)


@given(any_text)
def test_making_safe_twice_changes_nothing_more(text: str) -> None:
    assert safe(safe(text)) == safe(text)
    assert inert(inert(text)) == inert(text)


@given(any_text)
def test_inert_text_keeps_only_tabs_and_line_ends(text: str) -> None:
    assert not FORBIDDEN.search(inert(text).replace("\t", ""))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_one_clean_line(text: str) -> None:
    assert not FORBIDDEN.search(safe(text))


@pytest.mark.parametrize("text", WELCOME)
def test_letters_and_emoji_stay_as_typed(text: str) -> None:
    assert safe(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\r\nb\nc\rd", "a⏎b⏎c⏎d"),
        ("a\tb", "a b"),
        ("\x1b[31m", "\\x1b[31m"),
        ("\x9b", "\\x9b"),
        ("\u202e", "\\u202e"),
        ("\udc80", "\\udc80"),
        ("\U000e0041", "\\U000e0041"),
        ("a\u200db", "a\u200db"),
        ("a\u200d ", "a\\u200d "),
        ("\u200da", "\\u200da"),
        ("a\u200d\u200db", "a\\u200d\\u200db"),
        ("C:\\new", "C:\\new"),
    ],
)
def test_each_kind_of_character(text: str, shown: str) -> None:
    assert safe(text) == shown


def test_a_body_keeps_its_lines() -> None:
    assert safe_lines("one\r\ntwo\rthree\n\x1bfour") == ["one", "two", "three", "\\x1bfour"]
    assert safe_lines("") == [""]


@needs_published
def test_the_big_list_of_naughty_strings() -> None:
    for text in json.loads(NAUGHTY.read_text(encoding="utf-8")):
        assert not FORBIDDEN.search(safe(text))
        assert safe(safe(text)) == safe(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<img src=x>", "\\<img src=x\\>"),
        ("[here](javascript:x)", "\\[here\\](javascript:x)"),
        ("a|b\\`c`", "a\\|b\\\\\\`c\\`"),
        ("*bold* _too_", "\\*bold\\* \\_too\\_"),
        ("__init__", "\\_\\_init\\_\\_"),
        ("won_amount", "won_amount"),
        ("Alder & Finch, -12.50", "Alder & Finch, -12.50"),
    ],
)
def test_nothing_of_a_text_acts_in_markdown(text: str, shown: str) -> None:
    assert markdown_text(text) == shown
