"""Merging: several records of one kind that are the same become one, in one step that can be taken back.

What the survivor takes of the others is decided by ``merging_fields``; who points to them is known to ``referrers``.
The others stay in the store, hidden, and their refs lead to the survivor.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from crmcli.catalogue import ENTITIES
from crmcli.errors import NotFoundError, RefusedError, UsageError
from crmcli.services import images
from crmcli.services.automation.inheritance import inherit_keys
from crmcli.services.images import Image
from crmcli.services.merging_fields import BANS, Fields, groups_of
from crmcli.services.merging_rows import repointed
from crmcli.services.referrers import pointers_to, referrers
from crmcli.services.results import Context, Result, Wanted
from crmcli.services.subjects import BEARERS
from crmcli.services.writer import Writer, write

MERGED = ("lead", "organization", "contact", "deal")
_SINGLE = ("email", "phone", "organization")  # stand for the primary one of several


def merge(
    context: Context,
    entity: str,
    keep: int,
    lose: Sequence[int],
    *,
    takes: Mapping[str, int] | None = None,
    auto: bool = False,
) -> Result:
    """Merge records into the first; with ``auto`` into the fullest, else the oldest of them.

    ``takes`` names the record a field, or a group such as ``address``, is taken from. ConflictError where amounts,
    currencies, stages or outcomes differ and nothing is said; RefusedError for records that are not merged.
    """
    context = replace(context, command=replace(context.command, kind="merge"))
    return write(context, lambda writer: merge_records(writer, entity, keep, lose, takes or {}, auto=auto))


def merge_records(
    writer: Writer, entity: str, keep: int, lose: Sequence[int], takes: Mapping[str, int], *, auto: bool = False
) -> None:
    """Do what ``merge`` does inside an open write."""
    with writer.caused_by("merge"):
        _Merge(writer, entity, keep, lose, auto).run(takes)


class _Merge:
    def __init__(self, writer: Writer, entity: str, keep: int, lose: Sequence[int], auto: bool) -> None:
        self._writer = writer
        self._kind = ENTITIES[entity]
        found = self._load(list(dict.fromkeys([keep, *lose])))
        if auto:
            first = min(found, key=lambda image: (-_filled(image), image["created_at"], image["id"]))
            found = [first, *(image for image in found if image is not first)]
        self._survivor, *self._others = found
        self._gone = [image["id"] for image in self._others]

    def run(self, takes: Mapping[str, int]) -> None:
        self._check()
        writer, kind, keep = self._writer, self._kind, self._survivor["id"]
        fields = Fields(writer, kind, [self._survivor, *self._others], self._checked(takes))
        fields.settle()
        for kept in fields.losses():
            here, there = kind.ref(keep), kind.ref(kept.by)
            writer.warn(f"{here} has {kept.label} {_quoted(kept.kept)}; {there} had {_quoted(kept.lost)}")
        hidden = {"merged_into_id": keep, "deleted_at": writer.now, "external_refs": []}
        writer.save_many(kind.name, [Wanted(dict(hidden), one, intent="merged") for one in self._gone])
        writer.update(kind.name, keep, fields.values(), intent="merge")
        inherit_keys(writer, kind.name, keep, self._gone)
        self._repoint()
        if kind.name in BEARERS:
            writer.subjects.join((kind.name, one) for one in (keep, *self._gone))

    def _load(self, ids: list[int]) -> list[Image]:
        found = images.load(self._writer.unit.raw, self._kind, ids)
        for one in ids:
            if one not in found or found[one]["deleted_at"]:
                raise NotFoundError(self._kind.noun, self._kind.ref(one))
        if len(ids) < 2:
            raise UsageError(f"{self._kind.ref(ids[0])} alone cannot be merged", hint="name at least two records")
        return [found[one] for one in ids]

    def _check(self) -> None:
        """Refuse what would rewrite history: leads that were converted, deals that are closed on both sides."""
        kind, everyone = self._kind, [self._survivor, *self._others]
        if kind.name not in MERGED:
            raise UsageError(f"{kind.plural} cannot be merged", code="merge.kind")
        converted = [kind.ref(image["id"]) for image in everyone if image.get("converted_at")]
        if converted:
            raise RefusedError(
                f"{', '.join(converted)}: a converted lead is kept as it was",
                hint=f"merge what it became, or crm lead unconvert {converted[0]} first",
                code="merge.converted",
            )
        closed = [kind.ref(image["id"]) for image in everyone if image.get("outcome", "open") != "open"]
        if len(closed) > 1:
            raise RefusedError(f"{' and '.join(closed)} are closed; closed deals are not merged", code="merge.closed")

    def _checked(self, takes: Mapping[str, int]) -> dict[str, int]:
        """Return ``takes`` by the keys of fields; UsageError for what is not taken or not from one of the records."""
        kind, own = self._kind, self._writer.custom_fields(self._kind.name)
        groups, known = groups_of(kind), {self._survivor["id"], *self._gone}
        checked: dict[str, int] = {}
        for name, record_id in takes.items():
            short = name.removeprefix("custom.")
            field = kind.find(name)
            key = name if name in groups else short if short in own else field.key if field else kind.field(name).key
            if field and key not in groups and not (field.writable and (field.column or field.multi or key in _SINGLE)):
                raise UsageError(f"{key} of {kind.noun} cannot be taken from one record", code="field.readonly")
            if key in BANS:
                raise UsageError(f"{key} counts as soon as one of the records says so", code="merge.ban")
            if record_id not in known:
                raise UsageError(f"{kind.ref(record_id)} is not among the records that are merged", code="merge.take")
            checked[key] = record_id
        return checked

    def _repoint(self) -> None:
        """Lead everything that points to the others to the survivor, whatever it is and wherever it stands."""
        con, kind = self._writer.unit.raw, self._kind
        pointers = list(pointers_to(con, kind.name))
        found: dict[str, set[int]] = {}
        for pointer in pointers:
            found.setdefault(pointer.source, set()).update(
                owner for _, owner in referrers(con, pointer, kind.name, self._gone)
            )
        found.get(kind.name, set()).difference_update((self._survivor["id"], *self._gone))
        for source, ids in found.items():
            own = [pointer for pointer in pointers if pointer.source == source]
            loaded = images.load(con, ENTITIES[source], sorted(ids))
            self._writer.save_many(source, [self._wanted(source, image, own) for image in loaded.values()])

    def _wanted(self, source: str, image: Image, pointers: Sequence[Any]) -> Wanted:
        gone, keep = set(self._gone), self._survivor["id"]
        values = repointed(ENTITIES[source], image, pointers, self._kind.name, gone, keep)
        return Wanted(values, image["id"], intent="repoint")


def _filled(image: Image) -> int:
    """Return how much a record says: its filled fields, yes-or-no ones apart, which are never empty."""
    return sum(value not in (None, 0, "", "{}", []) for value in image.values())


def _quoted(value: object) -> str:
    return "nothing" if value is None else repr(str(value))
