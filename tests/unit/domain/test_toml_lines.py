"""Where things stand in a TOML text: as many things as the parser finds, each on the line on which it was written."""

import tomllib
from typing import Any

import tomlkit
from hypothesis import given, settings
from hypothesis import strategies as st

from crmcli.domain.toml_lines import Path, lines_of

TEXT = '''# a comment = 1
schema = 1  # [no table]

[[rule]]
id = "a"
on = [
  "lead.created",  # ] not yet
  "lead.updated",
]
when = """
score > 5 \\"""
and x = "] }"
"""
guard = { most = 3, "a.b" = { 'c"d' = [1, 2] } }

[[rule.do]]
action = 'set'
values."say \\u0041".deep = 1979-05-27 07:32:00

[[rule.do]]
action = "stop"

[rule.time]
at = "08:00"

[[rule]]
id = "b"
do = [{ action = "stop" },
      { action = "warn", message = "}" }]
'''


def paths_in(value: Any, path: Path = ()) -> set[Path]:
    """Return the paths of everything that a parsed text holds."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return {found for key, inner in items for found in {(*path, key)} | paths_in(inner, (*path, key))}


def test_everything_has_its_line() -> None:
    lines = lines_of(TEXT)
    assert lines.keys() == paths_in(tomllib.loads(TEXT))
    expected: dict[Path, int] = {
        ("schema",): 2,
        ("rule",): 4,
        ("rule", 0): 4,
        ("rule", 0, "on"): 6,
        ("rule", 0, "on", 1): 8,
        ("rule", 0, "when"): 10,
        ("rule", 0, "guard", "a.b", 'c"d', 1): 14,
        ("rule", 0, "do", 0): 16,
        ("rule", 0, "do", 0, "values", "say A", "deep"): 18,
        ("rule", 0, "do", 1, "action"): 21,
        ("rule", 0, "time", "at"): 24,
        ("rule", 1): 26,
        ("rule", 1, "do", 0, "action"): 28,
        ("rule", 1, "do", 1, "message"): 29,
    }
    assert {path: lines[path] for path in expected} == expected


def test_lines_end_as_other_systems_end_them() -> None:
    text = TEXT.replace("\n", "\r\n")
    assert lines_of(text) == lines_of(TEXT)
    assert lines_of("") == {}


KEYS = st.text("ab-.\"'é \\", max_size=4) | st.sampled_from(["rule", "do", "values"])
SCALARS = st.booleans() | st.integers(-99, 99) | st.floats(allow_nan=False) | st.text("ab\n\"'\\#[]{},=", max_size=8)
VALUES = st.recursive(
    SCALARS | st.dates() | st.times(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=300)
@given(st.dictionaries(KEYS, VALUES, max_size=5))
def test_whatever_the_parser_finds_has_a_line(table: dict[str, Any]) -> None:
    text = tomlkit.dumps(table)
    lines = lines_of(text)
    assert lines.keys() == paths_in(tomllib.loads(text))
    assert set(lines.values()) <= set(range(1, text.count("\n") + 2))


@given(st.text("[]{}=.,#\n\r \"'\\abz019-_:T+e", max_size=60))
def test_any_text_that_parses_is_walked_over(text: str) -> None:
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    assert lines_of(text).keys() == paths_in(found)
