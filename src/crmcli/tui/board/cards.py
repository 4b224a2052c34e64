"""A record as a card: three short lines, safe on a terminal, and a mark that says how it stands."""

from collections.abc import Mapping
from typing import NamedTuple

from crmcli.domain.enums import label
from crmcli.domain.schema import Field
from crmcli.output.cells import people
from crmcli.output.safe import safe

Row = Mapping[str, object]


class Card(NamedTuple):
    """What a lane draws of a record. ``mark`` is ``late``, ``soon`` or empty; a symbol goes with its colour."""

    id: int
    ref: str
    version: int
    title: str
    lines: tuple[str, str]
    mark: str = ""


class Look(NamedTuple):
    """How values are written: language, zone (IANA) and the local day that is today."""

    locale: str
    zone: str
    today: str


def card_of(entity: str, row: Row, look: Look) -> Card:
    """Return the card of a row of ``queries.board``."""
    title, lines, mark = _PARTS[entity](row, look)
    return Card(int(str(row["id"])), str(row["ref"]), int(str(row["version"])), safe(title), lines, mark)


def heading_of(field: Field, row: Row) -> str:
    """Return how the cards are called that have the value of a field in common."""
    found = row[field.key]
    if found is None:
        return f"no {field.label.lower()}"
    return label(field.enum, str(found)) if field.enum else safe(str(found))


def amount_text(amount: object, currency: str, locale: str) -> str:
    """Return an amount as people read it, empty when there is none."""
    return people(amount, "money", currency=currency, locale=locale)


def _deal(row: Row, look: Look) -> tuple[str, tuple[str, str], str]:
    amount = amount_text(row["amount"], str(row["currency"]), look.locale)
    who = row["organization"] or row["contact"]
    days, limit = row["days_in_stage"], row["stage.rotting_days"] or row["pipeline.rotting_days"]
    is_rotting = isinstance(days, int) and isinstance(limit, int) and days > limit
    close = row["expected_close"]
    is_past = close is not None and str(close) < look.today
    step = row["next_step"] or ("close " + str(close) if close else "no next step")
    age = f"{days} d" if days is not None else ""
    mark = "late" if is_past or is_rotting else "" if row["next_step"] else "soon"
    return str(row["name"]), (_joined(amount, who), _joined(age, step)), mark


def _ticket(row: Row, look: Look) -> tuple[str, tuple[str, str], str]:
    due, priority = row["resolution_due"], str(row["priority"])
    who = row["contact"] or row["organization"]
    opened = people(row["opened_at"], "instant", zone=look.zone)[:10]
    mark = "late" if priority == "urgent" else "soon" if priority == "high" else ""
    told = f"due {people(due, 'instant', zone=look.zone)}" if due else f"since {opened}"
    return str(row["subject"]), (_joined(priority, who), _joined(told, row["assignee"])), mark


def _lead(row: Row, _look: Look) -> tuple[str, tuple[str, str], str]:
    rating = row["rating"]
    mark = "late" if rating == "hot" else "soon" if rating == "warm" else ""
    score = f"score {row['score']}" if row["score"] is not None else None
    return (
        str(row["name"]),
        (_joined(row["company_name"], rating), _joined(score, row["next_step"] or row["source"])),
        mark,
    )


_PARTS = {"deal": _deal, "ticket": _ticket, "lead": _lead}


def _joined(*parts: object) -> str:
    return safe(" · ".join(str(part) for part in parts if part))
