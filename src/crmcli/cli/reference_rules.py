"""The page of the reference that lists the words of rule files, made from what reads them."""

from collections.abc import Iterable, Iterator, Mapping

from crmcli.rules.action_keys import CONTROLS, DATA_ACTIONS, EVERY_ACTION, OUTSIDE_ACTIONS, Key
from crmcli.rules.events import EVENTS
from crmcli.rules.figures import entity_of
from crmcli.rules.fixtures import CHANGES, CHECKS, NOUNS, VERBS
from crmcli.rules.scores import SCORE
from crmcli.rules.shape import GUARD, KPI, RULE, TIME

_TYPES = {
    "text": "text",
    "texts": "list of texts",
    "words": "text or list of texts",
    "truth": "true or false",
    "number": "whole number",
    "figure": "number",
    "table": "table",
    "tables": "tables",
}
_TABLES = {"[[rule]]": RULE, "[rule.time]": TIME, "[rule.kpi]": KPI, "[rule.guard]": GUARD, "[[score]]": SCORE}
_ACTIONS = {
    "Actions that change records": DATA_ACTIONS,
    "Actions that act outside": OUTSIDE_ACTIONS,
    "Actions that refuse, warn and stop": CONTROLS,
}


def rule_words(made: str) -> str:
    """Return the page; ``made`` is the line that says where it comes from."""
    return "".join(_parts(made))


def _parts(made: str) -> Iterator[str]:
    yield f"# Words of rule files\n\n{made}\nWhat they mean is told in [rules](rules.md). Keys in bold must be there.\n"
    yield "\n## Events\n\n| of | events |\n| --- | --- |\n"
    for name, events in EVENTS.items():
        noun = entity_of(name).noun
        yield f"| {noun} | {', '.join(f'`{noun}.{event}`' for event in events)} |\n"
    for title, keys in _TABLES.items():
        yield f"\n## Keys of `{title}`\n\n| key | takes |\n| --- | --- |\n"
        yield from (f"| {_named(name, key)} | {_taken(key)} |\n" for name, key in keys.items())
    yield f"\n## Keys of every action\n\n{_listed(EVERY_ACTION)}\n"
    for title, actions in _ACTIONS.items():
        yield f"\n## {title}\n\n| action | keys |\n| --- | --- |\n"
        yield from (f"| `{kind}` | {_listed(keys)} |\n" for kind, keys in actions.items())
    yield "\n## Words of tests\n\n"
    yield f"A line of `given` begins with a noun, {_quoted(NOUNS)}, or with {_quoted(CHANGES)}.\n\n"
    yield f"A line of `do` begins so too, or with {_quoted(VERBS[len(CHANGES) :])}.\n\n"
    yield f"A line of `expect` begins with {_quoted(CHECKS)}.\n"


def _listed(keys: Mapping[str, Key]) -> str:
    return ", ".join(f"{_named(name, key)} ({_taken(key)})" for name, key in keys.items())


def _named(name: str, key: Key) -> str:
    return f"**`{name}`**" if key.required else f"`{name}`"


def _taken(key: Key) -> str:
    return " or ".join(f'`"{choice}"`' for choice in key.choices) or _TYPES[key.kind]


def _quoted(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)
