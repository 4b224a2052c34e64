"""What an exchange rate must satisfy: a known currency other than the base one, more than nothing, one for each day."""

from decimal import Decimal
from typing import TYPE_CHECKING

from crmcli.domain.money import EXPONENTS
from crmcli.domain.zones import local_date
from crmcli.services.drafts import Draft
from crmcli.services.duplicates import refuse_taken

if TYPE_CHECKING:
    from crmcli.services.writer import Writer


def settle(draft: Draft, writer: "Writer") -> None:
    """Write the currency in capitals; a rate counts from today where it says no day."""
    if draft.intent == "delete":
        return
    record = draft.record
    record["currency"] = (record["currency"] or "").strip().upper()
    record["on_date"] = record["on_date"] or local_date(writer.now, writer.zone)
    if record["currency"] not in EXPONENTS:
        draft.refuse("currency", f"there is no currency {record['currency']!r}")
    elif record["currency"] == writer.settings.currency:
        draft.refuse("currency", f"{record['currency']} is the base currency, whose rate is 1")
    if record["rate"] is not None and Decimal(record["rate"]) <= 0:
        draft.refuse("rate", "must be more than 0")
    if not draft.problems:
        refuse_taken(draft, writer, "currency", "on_date")
