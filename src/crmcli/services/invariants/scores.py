"""What a lead's score is made of when somebody names the whole score: the difference is a line of its own."""

from typing import TYPE_CHECKING, Any

from crmcli.domain.score_lines import Line, add_up, parse_lines, plain, total
from crmcli.services.drafts import Draft, canonical

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

SCORE = frozenset({"score", "score_lines", "score_updated_at"})


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


def is_only_reckoned(now: dict[str, Any], after: dict[str, Any]) -> bool:
    """Say whether the score of a lead is what a change left, but for entries that were reckoned anew since."""
    return _given(now.get("score_lines")) == _given(after.get("score_lines"))


def taken_back(now: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """Return the score of a lead as it was before a change, with the entries that hold now."""
    entries = [line for line in parse_lines(now["score_lines"]) if line.kind == "entry"]
    image = dict(now)
    put_lines(image, [*_given(before["score_lines"]), *entries], now["score_updated_at"])
    return {column: image[column] for column in SCORE}


def _given(stored: str | None) -> list[Line]:
    """Return the lines that somebody gave, without those of entries, which follow from the lead."""
    return [line for line in parse_lines(stored) if line.kind != "entry"]


def _origin(draft: Draft, writer: "Writer") -> tuple[str, str]:
    if draft.intent == "import":
        return "imported", ""
    if writer.cause.startswith("rule:"):
        return "rule", writer.cause.removeprefix("rule:")
    return "manual", ""
