"""Consent of a person, recorded as events of a ledger: granted, withdrawn, objected to, expired; a notice read."""

from collections.abc import Mapping, Sequence
from typing import Any

from crmcli.services.ledger import add_events
from crmcli.services.results import Context, Result
from crmcli.services.subjects import Record
from crmcli.services.writer import write


def record(context: Context, records: Sequence[Record], values: Mapping[str, Any]) -> Result:
    """Record the same event for the persons of several leads and contacts; values are typed, by field key."""
    return write(context, lambda writer: add_events(writer, records, [values]))
