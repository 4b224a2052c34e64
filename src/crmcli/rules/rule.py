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


class Guard(NamedTuple):
    """Bounds that a rule sets itself: runs on one record in a local day, runs in an hour, actions in one chain."""

    max_runs_per_record_per_day: int | None = None
    max_runs_per_hour: int | None = None
    max_actions: int | None = None


class Rule(NamedTuple):
    """One ``[[rule]]`` table. ``events`` are those of ``entity``; ``watch`` None asks for the fields of ``when``.

    ``sha256`` identifies the rule as it is written; an edited rule has another one. ``time`` and ``kpi`` are its tables
    of these names, ``user`` the handle of the one as whom it acts, empty for whoever makes the change.
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
    once: str = "per_write"
    time: Mapping[str, str] | None = None
    kpi: Mapping[str, Any] | None = None
    guard: Guard = Guard()
    user: str = ""
    reacts_to_itself: bool = False
    is_sound: bool = True  # else its form is wrong, and it is read on only for the other mistakes to be told as well
