"""Records made on the way, because rows name them: organizations, people, users, custom fields.

Made only where the user allows it (``--create``), in the same write, and counted for the receipt.
"""

from collections import Counter
from collections.abc import Container, Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crmcli.domain.names import company_key, person_key
from crmcli.domain.naming import is_handle
from crmcli.domain.text import slug
from crmcli.importing.finish import Link
from crmcli.importing.pipelines import StageDraft
from crmcli.importing.presets import Kind
from crmcli.services.pipelines import create_pipeline
from crmcli.services.results import Wanted

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

_UNCERTAIN = Decimal(99)  # percent: only a won stage is certain
_MADE_FROM = {  # kinds of keys that say enough of a record to make it
    "organization": ("name", "domain"),
    "contact": ("name", "email"),
    "user": ("person", "email", "external_id"),
}


class Maker:
    """Makes the missing records of one file; ``made`` counts them by entity."""

    def __init__(self, writer: "Writer", kind: Kind, made: Counter[str]) -> None:
        self.made = made
        self._writer = writer
        self._kind = kind

    @staticmethod
    def can_make(link: Link) -> bool:
        """Say whether the keys of a link are enough to make its record."""
        return any(key.by in _MADE_FROM.get(link.entity, ()) for key in link.keys)

    def make(self, links: Sequence[Link], system: str) -> list[tuple[Link, int]]:
        """Make the records of links where that is possible, one for all links that mean the same."""
        made: list[tuple[Link, int]] = []
        for entity in _MADE_FROM:
            groups: dict[str, list[Link]] = {}
            for link in links:
                if link.entity == entity and self.can_make(link):
                    groups.setdefault(_identity(link), []).append(link)
            ids = self._make(entity, [self._values(group[0], system) for group in groups.values()])
            made += [(link, record_id) for group, record_id in zip(groups.values(), ids, strict=True) for link in group]
        return made

    def make_custom_fields(self, entities: Iterable[str], wanted: Container[str]) -> None:
        """Make the custom fields that are wanted, a preset brings and the store lacks."""
        for entity in entities:
            known = self._writer.custom_fields(entity)
            for key, field in self._kind.custom.items():
                if key in wanted and key not in known:
                    self._make("custom_field", [{"entity": entity, "key": key, **field._asdict()}])

    def make_pipeline(self, name: str, stages: Iterable[StageDraft]) -> int:
        """Make a pipeline with the stages that a file or a ready-made one has, and return its id."""
        self.made["pipeline"] += 1
        return create_pipeline(self._writer, {"name": name}, [_stage(stage) for stage in stages]).id

    def _make(self, entity: str, values: Sequence[dict[str, Any]]) -> list[int]:
        self.made[entity] += len(values)
        if entity == "user":  # each needs a handle that the one before has not taken
            return [self._writer.create(entity, {**one, "handle": self._free(one["handle"])}).id for one in values]
        return [draft.id for draft in self._writer.save_many(entity, [Wanted(one, intent="import") for one in values])]

    def _values(self, link: Link, system: str) -> dict[str, Any]:
        keys = {key.by: key.value for key in reversed(link.keys)}
        values = _VALUES[link.entity](keys, self._kind.user_prefix)
        if "uid" in keys:
            values["uid"] = keys["uid"]
        if "external_id" in keys:
            values["external_refs"] = [{"system": system, "external_id": keys["external_id"], "url": None}]
        return values

    def _free(self, handle: str) -> str:
        """Return a handle that nobody has: two people may share the local part of their addresses.

        One that would be taken for something else, such as that of ``me@example.com``, becomes ``user-me``.
        """
        first = handle if is_handle(handle) else f"user-{slug(handle)}"
        wanted, number = first, 1
        while self._writer.one("SELECT id FROM app_user WHERE handle = ? AND deleted_at IS NULL", wanted):
            number += 1
            wanted = f"{first}-{number}"
        return wanted


def _stage(stage: StageDraft) -> dict[str, Any]:
    probability = min(stage.probability, _UNCERTAIN) if stage.kind == "open" else stage.probability
    return {"name": stage.name, "aliases": list(stage.aliases), "kind": stage.kind, "probability": probability}


def _organization(keys: dict[str, str], _prefix: str) -> dict[str, Any]:
    values = {"name": keys.get("name") or keys["domain"]}
    return values | ({"domain": keys["domain"]} if "domain" in keys else {})


def _contact(keys: dict[str, str], _prefix: str) -> dict[str, Any]:
    values: dict[str, Any] = {"full_name": keys["name"]} if "name" in keys else {}
    return values | ({"emails": [keys["email"]]} if "email" in keys else {})


def _user(keys: dict[str, str], prefix: str) -> dict[str, Any]:
    """Return a user named by a person's name, the local part of an address, or an id in the other system."""
    if "email" in keys:
        return {"handle": keys["email"].partition("@")[0].casefold(), "email": keys["email"]}
    if "person" in keys:
        return {"handle": slug(keys["person"]).replace("_", ".") or prefix, "name": keys["person"]}
    return {"handle": f"{prefix or 'user'}-{keys['external_id']}".casefold()}


_VALUES = {"organization": _organization, "contact": _contact, "user": _user}


def _identity(link: Link) -> str:
    """Return what links to one and the same missing record have in common: the strongest key, names folded."""
    key = link.keys[0]
    if key.by not in ("name", "person"):
        return f"{key.by} {key.value}"
    return f"{key.by} {company_key(key.value) if link.entity == 'organization' else person_key(key.value)}"
