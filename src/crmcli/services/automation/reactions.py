"""The rules' turn inside a write: what was saved goes to the engine, what rules do is saved through the same path.

What a rule changed is worked off, with all that follows from it, before the next rule has its turn: each rule judges
the record as it then is. A chain begins with one record that the user or an import changed.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from crmcli.catalogue import ENTITIES
from crmcli.errors import RefusedError
from crmcli.rules.files import RuleFiles, load_files
from crmcli.services.results import Context, Saved, manner_of
from crmcli.store.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from crmcli.rules.actions import Step
    from crmcli.rules.engine import Chain
    from crmcli.rules.events import Change
    from crmcli.rules.ruleset import ReadyRule, Ruleset
    from crmcli.services.automation.outcome import Outcome
    from crmcli.services.automation.values import RecordValues
    from crmcli.services.writer import Writer

BLOCKED = "rule.blocked"
_KEPT = 1000  # lines of what rules did that an answer holds


def files_of(context: Context) -> RuleFiles:
    """Return the rule files that a command is under; none with ``--no-rules``."""
    if context.rules_folder is None or not context.command.rules:
        return RuleFiles()
    return load_files(context.rules_folder)


class BlockedError(RefusedError):
    """A chain of rules passed a bound, so the whole write is refused; ``run`` is the row that is kept of it."""

    def __init__(self, reason: str, run: tuple[object, ...]) -> None:
        super().__init__(reason, hint="crm rule check warns of rules that set each other off", code=BLOCKED)
        self.run = run


@contextmanager
def keep_blocked(context: Context) -> Iterator[None]:
    """Store the run that a bound blocked once its write was rolled back; a dry run leaves nothing."""
    try:
        yield
    except BlockedError as error:
        if not context.command.dry_run:
            from crmcli.services.automation.runs import INSERT

            with UnitOfWork(context.store, manner_of(context.settings), context.command.text) as unit:
                unit.execute(INSERT, [error.run])
                unit.commit()
        raise


class Reactions:
    """The rules of one transaction. ``effects`` tells line by line what they did, with ``--explain`` also what not."""

    def __init__(self, writer: "Writer", context: Context, files: RuleFiles) -> None:
        self.effects: list[str] = []
        self.entities: frozenset[str] = frozenset()  # those that some rule is about
        self._writer = writer
        self._explains = context.command.explain
        if files:
            self._prepare(files, context)

    def _prepare(self, files: RuleFiles, context: Context) -> None:
        from crmcli.queries.scope import make_scope
        from crmcli.rules.ruleset import make_ruleset
        from crmcli.rules.world import World
        from crmcli.services.automation.runs import RunLog
        from crmcli.services.automation.trust import Trust

        writer, settings = self._writer, context.settings
        scope = make_scope(writer.unit.raw, writer.zone, settings.locale, writer.me, writer.country)
        self._world = World(scope, settings.calendar, context.paths.templates if context.paths else None)
        rules = make_ruleset(files, self._world)
        if context.command.kind == "import" and not context.command.with_rules:
            rules = rules.limited_to(rule.id for rule in files.rules if rule.imports)
        self._rules: Ruleset = rules
        self._runs: RunLog = RunLog(writer)
        self._trust = Trust(context.paths)
        self._history: dict[tuple[str, int], list[Saved]] = {}
        self.entities = frozenset(rules.by_entity)
        self._asked = rules.actions()

    def react(self, saved: list[Saved]) -> None:
        """Run the rules on what was saved, record by record, and on what they saved, until nothing more happens."""
        if not saved:
            return
        from crmcli.rules.engine import Chain

        for change in self._changes(saved, ()):
            self._follow(change, Chain())
        self._runs.keep()
        self._history.clear()

    @property
    def posted(self) -> set[int]:
        """The operations that left something in the outbox."""
        return self._runs.posting.operations if self.entities else set()

    def forget(self, told: int) -> None:
        """Drop what was noted of a part of the write that is taken back; ``told`` lines are of what came before."""
        del self.effects[told:]
        self._runs.drop()
        self._history.clear()

    def _changes(self, saved: Iterable[Saved], chain: tuple[str, ...]) -> list["Change"]:
        """Return one change for each record that was saved, and keep its part in the history of the record."""
        from crmcli.rules.events import Change, changed_fields, events_of, summed_up

        groups: dict[tuple[str, int], list[Saved]] = {}
        for item in saved:
            groups.setdefault((item.entity, item.id), []).append(item)
        found = []
        for (entity, record_id), items in groups.items():
            known = self._history.setdefault((entity, record_id), [])
            mark = len(known)
            known += items
            action = summed_up([item.action for item in items])
            if (entity, action) not in self._asked:
                continue
            before = {key: value for item in reversed(items) for key, value in item.before.items()}
            after = {key: value for item in items for key, value in item.after.items()}
            events = events_of(entity, action, before, after)
            fields = changed_fields(ENTITIES[entity], before, after)
            found.append(Change(entity, record_id, events, fields, items[-1].cause, chain, mark))
        return found

    def _follow(self, change: "Change", chain: "Chain") -> None:
        """Give every rule about a change its turn, and work off what follows from each before the next."""
        from crmcli.rules.engine import is_asked

        chain.saw(change)
        for ready in self._rules.by_entity.get(change.entity, ()):
            if is_asked(ready, change) and self._take_turn(ready, change, chain):
                break

    def _take_turn(self, ready: "ReadyRule", change: "Change", chain: "Chain") -> bool:
        """Run one rule if it is to run; return whether it ends the turns of the later ones."""
        from crmcli.rules.engine import reason_to_rest
        from crmcli.services.automation.values import RecordValues

        values = RecordValues(self._writer, change, self._history[change.entity, change.id][change.mark :])
        paths = ready.when.paths if ready.when else ()
        reason = reason_to_rest(ready, change, chain, values.new(paths), values.old(paths))
        if reason:
            self._tell(change, ready.id, f"rests: {reason}", only_explained=True)
            return False
        with self._writer.caused_by(f"rule:{ready.id}"):
            ends = self._run(ready, change, chain, values)
        chain.ran(ready, change)
        for following in self._changes(self._writer.take_pending(), (*change.chain, ready.id)):
            self._follow(following, chain)
        return ends

    def _run(self, ready: "ReadyRule", change: "Change", chain: "Chain", values: "RecordValues") -> bool:
        """Do the actions of a rule in their order; return whether later rules are to be left out."""
        from crmcli.rules.deeds import Stop
        from crmcli.services.automation.actor import Actor, stores

        actor = Actor(self._writer, ready.rule, change, values, self._world, self._trust)
        outcomes: list[tuple[Step, Outcome]] = []
        ends = False
        for step in ready.steps:
            outcome = actor.act(step)
            outcomes.append((step, outcome))
            if outcome.is_done and stores(step) and (bound := chain.count_action(ready, change)):
                raise BlockedError(bound, self._runs.blocked(ready, change, bound))
            if isinstance(step.deed, Stop) and outcome.is_done:
                ends = step.deed.all
                break
        self._runs.add(ready, change, outcomes)
        for step, outcome in outcomes:
            told = outcome.outgoing or (outcome.is_done and stores(step))
            self._tell(change, ready.id, outcome.text, only_explained=not told)
        return ends

    def _tell(self, change: "Change", rule_id: str, text: str, *, only_explained: bool) -> None:
        if len(self.effects) >= _KEPT or (only_explained and not self._explains):
            return
        events = f" ({', '.join(sorted(change.events))})" if self._explains else ""
        self.effects.append(f"{'  ' * len(change.chain)}rule {rule_id} on {change.ref}{events}: {text}")
