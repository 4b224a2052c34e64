"""What can be told of SQL by its text alone: the parameters it names, and the line that an error is about.

SQL is run, and understood, by the database; nothing here takes its place.
"""

import re

_PARAMETER = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|/\*.*?\*/|[:@$]([A-Za-z_][A-Za-z0-9_]*)""", re.S)
_NEAR = re.compile(r'near "(.+?)"|no such (?:column|table|function): (?:\w+\.)?(\S+)')


def named_parameters(sql: str) -> list[str]:
    """Return the names of the parameters of a statement, each once, in their order."""
    return list(dict.fromkeys(found[1] for found in _PARAMETER.finditer(sql) if found[1]))


def line_of(message: str, sql: str) -> int:
    """Return the line, from 1, of what an error of SQLite is about: it names a word, not a place."""
    found = _NEAR.search(message)
    word = next((part for part in found.groups() if part), "") if found else ""
    at = re.search(rf"(?<!\w){re.escape(word)}(?!\w)", sql) if word else None
    return sql.count("\n", 0, at.start() if at else 0) + 1
