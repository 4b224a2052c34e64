"""What the cells of a file say of consent: a withdrawal counts, and who agreed where the user says why, and when.

That somebody stands in a file is no consent to anything, and a blank cell or a plain no is no withdrawal.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from crmcli.domain.consents import ANY, GRANTED, NONE, PREFIX, RAISED, WITHDRAWN
from crmcli.domain.enums import choose
from crmcli.domain.text import fold_key
from crmcli.importing.building import Building, Put, Reading
from crmcli.importing.targets import CONSENT_AT

_UNFOUNDED = "rows tell who agreed: that counts only with --consent-basis"
_UNDATED = "rows tell that somebody agreed, but not when: no consent is recorded of them"


class Terms(NamedTuple):
    """What the user says of the consents in a file: what they rest on, and when they were given where no cell says."""

    basis: str = ""
    at: str = ""


def put_consent(reading: Reading, truths: Mapping[str, bool]) -> Put:
    """Return what notes the consent or withdrawal that a cell tells; a no is neither."""
    name = reading.column.target.name

    @lru_cache(maxsize=256)
    def read(cell: str) -> str:
        word = reading.words.get(fold_key(cell), cell)
        if word == "" or truths.get(fold_key(word)) is False:
            return NONE
        told = RAISED.get(choose("consent_action", word) or "") or choose("consent_state", word)
        if told is None and truths.get(fold_key(word)):
            told = GRANTED
        if told is None:
            raise ValueError(f"{cell!r} is neither a consent nor a withdrawal")
        return told

    def put(cell: str, building: Building) -> None:
        if (told := read(cell)) != NONE:
            building.decisions.setdefault("consents", {}).setdefault(name, told)

    return put


def settle_consents(building: Building, terms: Terms) -> None:
    """Make events of the ledger of what the cells of a row say, and note what is left out."""
    at = building.values.pop(CONSENT_AT, None) or terms.at or None
    events: list[dict[str, str | None]] = []
    for name, told in building.decisions.get("consents", {}).items():
        purpose, _, channel = name.removeprefix(PREFIX).partition(".")
        event = {"purpose": purpose, "channel": channel or ANY, "origin": "import", "occurred_at": at}
        if told == WITHDRAWN:
            events.append({**event, "action": "withdraw"})
        elif not terms.basis or not at:
            building.warnings.append(_UNDATED if terms.basis else _UNFOUNDED)
        else:
            events.append({**event, "action": "grant", "basis": terms.basis})
    if events:
        building.values["consents"] = events
