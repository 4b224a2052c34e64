"""Receipts of imports for people: what was read, what came of it, and what to look at."""

from collections.abc import Iterator, Mapping
from typing import Any

from crmcli.catalogue import ENTITIES
from crmcli.cli.answers import counted
from crmcli.domain.plurals import counted as in_words
from crmcli.domain.plurals import listed

_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_WIDEST = 40  # characters of a sample


def receipt_lines(receipt: Mapping[str, Any], *, mapping: bool) -> Iterator[str]:
    """Yield the lines of a receipt, given as ``Receipt.as_json``; with ``mapping`` also how the columns were read."""
    kind = ENTITIES[receipt["entity"]]
    job = f", job {receipt['job']}" if receipt["job"] else ""
    yield f"{receipt['file']}: {in_words(receipt['rows'], 'row')} of {kind.plural} in {receipt['seconds']:.1f} s{job}"
    yield f"  {_figures(receipt)}"
    if receipt["on_the_way"]:
        made = ", ".join(counted(name, count) for name, count in receipt["on_the_way"].items())
        yield f"  created on the way: {made}"
    if receipt["earlier_job"]:
        yield f"  rows of it came with job {receipt['earlier_job']} already"
    yield from _rules(receipt)
    yield f"  read as {', '.join(_manner(receipt))}"
    if mapping:
        yield from _mapping(receipt)
    if receipt["ignored"]:
        yield f"  columns not used: {listed(receipt['ignored'])}"
    for warning, count in receipt["warnings"].items():
        yield f"  {count:,} × {warning}"
    if receipt["rejects_file"]:
        yield f"  rejected rows with their reasons: {receipt['rejects_file']}"


def _rules(receipt: Mapping[str, Any]) -> Iterator[str]:
    """Yield how often each rule ran, and how many did not because this is an import."""
    ran = receipt.get("rules") or {}
    if ran:
        times = ", ".join(f"{rule_id} {in_words(count, 'time')}" for rule_id, count in sorted(ran.items()))
        yield f"  rules ran: {times}"
    if left_out := receipt.get("rules_left_out"):
        verb = "does" if left_out == 1 else "do"
        yield f"  {in_words(left_out, 'rule')} {verb} not act on imports; --with-rules lets all act"


def _manner(receipt: Mapping[str, Any]) -> Iterator[str]:
    yield receipt["preset"]
    yield receipt["encoding"]
    if delimiter := receipt["delimiter"]:
        yield _DELIMITERS.get(delimiter, repr(delimiter))
    if receipt["header_line"]:
        yield f"header in line {receipt['header_line']}"


def _figures(receipt: Mapping[str, Any]) -> str:
    figures = [f"{receipt[key]:,} {key}" for key in ("created", "updated", "unchanged", "rejected")]
    figures += [f"{receipt['skipped']:,} left out"] if receipt["skipped"] else []
    figures += [in_words(receipt["links"], "link")] if receipt["links"] else []
    return ", ".join(figures)


def _mapping(receipt: Mapping[str, Any]) -> Iterator[str]:
    width = max(map(len, receipt["mapping"]), default=0)
    for header, target in receipt["mapping"].items():
        sample = receipt["samples"].get(header, "")
        short = sample if len(sample) <= _WIDEST else f"{sample[: _WIDEST - 1]}…"
        yield f"    {header.ljust(width)}  {target}" + (f"  such as {short}" if short else "")
