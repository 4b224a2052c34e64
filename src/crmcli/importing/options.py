"""What the caller decides about an import: zone, formats, maps. What a file itself says is decided elsewhere."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from crmcli.domain.schema import Field

KEPT = (
    "zone", "maps", "stage_map", "owner_map", "date_format", "number_format", "pipeline", "system", "include_private",
    "blank_erases", "answers", "consent_basis", "consent_date",
)  # fmt: skip
_NONE: Mapping[str, str] = MappingProxyType({})


class Options(NamedTuple):
    """The options of one import.

    ``maps``: column to target, from ``--map``. ``stage_map``: stage or status as written to the one meant, from
    ``--stage-map``. ``owner_map``: owner as written to the handle of a user here. ``stage_kinds``: kind (open, won,
    lost) of the stages the store knows, by ``fold_key`` of key, name or alias. ``custom``: custom fields by entity and
    key. ``system``: name of the external ids of a file whose preset names none. ``own``: the users here by e-mail
    address (normal form), handle of each. ``answers``: the date or number format of a column that can be read two ways,
    by its header. ``currency``: of amounts that name none. ``blank_erases``: a record that changes loses what all cells
    about a field leave blank. ``consent_basis``: what the consents of the file rest on; without it none counts.
    ``consent_date``: the stored instant at which they were given, where no column says.
    """

    zone: str = "UTC"
    maps: Mapping[str, str] = _NONE
    stage_map: Mapping[str, str] = _NONE
    owner_map: Mapping[str, str] = _NONE
    stage_kinds: Mapping[str, str] = _NONE
    custom: Mapping[str, Mapping[str, Field]] = MappingProxyType({})
    date_format: str | None = None
    number_format: str | None = None  # "en" or "it"
    answers: Mapping[str, str] = _NONE
    pipeline: str | None = None
    system: str = ""
    own: Mapping[str, str] = _NONE
    include_private: bool = False
    blank_erases: bool = False
    currency: str = ""
    consent_basis: str = ""
    consent_date: str = ""

    def kept(self) -> dict[str, object]:
        """Return what of it an import keeps in mind, to go on as it began; the rest is asked of the store again."""
        return {name: getattr(self, name) for name in KEPT}
