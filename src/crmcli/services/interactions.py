"""Logging what happened between us and a customer."""

from collections.abc import Iterable, Mapping
from typing import Any

from crmcli.services.invariants.links import Link, link_rows
from crmcli.services.results import Context, Result
from crmcli.services.writer import write


def log(context: Context, kind: str, values: Mapping[str, Any], links: Iterable[Link] = ()) -> Result:
    """Keep a call, an e-mail, a note ... with records; the first of them is the main one, and no others are added."""
    everything = {**values, "kind": kind, "links": link_rows(links)}
    return write(context, lambda writer: writer.create("interaction", everything))
