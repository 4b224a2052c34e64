"""How a store is opened for writing: what of the settings reaches the file."""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from crmcli.domain.cadences import Cadences


class Manner(NamedTuple):
    """How a store is written, as the settings say."""

    zone: str  # of ``crm_today()``
    durability: str = "full"  # ``extra`` also syncs the folder at each commit
    allow_network_fs: bool = False
    cadences: "Cadences | None" = None  # by which a next contact falls due
