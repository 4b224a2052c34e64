"""What the survivor of a merge takes of the others: decided field by field on the images of the records.

Its own value stays, else the first one of the others in their order counts, unless ``takes`` says whose it is. Some
fields only make sense together and come from one record: an address, where a deal stands, a source. How the others are
hidden and who pointed to them is the business of ``merging``.
"""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.domain.enums import kind as kind_of
from crmcli.domain.schema import Entity, Field
from crmcli.domain.text import fold
from crmcli.errors import ConflictError
from crmcli.queries.labels import labels
from crmcli.queries.present import present
from crmcli.services.images import Image
from crmcli.services.invariants.shared import ABOVE, chain_above, further_life_cycle
from crmcli.services.merging_rows import merged_rows

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

Takes = Mapping[str, int]  # from which record a field or a group of fields is taken
ADDRESS = ("street", "city", "region", "postal_code", "country", "po_box")
BANS = ("do_not_call", "do_not_email")
_STANDING = {  # the fields that say how far a record has come
    "deal": ("stage", "pipeline", "outcome", "probability", "probability_source", "forecast_category", "closed_at",
             "lost_reason", "lost_note"),
    "lead": ("status", "lost_reason", "lost_note", "lost_at"),
}  # fmt: skip
_TOGETHER = (("score", "score_updated_at", "score_lines"), ("next_step", "next_step_due"))
_EARLIEST = ("first_responded_at", "trial_purchase_at")
_OWN = frozenset(  # neither taken nor settled here: identity, and what follows from other fields
    {"ref", "id", "uid", "created_at", "created_by", "updated_at", "updated_by", "version", "deleted_at",
     "merged_into_id", "subject", "team_id", "custom", "name_key", "exchange_rate", "stage_entered_at",
     "last_open_stage", "push_count", "converted_at", "converted_by", "converted_organization", "converted_contact",
     "converted_deal"}
)  # fmt: skip


class Group(NamedTuple):
    """Fields that come from one record; ``--take`` may name any of them, or the group."""

    name: str
    keys: tuple[str, ...]


class Kept(NamedTuple):
    """A field in which a record that goes said something else than the survivor now says."""

    key: str
    label: str
    kept: object
    lost: object
    by: int  # number of the record that goes


def groups_of(kind: Entity) -> dict[str, Group]:
    """Return the group of each field that has one, by the key of the field; an address also by its own name."""
    found = []
    for prefix in ("", "billing_", "shipping_"):
        if f"{prefix}postal_code" in kind.fields:
            found.append(Group(f"{prefix}address", tuple(f"{prefix}{part}" for part in ADDRESS)))
    if kind.name in _STANDING:
        found.append(Group(_STANDING[kind.name][0], _STANDING[kind.name]))
    found += [Group(keys[0], keys) for keys in (("source", "source_detail"), *_TOGETHER) if keys[0] in kind.fields]
    return {name: group for group in found for name in (group.name, *group.keys)}


class Fields:
    """The fields of one merge. ``images`` are those of the survivor and then of the others, in their order."""

    def __init__(self, writer: "Writer", kind: Entity, images: Sequence[Image], takes: Takes) -> None:
        self._writer = writer
        self._kind = kind
        self._ids = {image["id"] for image in images}
        self._survivor = images[0]
        self._images = [self._outward(image) for image in images]
        self._takes = takes
        self._customs = writer.custom_fields(kind.name)
        self._groups = groups_of(kind)
        self._chosen: dict[str, Any] = {}  # stored values by key
        self._currency = self._survivor.get("currency")
        self._conflicts: dict[str, list[tuple[int, object]]] = {}

    def settle(self) -> None:
        """Decide every field; ConflictError where only the user can."""
        self._settle_groups()
        self._settle_money()
        for key, field in (*self._kind.fields.items(), *self._customs.items()):
            if key in self._chosen or key in _OWN or key in self._groups or not self._is_stored(field):
                continue
            self._chosen[key] = self._settled(key, field)
        if self._conflicts:
            raise self._conflict()

    def values(self) -> dict[str, Any]:
        """Return what changes on the survivor, as the write path takes it."""
        values: dict[str, Any] = {}
        recounted = self._currency != self._survivor.get("currency")
        for key, stored in self._chosen.items():
            field = self._field(key)
            is_new = stored != self._stored(self._survivor, key) or (recounted and field.type == "money")
            if is_new and key != "outcome":  # which follows from the stage
                values[key] = None if stored is None else present(field, stored, self._currency)
        return values | merged_rows(self._writer, self._kind, self._images, self._takes)

    def losses(self) -> list[Kept]:
        """Return where the others said something else than what now stands; case is no difference."""
        found = []
        for key, stored in self._chosen.items():
            field = self._field(key)
            for image in self._images[1:] if key not in BANS and field.writable else ():
                lost = self._stored(image, key)
                if lost is not None and key != "description" and not _agree(lost, stored):
                    found.append(
                        Kept(key, field.label, self._told(field, stored), self._told(field, lost), image["id"])
                    )
        return found

    # reading

    def _field(self, key: str) -> Field:
        return self._kind.find(key) or self._customs[key]

    @staticmethod
    def _is_stored(field: Field) -> bool:
        return bool(field.column) or field.sql.startswith("json_extract")

    def _stored(self, image: Image, key: str) -> Any:
        field = self._kind.find(key)
        if field is not None:
            return image[field.column]
        return json.loads(image["custom"] or "{}").get(key)

    def _outward(self, image: Image) -> Image:
        """Return an image without references to the records that are merged: nobody reports to himself.

        Nor to anybody who reports to one of them: the chain above the survivor would come back to it.
        """
        kind, writer = self._kind, self._writer
        own = [field.column for field in kind.fields.values() if field.ref == kind.name and field.column]
        closed = {column for column in own if image[column] in self._ids}
        above = kind.fields[ABOVE[kind.name]].column if kind.name in ABOVE else ""
        if above and above not in closed and not self._ids.isdisjoint(chain_above(writer, kind, image[above])):
            closed.add(above)
            there = kind.ref(image[above])
            writer.warn(f"{there} stands below {kind.ref(self._survivor['id'])} now, and no longer above it")
        return image | dict.fromkeys(closed)

    def _told(self, field: Field, stored: Any) -> object:
        if field.ref and stored is not None:
            label = labels(self._writer.unit.raw, ENTITIES[field.ref], [stored]).get(stored)
            return label.name if label else stored
        return None if stored is None else present(field, stored, self._currency)

    def _taken(self, *keys: str) -> Image | None:
        """Return the record that ``--take`` names for one of the keys."""
        wanted = next((self._takes[key] for key in keys if key in self._takes), None)
        return next((image for image in self._images if image["id"] == wanted), None)

    # deciding

    def _settled(self, key: str, field: Field) -> Any:
        taken = self._taken(key)
        found = [self._stored(image, key) for image in self._images]
        if key in BANS:
            return max(found)
        if taken is not None:
            return self._stored(taken, key)
        filled = [value for value in found if value is not None]
        if key == "description":
            return _joined(filled)
        if key in _EARLIEST:
            return min(filled, default=None)
        if key == "lifecycle_stage" and filled:
            furthest = filled[0]
            for stage in filled[1:]:
                furthest = further_life_cycle(furthest, stage)
            return furthest
        return next(iter(filled), None)

    def _settle_groups(self) -> None:
        for group in dict.fromkeys(self._groups.values()):
            owner = self._taken(group.name, *group.keys) or self._owner_of(group)
            for key in group.keys:
                self._chosen[key] = self._stored(owner, key)

    def _owner_of(self, group: Group) -> Image:
        """Return whose group counts; the first of the best, and the survivor comes first."""
        if group.name.endswith("address"):
            return max(self._images, key=lambda image: sum(bool(self._stored(image, key)) for key in group.keys))
        if group.name == "source":
            known = [image for image in self._images if image["source"]]
            return min(known, key=lambda image: image["created_at"], default=self._images[0])
        if group.keys in _STANDING.values():
            self._compare_standing(group)
            return self._images[0]
        return next(
            (image for image in self._images if self._stored(image, group.keys[0]) is not None), self._images[0]
        )

    def _compare_standing(self, group: Group) -> None:
        """Note a conflict where deals stand at different stages, or a lead is lost and another is not."""
        stored = [(image["id"], self._stored(image, group.name)) for image in self._images]
        states = [kind_of("lead_status", value) if group.name == "status" else value for _, value in stored]
        if len(set(states)) > 1:
            field = self._field(group.name)
            self._conflicts[group.name] = [(record_id, self._told(field, value)) for record_id, value in stored]

    def _settle_money(self) -> None:
        """Choose the currency, then each amount in it; amounts in different currencies are never mixed."""
        fields = {
            key: field
            for key, field in (*self._kind.fields.items(), *self._customs.items())
            if field.type == "money" and self._is_stored(field)
        }
        rich = [image for image in self._images if any(self._stored(image, key) is not None for key in fields)]
        taken = self._taken("currency") or next((one for key in fields if (one := self._taken(key))), None)
        currencies = {image.get("currency") for image in rich}
        if taken is not None:
            self._currency = taken.get("currency")
        elif len(currencies) > 1:
            self._conflicts["currency"] = [(image["id"], image.get("currency")) for image in rich]
        elif currencies:
            (self._currency,) = currencies
        self._chosen |= {key: self._amount(key, field) for key, field in fields.items()}
        if "currency" in self._kind.fields:
            self._chosen.setdefault("currency", self._currency)

    def _amount(self, key: str, field: Field) -> Any:
        taken = self._taken(key)
        if taken is not None and taken.get("currency") == self._currency:
            return self._stored(taken, key)
        found = [
            (image["id"], value)
            for image in self._images
            if image.get("currency") == self._currency and (value := self._stored(image, key)) is not None
        ]
        if len({value for _, value in found}) > 1:
            self._conflicts[key] = [(record_id, self._told(field, value)) for record_id, value in found]
        return next((value for _, value in found), None)

    def _conflict(self) -> ConflictError:
        said = {
            self._field(key).label.lower(): ", ".join(f"{ref} {value}" for ref, value in self._by_ref(values).items())
            for key, values in self._conflicts.items()
        }
        hint = " ".join(f"--take {key}={self._kind.ref(values[0][0])}" for key, values in self._conflicts.items())
        differ = " and ".join(f"{label} ({values})" for label, values in said.items())
        return ConflictError(
            f"say what counts: they differ in {differ}",
            hint=hint,
            code="merge.conflict",
            details={"fields": {key: self._by_ref(values) for key, values in self._conflicts.items()}},
        )

    def _by_ref(self, values: Sequence[tuple[int, object]]) -> dict[str, str]:
        return {self._kind.ref(record_id): str(value) for record_id, value in values}


def _joined(texts: Sequence[str]) -> str | None:
    """Return texts one below the other, none that stands in another one already."""
    kept: list[str] = []
    for text in texts:
        if not any(fold(text) in fold(known) for known in kept):
            kept.append(text)
    return "\n\n".join(kept) or None


def _agree(one: Any, other: Any) -> bool:
    return one == other or (isinstance(one, str) and isinstance(other, str) and fold(one) == fold(other))
