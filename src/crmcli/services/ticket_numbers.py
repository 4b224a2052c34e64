"""Numbers of tickets that customers see, such as ``2026-00017``: counted per year of recording, never given twice."""

from typing import TYPE_CHECKING

from crmcli.domain.zones import local_date

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

# The colon is the character after the digits.
_STORED = (
    "SELECT MAX(CAST(SUBSTR(number, 6) AS INTEGER)) AS last FROM ticket WHERE number BETWEEN ?1 || '-' AND ?1 || '-:'"
)
# A ticket whose opening was taken back is in no table any more; it had a later id than those that are left.
_TAKEN_BACK = (
    "SELECT MAX(CAST(SUBSTR(json_extract(after, '$.number'), 6) AS INTEGER)) AS last FROM change"
    " WHERE entity = 'ticket' AND action = 'create' AND record_id > (SELECT COALESCE(MAX(id), 0) FROM ticket)"
    " AND json_extract(after, '$.number') LIKE ?1 || '-%'"
)


class TicketNumbers:
    """The numbers that one transaction gives."""

    def __init__(self, writer: "Writer") -> None:
        self._writer = writer
        self._year = ""
        self._last = 0

    def next(self) -> str:
        """Return a number that no ticket has or ever had."""
        if not self._year:
            self._year = local_date(self._writer.now, self._writer.zone)[:4]
            self._last = max(self._highest(_STORED), self._highest(_TAKEN_BACK))
        self._last += 1
        return f"{self._year}-{self._last:05}"

    def _highest(self, sql: str) -> int:
        found = self._writer.one(sql, self._year)
        return found["last"] or 0 if found else 0
