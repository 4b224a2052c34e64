"""The score of leads: the sum of its lines, reckoned anew by every write that can change it.

Entries of the rule files (``[[score]]``) are lines while their condition holds; what rules and people add stays. A new
score is saved with the write that led to it, before any rule looks, so both are one event.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from crmcli.catalogue import ENTITIES
from crmcli.domain.score_lines import Line, add_up, faded, plain
from crmcli.errors import RefusedError
from crmcli.queries.values import stored_values
from crmcli.services.invariants.scores import lines_of, put_lines
from crmcli.services.results import Saved, Wanted

if TYPE_CHECKING:
    from crmcli.rules.scores import ReadyScore
    from crmcli.services.writer import Writer

CAUSE = "score"
INTENT = "scoring"
WATCHED = frozenset({"lead", "task", "event", "interaction"})  # what is saved of these can change a score
_ACTIVITIES = WATCHED - {"lead"}
_LEADS_OF = "SELECT record_id FROM activity_link WHERE activity_entity = ? AND activity_id = ? AND entity = 'lead'"
_OPEN = "SELECT id FROM lead WHERE deleted_at IS NULL AND status <> 'converted' AND id > ? ORDER BY id LIMIT 500"


class Scoring:
    """Reckons the scores of leads inside one transaction."""

    def __init__(self, writer: "Writer", entries: Sequence["ReadyScore"]) -> None:
        self._writer = writer
        self._entries = entries
        self._now = datetime.fromisoformat(writer.now)
        self._paths = frozenset(path for entry in entries for path in entry.paths)

    def follow(self, saved: Sequence[Saved]) -> list[Saved]:
        """Save the scores that follow from what was saved, and return what that saved; nothing without entries."""
        if not self._entries:
            return []
        causes: dict[int, str] = {}
        for item in saved:
            for lead_id in self._leads(item):
                causes[lead_id] = item.cause if item.cause.startswith("rule:") else CAUSE
        for cause in dict.fromkeys(causes.values()):
            with self._writer.caused_by(cause):
                self.reckon([lead_id for lead_id, found in causes.items() if found == cause])
        return self._writer.saves.take_pending()

    def reckon(self, lead_ids: Iterable[int]) -> None:
        """Save the scores of open leads that are not what they should be."""
        wanted = []
        for lead_id in lead_ids:
            lead = self._writer.image("lead", lead_id)
            if lead["deleted_at"] or lead["status"] == "converted":
                continue
            values = self._reckoned(lead)
            if values:
                wanted.append(Wanted(values, lead_id, intent=INTENT))
        self._writer.save_many("lead", wanted)

    def _leads(self, item: Saved) -> Iterator[int]:
        if item.entity == "lead":
            yield from [item.id] if item.action in ("create", "update", "restore") else []
        elif item.entity in _ACTIVITIES:
            links = [*item.before.get("links", ()), *item.after.get("links", ())]
            found = [row["record_id"] for row in links if row["entity"] == "lead"]
            yield from found or [row["record_id"] for row in self._writer.all(_LEADS_OF, item.entity, item.id)]

    def _reckoned(self, lead: dict[str, Any]) -> dict[str, Any]:
        """Return the new values of a lead, none when its score is right."""
        known = lines_of(lead)
        began = {line.name: line.since for line in known if line.kind == "entry"}
        values = stored_values(self._writer.unit.raw, ENTITIES["lead"], lead["id"], self._paths)
        lines = [line for line in known if line.kind != "entry"]
        for entry in self._entries:
            if entry.when.match(values):
                since = began.get(entry.id, self._writer.now)
                start = (values[entry.since] if entry.since else None) or since
                left = faded(entry.points, entry.half_life, start, self._now)
                name = entry.name if entry.name != entry.id else ""
                lines.append(Line("entry", entry.id, entry.points, left, since, name))
        return _differing(lead, lines, self._writer.now)


def add_points(writer: "Writer", lead_id: int, line: Line) -> bool:
    """Add points to the score of a lead inside an open write; say whether that changed it.

    RefusedError for a lead that was converted.
    """
    lead = writer.image("lead", lead_id)
    if lead["status"] == "converted":
        ref = ENTITIES["lead"].ref(lead_id)
        raise RefusedError(f"{ref} was converted, so its score stays", hint=f"crm lead unconvert {ref}")
    values = _differing(lead, add_up(lines_of(lead), line), writer.now)
    if values:
        writer.update("lead", lead_id, values, intent=INTENT)
    return bool(values)


def reckon_all(writer: "Writer", lead_ids: Sequence[int] | None = None) -> None:
    """Reckon the scores of leads anew inside an open write, of all open ones without ``lead_ids``."""
    scoring = Scoring(writer, writer.reactions.scores)
    if lead_ids is not None:
        scoring.reckon(lead_ids)
        return
    last = 0
    while rows := writer.all(_OPEN, last):
        last = rows[-1]["id"]
        scoring.reckon([row["id"] for row in rows])
        writer.flush()


def _differing(lead: dict[str, Any], lines: list[Line], now: str) -> dict[str, Any]:
    """Return the new values of a lead with these lines; none when they leave it as it is."""
    image = dict(lead)
    put_lines(image, lines, now)
    if all(image[column] == lead[column] for column in ("score", "score_lines")):
        return {}
    values = {column: image[column] for column in ("score", "score_updated_at")}
    return values | {"score_lines": plain(lines)}
