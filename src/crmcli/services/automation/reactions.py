"""The rules' turn inside a write: what was saved goes to the engine, what rules do is saved through the same path.

What a rule changed is worked off, with all that follows from it, before the next rule has its turn: each rule judges
the record as it then is. A chain begins with one record that the user or an import changed.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias

from crmcli.catalogue import ENTITIES
from crmcli.domain.plurals import counted
from crmcli.errors import RefusedError
from crmcli.queries.rule_runs import SINGLE
from crmcli.rules.files import RuleFiles, load_files
from crmcli.services.results import Context, Saved, manner_of
from crmcli.store.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from crmcli.rules.actions import Step
    from crmcli.rules.engine import Chain
    from crmcli.rules.events import Change
    from crmcli.rules.ruleset import ReadyRule, Ruleset
    from crmcli.rules.scores import ReadyScore
    from crmcli.services.automation.outcome import Outcome
    from crmcli.services.automation.values import RecordValues
    from crmcli.services.writer import Writer

    Watcher: TypeAlias = Callable[[ReadyRule, Change, RecordValues, str], None]  # is told why a rule rests, or ""
    Asked: TypeAlias = tuple[list[ReadyRule], list[ReadyRule], frozenset[str]]

BLOCKED = "rule.blocked"
_AT_ONCE = 500  # records that are read before rules are asked about them
_MANY = 10  # records from which on rules may act on all at once
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
        self.ran: Counter[str] = Counter()  # how often each rule ran
        self.left_out: Counter[str] = Counter()  # by entity, rules about changes that do not act on an import
        self.entities: frozenset[str] = frozenset()  # those that some rule is about
        self.watched: frozenset[str] = frozenset()  # those whose changes are to be told to ``react``
        self.scores: tuple[ReadyScore, ...] = ()
        self.watcher: Watcher | None = None
        self._writer = writer
        self._explains = context.command.explain
        if files:
            self._prepare(files, context)

    def _prepare(self, files: RuleFiles, context: Context) -> None:
        from crmcli.queries.scope import make_scope
        from crmcli.rules.events import MANUAL, TICKED, sources
        from crmcli.rules.ruleset import make_ruleset
        from crmcli.rules.world import World
        from crmcli.services.automation.bounds import Bounds
        from crmcli.services.automation.changes import ChangeBook
        from crmcli.services.automation.foresight import Foresight
        from crmcli.services.automation.runs import RunLog
        from crmcli.services.automation.scoring import WATCHED, Scoring
        from crmcli.services.automation.trust import Trust
        from crmcli.services.automation.values import Present

        writer, settings = self._writer, context.settings
        scope = make_scope(writer.unit.raw, writer.zone, settings.locale, writer.keyboard, writer.country)
        self._world = World(scope, settings.calendar, context.templates)
        rules = context.rules or make_ruleset(files, self._world)
        if context.command.kind == "import" and not context.command.with_rules:
            everyone, rules = rules, rules.limited_to(rule.id for rule in files.rules if rule.imports)
            acting = {ready.id for ready in rules.rules}
            self.left_out = Counter(
                ready.rule.entity
                for ready in everyone.rules
                if ready.id not in acting and not (TICKED | {MANUAL}).issuperset(ready.rule.events)
            )
        self._rules: Ruleset = rules
        self._runs: RunLog = RunLog(writer)
        self._bounds: Bounds = Bounds(writer, self._runs)
        self._book: ChangeBook = ChangeBook(rules.actions(), writer)
        self._present: Present = Present(writer)
        self._foresight: Foresight = Foresight(self._present)
        self._index: dict[tuple[str, frozenset[str], frozenset[str]], Asked] = {}
        self._is_single = context.command.kind != "import"
        self.entities = frozenset(
            source for ready in rules.rules for source in sources(ready.rule.entity, ready.rule.events)
        )
        self.watched = self.entities | (WATCHED if rules.scores else frozenset())
        self.scores = rules.scores
        self._scoring = Scoring(writer, rules.scores)
        self._trust = Trust(context.paths)

    def react(self, saved: list[Saved]) -> None:
        """Run the rules on what was saved, record by record, and on what they saved, until nothing more happens."""
        if not saved:
            return
        from crmcli.rules.engine import Chain

        changes = self._book.changes([*saved, *self._scored(saved, 0)], ())
        self._runs.keeps_rests = self._is_single and len(changes) <= SINGLE
        for place in range(0, len(changes), _AT_ONCE):
            some = changes[place : place + _AT_ONCE]
            self._foresee(some)
            if not self._act_together(some):
                for change in some:
                    if not self._all_rest(change):
                        self._follow(change, Chain())
        self._runs.keep()
        self._book.forget()

    def saved(self, items: Sequence[Saved]) -> list[Saved]:
        """Take note that records were saved, and return those whose changes are to be told to ``react``.

        A record that is gone altogether, as when a conversion is taken back, raises nothing.
        """
        if not self.watched:
            return []
        self._present.note(items)
        return [item for item in items if item.entity in self.watched and item.action != "remove"]

    def forget_values(self) -> None:
        """Forget what was read of records, since a part of the write is taken back."""
        if self.watched:
            self._present.forget()

    def _foresee(self, changes: "Sequence[Change]") -> None:
        """Read what rules ask of many records at once."""
        self._present.forget()
        ids: dict[str, list[int]] = {}
        for change in changes if len(changes) > 1 else ():
            ids.setdefault(change.entity, []).append(change.id)
        for entity, found in ids.items():
            wanted = {
                path for ready in self._rules.by_entity.get(entity, ()) if ready.when for path in ready.when.paths
            }
            if wanted:
                self._present.foresee(ENTITIES[entity], found, wanted)
        if ids and not self._tells_rests:
            self._foresight.judge(changes, lambda change: self._asked(change)[1])

    @property
    def _tells_rests(self) -> bool:
        """Whether rules that rest are told or kept, too, and so every one is asked."""
        return self._explains or self._runs.keeps_rests

    def call(self, rule_id: str, change: "Change", anchor: str) -> str:
        """Run one rule on a record that nobody changed, by time or by hand; return why it rests, empty if it ran.

        ``anchor`` is the moment for which it runs, where it runs once for each.
        """
        from crmcli.rules.engine import Chain

        ready = self._rules.find(rule_id, change.entity)
        if ready is None:
            return "it is not in force"
        reason, _ = self._take_turn(ready, change, Chain(), self._values(change), anchor)
        self._runs.keep()
        self._book.forget()
        return reason

    def end_match(self, rule_id: str, change: "Change") -> None:
        """Note that the condition of a rule that acts once for each match does not hold for a record any more."""
        ready = self._rules.find(rule_id, change.entity)
        if ready:
            self._end_match(ready, change, self._values(change))
            self._runs.keep()

    @property
    def summary(self) -> list[str]:
        """How often each rule ran, where that is more than anybody reads line by line."""
        if sum(self.ran.values()) <= SINGLE:
            return []
        return [f"rule {rule_id} ran {counted(count, 'time')}" for rule_id, count in sorted(self.ran.items())]

    @property
    def posted(self) -> set[int]:
        """The operations that left something in the outbox."""
        return self._runs.posting.operations if self.entities else set()

    def forget(self, told: int, ran: Mapping[str, int]) -> None:
        """Drop what was noted of a part of the write that is taken back; what was told and ran before it stays."""
        del self.effects[told:]
        self.ran = Counter(ran)
        if self.watched:  # else no rule has seen anything
            self._runs.drop()
            self._book.forget()

    def _scored(self, saved: Sequence[Saved], depth: int) -> list[Saved]:
        """Save and tell the scores that follow from what was saved."""
        found = self._scoring.follow(saved)
        for item in found[: _KEPT - len(self.effects)]:
            if "score" in item.after:
                old, new = item.before["score"] or 0, item.after["score"]
                if old == new:
                    continue  # a score of nothing is there now, which nobody wants to hear
                self.effects.append(f"{'  ' * depth}score of {ENTITIES['lead'].ref(item.id)}: {old} → {new}")
        return found

    def _all_rest(self, change: "Change") -> bool:
        """Say whether it is known that no rule acts on a record, where only what is done is told."""
        touched = self._asked(change)[1]
        return not self._tells_rests and len(self._foresight.resting(change, touched)) == len(touched) > 0

    def _act_together(self, changes: "Sequence[Change]") -> bool:
        """Let rules act on new records of an import at once; return whether they could."""
        from crmcli.services.automation.together import act_together, can_act_together

        if len(changes) < _MANY or self._is_single or self._tells_rests or self.watcher or self.scores:
            return False
        alike: dict[int, tuple[Asked, list[Change]]] = {}
        for change in changes:
            asked = self._asked(change)
            alike.setdefault(id(asked), (asked, []))[1].append(change)
        found = [(touched, self._foresight.acting(some, touched)) for (_, touched, _), some in alike.values()]
        everyone = self._rules.by_entity.get(changes[0].entity, ())
        acting = [acts for touched, acts in found if acts is not None and can_act_together(acts, touched, everyone)]
        if len(acting) < len(found) or len({change.entity for change in changes}) > 1:
            return False
        for ready, some in (one for acts in acting for one in acts):
            if not self._bounds.reason_to_rest(ready):
                self.ran[ready.id] += len(some)
                for change, outcomes in zip(some, act_together(self._writer, ready, some), strict=True):
                    self._note_run(ready, change, outcomes, None)
        self._writer.saves.take_pending()  # of which no rule wants to know
        return True

    def _follow(self, change: "Change", chain: "Chain") -> None:
        """Give every rule about a change its turn, and work off what follows from each before the next."""
        from crmcli.rules.engine import may_end

        chain.saw(change)
        asked, touched, wanted = self._asked(change)
        values = self._values(change, wanted)
        for ready in self._rules.by_entity.get(change.entity, ()):
            if ready.rule.once == "per_match" and may_end(ready, change):
                self._end_match(ready, change, values)
        new: Mapping[str, object] = {}
        resting: frozenset[str] = frozenset()
        old, saves, tells_rests = values.old(wanted), -1, self._tells_rests
        for ready in asked if tells_rests else touched:
            if ready.when and not tells_rests:  # of many records, only what is done is told
                if saves != self._writer.saves.number:
                    resting, saves = self._foresight.resting(change, touched), self._writer.saves.number
                    new = {}
                if ready.id in resting:
                    continue
                new = new or values.read(wanted)
                if not ready.when.match(new, old):
                    continue
            _, ends = self._take_turn(ready, change, chain, values)
            if ends:
                break

    def _asked(self, change: "Change") -> "Asked":
        """Return the rules about a change, those it touches, and the values by which it is told whether they run."""
        from crmcli.rules.engine import is_asked, is_touched

        key = (change.entity, change.events, change.fields)
        if key not in self._index:
            asked = [ready for ready in self._rules.by_entity.get(change.entity, ()) if is_asked(ready, change)]
            touched = [ready for ready in asked if is_touched(ready, change)]
            wanted = frozenset(path for ready in touched if ready.when for path in ready.when.paths)
            self._index[key] = asked, touched, wanted
        return self._index[key]

    def _end_match(self, ready: "ReadyRule", change: "Change", values: "RecordValues") -> None:
        key = self._bounds.end_key(ready, change)
        if key and ready.when and not ready.when.match(values.new(ready.when.paths), values.old(ready.when.paths)):
            self._runs.ended(ready, change, key)

    def _take_turn(
        self, ready: "ReadyRule", change: "Change", chain: "Chain", values: "RecordValues", anchor: str = ""
    ) -> tuple[str, bool]:
        """Run one rule if it is to run; return why it is not, and whether it ends the turns of the later ones."""
        key = None
        reason = self._reason_to_rest(ready, change, chain, values)
        if not reason:
            key = self._bounds.key(ready, change, anchor)
            reason = self._bounds.reason_to_wait(ready, change, key)
        if self.watcher:
            self.watcher(ready, change, values, reason)
        if reason:
            kept, told = self._in_full(ready, values, reason)
            if not chain.knows(ready, change):
                self._runs.rests(ready, change, kept)
            self._tell(change, ready.id, f"rests: {told}", only_explained=True)
            return kept, False
        self.ran[ready.id] += 1
        with self._writer.acting_as(ready.actor), self._writer.caused_by(f"rule:{ready.id}"):
            ends = self._run(ready, change, chain, values, key)
        chain.ran(ready, change)
        saved = self._writer.saves.take_pending()
        saved += self._scored(saved, len(change.chain) + 1)
        for following in self._book.changes(saved, (*change.chain, ready.id)):
            self._follow(following, chain)
        return "", ends

    def _in_full(self, ready: "ReadyRule", values: "RecordValues", reason: str) -> tuple[str, str]:
        """Return a reason with the part of the condition that does not hold, to be kept, and to be told with values."""
        from crmcli.rules.engine import NOT_MET
        from crmcli.services.automation.reasons import failing, failing_values, finding_of

        if reason != NOT_MET or not (self._explains or self._runs.keeps_rests):
            return reason, reason
        finding = finding_of(ready, values)
        if finding is None:
            return reason, reason
        kept = failing(finding)
        return kept, f"{kept} ({failing_values(finding, self._writer.unit.raw)})" if self._explains else kept

    def _reason_to_rest(self, ready: "ReadyRule", change: "Change", chain: "Chain", values: "RecordValues") -> str:
        from crmcli.rules.engine import reason_to_rest

        paths = ready.when.paths if ready.when else ()
        return self._bounds.reason_to_rest(ready) or reason_to_rest(
            ready, change, chain, values.new(paths), values.old(paths)
        )

    def _values(self, change: "Change", wanted: frozenset[str] = frozenset()) -> "RecordValues":
        from crmcli.services.automation.values import FigureValues, RecordValues

        if change.values is not None:
            return FigureValues(self._writer, change, [], self._present)
        return RecordValues(self._writer, change, self._book.since(change), self._present, wanted)

    def _run(
        self, ready: "ReadyRule", change: "Change", chain: "Chain", values: "RecordValues", key: str | None
    ) -> bool:
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
        self._note_run(ready, change, outcomes, key)
        return ends

    def _note_run(
        self, ready: "ReadyRule", change: "Change", outcomes: "list[tuple[Step, Outcome]]", key: str | None
    ) -> None:
        from crmcli.services.automation.actor import stores

        self._runs.add(ready, change, outcomes, key)
        for step, outcome in outcomes:
            told = outcome.outgoing or (outcome.is_done and stores(step))
            self._tell(change, ready.id, outcome.text, only_explained=not told)

    def _tell(self, change: "Change", rule_id: str, text: str, *, only_explained: bool) -> None:
        if len(self.effects) >= _KEPT or (only_explained and not self._explains):
            return
        events = f" ({', '.join(sorted(change.events))})" if self._explains else ""
        self.effects.append(f"{'  ' * len(change.chain)}rule {rule_id} on {change.ref}{events}: {text}")
