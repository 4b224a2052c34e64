"""What is asked of the closed lists: their values, and the kind, the label and the other words of a value."""

from functools import cache

from crmcli.domain.closed_lists import ENUMS, Choice
from crmcli.domain.text import fold_key


def values(name: str) -> tuple[str, ...]:
    """Return the keys of a list in their order; KeyError when there is no such list."""
    return tuple(choice.key for choice in ENUMS[name])


def kind(name: str, value: str) -> str:
    """Return the kind of a value, empty where a list has none; KeyError when the value is not in the list."""
    return _by_key(name)[value].kind


def label(name: str, value: str) -> str:
    """Return the English label of a value; KeyError when the value is not in the list."""
    return _by_key(name)[value].label


def choose(name: str, text: str) -> str | None:
    """Return the key a text means: key, label, Italian word or alias, with case, accents and punctuation folded."""
    return _index(name).get(fold_key(text))


@cache
def _by_key(name: str) -> dict[str, Choice]:
    return {choice.key: choice for choice in ENUMS[name]}


@cache
def _index(name: str) -> dict[str, str]:
    return {
        fold_key(word): choice.key
        for choice in ENUMS[name]
        for word in (choice.key, choice.label, *choice.italian, *choice.aliases)
    }
