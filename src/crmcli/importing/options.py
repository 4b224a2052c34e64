"""What the caller decides about an import: zone, formats, maps. What a file itself says is decided elsewhere."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from crmcli.domain.schema import Field

_NONE: Mapping[str, str] = MappingProxyType({})


class Options(NamedTuple):
    """The options of one import.

    ``maps``: column to target, from ``--map``. ``stage_map``: stage or status as written to the one meant, from
    ``--stage-map``. ``stage_kinds``: kind (open, won, lost) of the stages the store knows, by ``fold_key`` of key, name
    or alias. ``custom``: custom fields by entity and key. ``system``: name of the external ids of a file whose preset
    names none.
    """

    zone: str = "UTC"
    maps: Mapping[str, str] = _NONE
    stage_map: Mapping[str, str] = _NONE
    stage_kinds: Mapping[str, str] = _NONE
    custom: Mapping[str, Mapping[str, Field]] = MappingProxyType({})
    date_format: str | None = None
    number_format: str | None = None  # "en" or "it"
    pipeline: str | None = None
    system: str = ""
