"""What a rule is as written: checked for its form, its texts not yet understood (see ``rules.ruleset``)."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from crmcli.rules.mistakes import Place


class Action(NamedTuple):
    """One ``[[rule.do]]`` table: its kind and the values of its keys, each of the right type."""

    number: int  # from 1
    kind: str
    values: Mapping[str, Any]
    place: Place


class Rule(NamedTuple):
    """One ``[[rule]]`` table. ``events`` are those of ``entity``; ``watch`` None asks for the fields of ``when``.

    ``sha256`` identifies the rule as it is written; an edited rule has another one.
    """

    place: Place
    id: str
    name: str
    sha256: str
    entity: str
    events: tuple[str, ...]
    when: str
    crossed: bool
    watch: tuple[str, ...] | None
    order: int
    enabled: bool
    imports: bool
    actions: tuple[Action, ...]
    is_sound: bool = True  # else its form is wrong, and it is read on only for the other mistakes to be told as well
