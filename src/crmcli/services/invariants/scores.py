"""What a lead's score is made of when somebody names the whole score: the difference is a line of its own."""

from typing import TYPE_CHECKING, Any

from crmcli.domain.score_lines import Line, add_up, parse_lines, plain, total
from crmcli.services.drafts import Draft, canonical

if TYPE_CHECKING:
    from crmcli.services.writer import Writer


def settle_score(draft: Draft, writer: "Writer") -> None:
    """Keep a score that was given as what it adds to the lines: by hand, by a rule, or from another program.

    The score of an import is the line ``imported`` alone, so that the same file twice changes nothing, unless it is the
    whole score that is there already.
    """
    record = draft.record
    if "score" not in draft.given or "score_lines" in draft.given or record["score"] == draft.was("score"):
        return
    lines = lines_of(draft.before or record | {"score": None, "score_lines": None})
    if record["score"] is None:
        record["score_lines"], record["score_updated_at"] = None, writer.now
        return
    kind, name = _origin(draft, writer)
    imported = next((line.counted for line in lines if kind == line.kind == "imported"), None)
    difference = record["score"] - (total(lines) if imported is None else imported)
    lines = add_up(lines, Line(kind, name, difference, difference, writer.now))
    record["score"] = draft.was("score")
    put_lines(record, lines, writer.now)


def lines_of(lead: dict[str, Any]) -> list[Line]:
    """Return the lines of a stored lead; what its score holds beyond them was there before lines were kept."""
    lines = parse_lines(lead["score_lines"])
    rest = (lead["score"] or 0) - total(lines)
    return add_up(lines, Line("manual", "", rest, rest, lead["score_updated_at"] or lead["created_at"]))


def put_lines(lead: dict[str, Any], lines: list[Line], now: str) -> None:
    """Give the image of a lead these lines and the score that they make, which is from now if it is another one."""
    before = lead["score"]
    lead["score_lines"] = canonical(plain(lines)) if lines else None
    lead["score"] = total(lines)
    if lead["score"] != before:
        lead["score_updated_at"] = now


def _origin(draft: Draft, writer: "Writer") -> tuple[str, str]:
    if draft.intent == "import":
        return "imported", ""
    if writer.cause.startswith("rule:"):
        return "rule", writer.cause.removeprefix("rule:")
    return "manual", ""
