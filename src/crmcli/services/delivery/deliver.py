"""Delivers what waits in the outbox: by the command that left it there, within a short time, and by the scheduler.

A failure never undoes the write that caused it: it is told, and tried again or kept for the user to look at.
"""

import os
from collections.abc import Iterable
from json import loads
from time import monotonic
from typing import Any, NamedTuple

from crmcli import interrupts
from crmcli.catalogue import ENTITIES
from crmcli.domain.plurals import counted
from crmcli.domain.zones import wall_shown
from crmcli.integrations.sent import Sent
from crmcli.rules.action_keys import TRUSTED_ACTIONS
from crmcli.services.automation.trust import REHEARSED, UNTRUSTED, Trust, is_rehearsed
from crmcli.services.delivery.channels import Channel, channels, show_digest
from crmcli.services.delivery.gaps import GapError, fill, without
from crmcli.services.delivery.own import is_ours
from crmcli.services.delivery.rows import Mark, Row, Rows, pending_of
from crmcli.services.results import Context

BUDGET_S = 0.8  # how long a command waits for what it sends
LIMIT_S = 10.0  # how long anything may take
_LEAST_S = 0.02  # with less than this nothing is begun


class Delivered(NamedTuple):
    """How many rows went out, wait for another attempt or their time, failed for good or were blocked; what to tell.

    ``notices`` are for the user in front, ``warnings`` say what did not go out, and why.
    """

    counts: dict[str, int]
    notices: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def has_failed(self) -> bool:
        """Whether something did not go out that should have."""
        return any(self.counts.get(status) for status in ("pending", "failed", "blocked"))


def deliver_posted(context: Context) -> Delivered:
    """Deliver what the writes of a command left behind, within its budget unless it is to wait."""
    ids = pending_of(context, context.posted)
    context.posted.clear()
    found = deliver_due(context, ids, None if context.command.wait else BUDGET_S)
    left = len(ids) - sum(found.counts.values())
    if left <= 0:
        return found
    told = f"{counted(left, 'message')} of rules not sent yet; crm tick sends what waits"
    return found._replace(warnings=(*found.warnings, told))


def deliver_due(context: Context, ids: Iterable[int] | None = None, limit_s: float | None = None) -> Delivered:
    """Deliver every row that is due, or those of ``ids``, one after the other, for so many seconds at most."""
    return _Round(context, ids, None if limit_s is None else monotonic() + limit_s).run()


class _Round:
    def __init__(self, context: Context, ids: Iterable[int] | None, end: float | None) -> None:
        self._context = context
        self._end = end
        self._notices: list[str] = []
        self._digest: list[str] = []
        self._channels = channels(context, self._notices, self._digest)
        self._rows = Rows(context, [kind for kind, one in self._channels.items() if one.is_repeatable], ids)
        self._trust = Trust(context.paths)

    def run(self) -> Delivered:
        counts: dict[str, int] = {}
        warnings = []
        while self._end is None or self._end - monotonic() > _LEAST_S:
            row = self._rows.take()
            if row is None:
                break
            sent, was_cut = self._send(row)
            mark = self._rows.mark(row, sent, was_cut=was_cut)
            status = "waiting" if sent.not_before else mark.status
            counts[status] = counts.get(status, 0) + 1
            if mark.status != "done":
                warnings.append(self._told(row, sent, mark))
        show_digest(self._context, self._digest, monotonic() + LIMIT_S)
        return Delivered(counts, tuple(self._notices), tuple(warnings))

    def _send(self, row: Row) -> tuple[Sent, bool]:
        """Send a row; return what came of it, and whether it was left in the middle for lack of time."""
        if reason := self._objection(row):
            return Sent("blocked", reason), False
        channel = self._channels.get(row.kind)
        if channel is None:
            return Sent("permanent", f"there is no way to send a {row.kind}"), False
        used: list[str] = []
        try:
            payload = loads(row.payload)
            values, used = fill(payload["values"], payload.get("gaps", ()), os.environ)
            sent, was_cut = self._within(channel, values, row, float(payload.get("limit_s", LIMIT_S)))
        except GapError as error:
            return Sent("temporary", str(error)), False
        except (ValueError, KeyError, TypeError, IndexError, AttributeError):
            return Sent("permanent", "what is stored of it cannot be understood"), False
        return sent._replace(reason=without(sent.reason, used)), was_cut

    def _objection(self, row: Row) -> str:
        """Return why a row may not be sent at all, empty when it may."""
        if row.rule_id is None:
            return "" if is_ours(self._context.paths, row.key, row.payload, row.rule_hash) else UNTRUSTED
        if row.kind in TRUSTED_ACTIONS and not self._trust.covers(row.rule_hash):
            return UNTRUSTED
        return REHEARSED if is_rehearsed(row.kind, self._context.settings) else ""

    def _within(self, channel: Channel, values: Any, row: Row, limit_s: float) -> tuple[Sent, bool]:
        interrupts.release()  # the write is told already: whoever interrupts now wants to wait no longer
        deadline = monotonic() + min(limit_s, LIMIT_S)
        is_cut = channel.can_be_cut and self._end is not None and self._end < deadline
        sent = channel.send(values, row.key, self._end if is_cut and self._end else deadline)
        return sent, is_cut and sent.status == "temporary" and monotonic() >= (self._end or 0) - _LEAST_S

    def _told(self, row: Row, sent: Sent, mark: Mark) -> str:
        told, see = _named(row)
        if mark.status == "pending" and mark.not_before:
            when = wall_shown(mark.not_before, self._context.settings.timezone)
            return f"{told} not delivered: {sent.reason}; crm tick tries again after {when}"
        return f"{told} {mark.status}: {sent.reason}{see}"


def _named(row: Row) -> tuple[str, str]:
    """Return how a row is called in messages, and where to look when it failed."""
    if row.rule_id is None:
        return str(loads(row.payload).get("told", row.kind)), ""
    where = ENTITIES[row.entity].ref(row.record_id) if row.entity in ENTITIES and row.record_id else row.entity
    return f"{row.kind} of rule {row.rule_id} on {where}", "; see crm rule runs --failed"
