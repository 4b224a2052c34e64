"""The values of a record as rules see them: as it is, and as it was before a change.

The earlier record is put back for a moment inside the transaction and read by the same queries, so that derived fields
and those of linked records are what they were; then the moment is rolled back.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crmcli.domain.schema import Entity
from crmcli.queries.present import present
from crmcli.queries.values import OwnReader, ValueReader, stored_values
from crmcli.rules.events import Change
from crmcli.rules.figures import entity_of
from crmcli.rules.templates import Template, Variable
from crmcli.services.results import Saved

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

Load = Callable[[Iterable[str]], dict[str, Any]]


class Lazy(Mapping[str, Any]):
    """Stored values by path, read all at once when the first one is asked for."""

    def __init__(self, load: Load, paths: Iterable[str]) -> None:
        self._load = load
        self._paths = paths
        self._values: dict[str, Any] | None = None

    def _read(self) -> dict[str, Any]:
        if self._values is None:
            self._values = self._load(self._paths)
        return self._values

    def __getitem__(self, path: str) -> Any:
        return self._read()[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())


class Present:
    """The values of records as they are, each read once until something is saved."""

    def __init__(self, writer: "Writer") -> None:
        self._writer = writer
        self._readers: dict[tuple[str, frozenset[str]], ValueReader] = {}
        self._known: dict[tuple[str, int], dict[str, Any]] = {}
        self._own: dict[tuple[str, int], dict[str, Any]] = {}  # what stands in records alone, until they are saved
        self._foreseen: dict[str, OwnReader] = {}
        self._saves = writer.saves.number

    def read(self, kind: Entity, record_id: int, paths: Iterable[str]) -> dict[str, Any]:
        """Return stored values of a record, by path."""
        if self._saves != self._writer.saves.number:
            self._known.clear()
            self._saves = self._writer.saves.number
        key = (kind.name, record_id)
        if key not in self._known:
            self._known[key] = dict(self._own.get(key, ()))
        known = self._known[key]
        missing = frozenset(paths).difference(known)
        if missing:
            known.update(self._reader(kind, missing).read(record_id))
        return known

    def foresee(self, kind: Entity, ids: Sequence[int], paths: Iterable[str]) -> None:
        """Read at once what stands in many records alone, of which rules will be asked one after the other."""
        reader = self._foreseen[kind.name] = OwnReader(self._writer.unit.raw, kind, paths)
        new = {one: image for one in ids if (image := self._writer.saves.new_image(kind.name, one))}
        found = reader.read_images(new) | reader.read([one for one in ids if one not in new])
        self._own.update({(kind.name, record_id): values for record_id, values in found.items()})

    def own(self, entity: str, record_id: int) -> Mapping[str, Any] | None:
        """Return what was foreseen of a record, as it is now; None where nothing was."""
        return self._own.get((entity, record_id))

    def foreseen(self, entity: str) -> OwnReader | None:
        """Return what reads the paths that are foreseen of a kind of record."""
        return self._foreseen.get(entity)

    def note(self, saved: Iterable[Saved]) -> None:
        """Bring what was foreseen in step with what was saved."""
        for item in saved if self._own else ():
            own, reader = self._own.get((item.entity, item.id)), self._foreseen.get(item.entity)
            if own is None or reader is None:
                continue
            if item.action != "update" or not reader.collections.isdisjoint(item.after):
                del self._own[item.entity, item.id]
                continue
            own.update({path: item.after[column] for path, column in reader.columns.items() if column in item.after})

    def forget(self) -> None:
        """Forget what was foreseen, since a part of the write is taken back."""
        self._own.clear()

    def _reader(self, kind: Entity, paths: frozenset[str]) -> ValueReader:
        key = (kind.name, paths)
        if key not in self._readers:
            self._readers[key] = ValueReader(self._writer.unit.raw, kind, sorted(paths))
        return self._readers[key]


class RecordValues:
    """The values around one change. ``later`` is what was saved of the record by this change and since, in order.

    ``wanted`` are paths that several rules will ask for, so that they are read together.
    """

    def __init__(
        self,
        writer: "Writer",
        change: Change,
        later: Sequence[Saved],
        present: Present,
        wanted: frozenset[str] = frozenset(),
    ) -> None:
        self._writer = writer
        self._values = present
        self._wanted = wanted
        self._change = change
        self._kind = entity_of(change.entity)
        self._later = later

    def new(self, paths: Iterable[str]) -> Mapping[str, Any]:
        """Return the stored values that the record has."""
        return Lazy(self._now, paths)

    def read(self, paths: Iterable[str]) -> Mapping[str, Any]:
        """Return the stored values that the record has, read at once: for many questions about them."""
        return self._now(paths)

    def old(self, paths: Iterable[str]) -> Mapping[str, Any] | None:
        """Return the stored values before the change, None when the record is new."""
        return None if self._change.is_new else Lazy(self._before, paths)

    def presented(self, template: Template) -> dict[tuple[str, str], object]:
        """Return what the variables of a template stand for, as ``templates.render`` takes it."""
        found: dict[tuple[str, str], object] = {("now", ""): self._writer.now}
        for root in ("record", "old"):
            variables = [variable for variable in template.variables if variable.root == root]
            if variables:
                found |= self._presented(root, variables)
        return found

    def _presented(self, root: str, variables: list[Variable]) -> dict[tuple[str, str], object]:
        paths = {path for variable in variables for path in (variable.path, variable.currency) if path}
        values = self.new(paths) if root == "record" else self.old(paths) or dict.fromkeys(paths)
        found: dict[tuple[str, str], object] = {}
        for variable in variables:
            currency = values[variable.currency] if variable.currency else None
            shown = (
                present(variable.field, values[variable.path], currency)
                if _is_whole(variable)
                else values[variable.path]
            )
            found[root, variable.path] = shown
            found[root, variable.currency] = currency
        return found

    def _now(self, paths: Iterable[str]) -> dict[str, Any]:
        return self._values.read(self._kind, self._change.id, self._wanted.union(paths))

    def _before(self, paths: Iterable[str]) -> dict[str, Any]:
        now = self._writer.image(self._kind.name, self._change.id)
        before = dict(now)
        for saved in reversed(self._later):
            before |= saved.before
        with self._writer.unit.part(trial=True):
            self._writer.put(self._kind, before, now)
            return stored_values(self._writer.unit.raw, self._kind, self._change.id, paths)


class FigureValues(RecordValues):
    """The values of a key figure, which the change itself holds: there is no record to read, and nothing before."""

    def read(self, paths: Iterable[str]) -> Mapping[str, Any]:
        """Return the values by path, as conditions compare them."""
        return {path: str(value) if isinstance(value := self._told[path], Decimal) else value for path in paths}

    def new(self, paths: Iterable[str]) -> Mapping[str, Any]:
        """Return what ``read`` returns."""
        return self.read(paths)

    def old(self, paths: Iterable[str]) -> Mapping[str, Any] | None:
        """Return that there is nothing before."""
        return None

    @property
    def _told(self) -> Mapping[str, Any]:
        return self._change.values or {}


def _is_whole(variable: Variable) -> bool:
    """Say whether what is read is the field itself, and not the name of the record that it points to."""
    return variable.field.type != "ref" and not variable.field.multi
