"""How a store is opened for writing: what of the settings reaches the file."""

from typing import NamedTuple


class Manner(NamedTuple):
    """How a store is written, as the settings say."""

    zone: str  # of ``crm_today()``
    durability: str = "full"  # ``extra`` also syncs the folder at each commit
    allow_network_fs: bool = False
