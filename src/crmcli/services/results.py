"""What a write gives back and what it is asked with. Services return these; they never print, prompt or exit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli.config.paths import Paths
from crmcli.config.settings import Settings
from crmcli.store.manner import Manner

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal
    from sqlite3 import Connection

    from crmcli.rules.ruleset import Ruleset
    from crmcli.services.life_cycle import Move

    Phases = Callable[[Connection], Mapping[str, Sequence[Move]]]  # by entity
    Measure = Callable[[Connection, str, str], tuple[str, Decimal | None]]  # of key and period: label and value


@dataclass(frozen=True)
class Command:
    """How a write was asked for: what the journal keeps of it and what it may do."""

    text: str  # the command line, secrets and personal free text already removed
    arguments: str = ""  # what was asked in full, for idempotency keys; only its hash is kept
    reason: str | None = None
    kind: str = "write"  # write, import, merge, convert, restore, undo, redo
    dry_run: bool = False
    rules: bool = True
    with_rules: bool = False  # in an import every rule acts, and not only those that are for imports too
    explain: bool = False  # tell also which rules did not act, and why
    allow_duplicate: bool = False
    idempotency_key: str | None = None
    actor_kind: str = "user"
    most: int | None = None  # records removed, or mails that rules send, where that is more than the usual
    wait: bool = False  # for what goes outside, however long it takes
    batch_uid: str | None = None  # what the transactions of one command have in common when it makes several


@dataclass(frozen=True)
class Context:
    """Where a write goes, with which settings, for which command.

    ``posted`` gathers the operations that left something in the outbox, for who ends the command to deliver. Without
    ``paths`` nothing is trusted and no program is there. ``rules`` are those of the folder, understood beforehand by
    who makes many writes in a row. ``measure`` reckons key figures for the rules on them, and ``phases`` who is to go
    to another phase of the life cycle, which the reports do.
    """

    store: Path
    settings: Settings
    command: Command
    rules_folder: Path | None = None
    paths: Paths | None = None
    posted: list[int] = field(default_factory=list)
    rules: "Ruleset | None" = None
    measure: "Measure | None" = None
    phases: "Phases | None" = None

    @property
    def templates(self) -> Path | None:
        """The folder of the texts that rules send, if there is one."""
        return self.paths.templates if self.paths else None


class Wanted(NamedTuple):
    """A record as the caller wants it: ``id`` None creates. Values are typed, keyed by field key.

    ``version`` is the version the caller read, for a clash to be noticed. ``intent`` tells an invariant that the
    service took a way an edit may not take: ``convert``, ``reopen``, ``import``, ... ``like`` is the part of the image
    of another record with which a new one begins.
    """

    values: dict[str, Any]
    id: int | None = None
    version: int | None = None
    intent: str = ""
    like: Mapping[str, Any] = MappingProxyType({})


class Saved(NamedTuple):
    """One record that a write touched; ``before`` and ``after`` hold the changed stored values."""

    entity: str
    id: int
    action: str  # create, update, delete, restore, merge (into another one), unchanged
    before: dict[str, Any]
    after: dict[str, Any]
    cause: str = "user"

    @property
    def by_rule(self) -> bool:
        """Whether the rule files did it, and not who gave the command."""
        return self.cause.startswith("rule:") or self.cause == "score"


@dataclass(frozen=True)
class Result:
    """What a write did. ``records`` are presented records as they now are, the first ones of a mass change.

    ``told`` is what it says beside them as plain data, such as the receipts of an import.
    """

    saved: tuple[Saved, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
    records: tuple[dict[str, Any], ...] = ()
    titles: dict[str, str] = field(default_factory=dict)  # ref -> how a person calls it
    warnings: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()
    told: tuple[dict[str, Any], ...] = ()
    operation_id: int | None = None
    dry_run: bool = False
    replayed: bool = False


def manner_of(settings: Settings) -> Manner:
    """Return how the settings want the store to be written."""
    return Manner(settings.timezone, settings.durability, settings.allow_network_fs, settings.follow)
