"""What the actions do that act outside: rendered here, in the transaction, and left to the outbox.

What is stored holds no secret: a variable of the environment stays a gap, which is filled when the row is sent.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crmcli.queries.records import get_record
from crmcli.rules.action_keys import MESSAGES, TRUSTED_ACTIONS
from crmcli.rules.durations import due_moment
from crmcli.rules.events import event_name
from crmcli.rules.outside_deeds import CallFunction, Message, Notify, RunHook, Send, Shape, Webhook
from crmcli.rules.templates import Template, written
from crmcli.services.automation.message_acts import warned_hindrance, write_message
from crmcli.services.automation.outcome import Outcome, Outgoing
from crmcli.services.automation.trust import UNTRUSTED

if TYPE_CHECKING:
    from crmcli.services.automation.actor import Actor

MOST_BYTES = 2**20  # of what one action sends
ATTEMPTS = 3  # of one that is tried again
_TEAM = "team:"
_HANDLE = "SELECT handle FROM app_user WHERE fold(handle) = fold(?) AND deleted_at IS NULL"
_OF_TEAM = (
    "SELECT handle FROM app_user WHERE fold(team) = fold(?) AND is_active = 1 AND deleted_at IS NULL ORDER BY handle"
)


class Payload:
    """What is stored of something to be sent: its values, and the gaps that the environment fills in the end."""

    def __init__(self, actor: "Actor", limit_s: int) -> None:
        self._actor = actor
        self._limit_s = limit_s
        self._gaps: list[tuple[list[str | int], list[str | dict[str, str]]]] = []

    def text(self, template: Template, path: list[str | int], write: Callable[[str], str] = str) -> str:
        """Return a text as it can be shown, and note its gaps."""
        parts = self._actor.rendered_early(template, write)
        if any(not isinstance(part, str) for part in parts):
            self._gaps.append((path, [part if isinstance(part, str) else {"env": part.path} for part in parts]))
        return "".join(part if isinstance(part, str) else written(part) for part in parts)

    def value(self, shape: Shape, path: list[str | int]) -> Any:
        """Return plain data with its texts rendered."""
        if isinstance(shape, Template):
            return self.text(shape, path)
        if isinstance(shape, Mapping):
            return {name: self.value(part, [*path, name]) for name, part in shape.items()}
        if isinstance(shape, Sequence):
            return [self.value(part, [*path, number]) for number, part in enumerate(shape)]
        return shape

    def of(self, **values: Any) -> dict[str, Any]:
        """Return what is stored; ValueError when it is too much."""
        whole = {"values": values, "gaps": self._gaps, "limit_s": self._limit_s}
        if len(json.dumps(whole)) > MOST_BYTES:
            raise ValueError(f"what is to be sent is larger than {MOST_BYTES} bytes")
        return whole


def _webhook(actor: "Actor", deed: Webhook, payload: Payload) -> tuple[str, dict[str, Any]]:
    from urllib.parse import quote  # only a web hook pays

    url = payload.text(deed.url, ["url"], lambda value: quote(value, safe=""))
    body = payload.value(deed.body, ["body"]) if deed.body is not None else _happening(actor)
    return f"webhook to {url}", payload.of(url=url, body=body)


def _run_hook(actor: "Actor", deed: RunHook, payload: Payload) -> tuple[str, dict[str, Any]]:
    argv = [actor.rendered(word) for word in deed.argv]
    _refuse_options(deed.argv, argv)
    stdin = payload.value(deed.stdin, ["stdin"]) if deed.stdin is not None else _happening(actor)
    return f"run {' '.join(argv)}", payload.of(argv=argv, stdin=stdin)


def _call_function(actor: "Actor", deed: CallFunction, payload: Payload) -> tuple[str, dict[str, Any]]:
    return f"call {deed.name}", payload.of(function=deed.name, argument=_happening(actor))


def _refuse_options(templates: Sequence[Template], argv: Sequence[str]) -> None:
    """Raise ValueError where a value of a record would be read as an option, unless ``--`` has ended the options."""
    for template, word in zip(templates, argv, strict=True):
        if word == "--" and not template.variables:
            return
        if word.startswith("-") and not isinstance(template.parts[0], str):
            raise ValueError(f"{word!r} would be taken for an option; put '--' before it in argv")


def _happening(actor: "Actor") -> dict[str, Any]:
    """Return what happened and the record as it now is, as programs, functions and web hooks without a body get it."""
    record = actor.change.values or get_record(actor.writer.unit.raw, actor.kind, actor.change.id) or {}
    return {
        "rule": actor.rule.id,
        "events": sorted(event_name(actor.kind.name, event) for event in actor.change.events),
        "at": actor.writer.now,
        "record": {key: _plain(value) for key, value in record.items()},
    }


def _plain(value: Any) -> Any:
    """Return a presented value as JSON takes it; an amount stays exact, as a text where a number would not be."""
    if isinstance(value, Decimal):
        return float(value) if Decimal(repr(float(value))) == value else str(value)
    return value


def _notices(actor: "Actor", deed: Notify) -> tuple[str, list[Outgoing]]:
    to, text = actor.rendered(deed.to), actor.rendered(deed.text)
    team = to[len(_TEAM) :] if to.startswith(_TEAM) else None
    rows = actor.writer.all(_OF_TEAM, team) if team is not None else actor.writer.all(_HANDLE, to)
    if not rows:
        raise ValueError(f"there is nobody in the team {team!r}" if team is not None else f"there is no user {to!r}")
    kind = "digest" if deed.digest else "notify"
    handles = [row["handle"] for row in rows]
    values = {"text": text, "ref": actor.change.ref}
    return f"notify {to}: {text}", [
        Outgoing(kind, {"values": {"to": handle, **values}}, max_attempts=ATTEMPTS, part=handle) for handle in handles
    ]


_SENT: dict[type[Any], tuple[str, Callable[["Actor", Any, Payload], tuple[str, dict[str, Any]]]]] = {
    Webhook: ("webhook", _webhook),
    RunHook: ("run", _run_hook),
    CallFunction: ("call", _call_function),
}


def _send(actor: "Actor", deed: Send) -> Outcome:
    """Render what is to be sent; a value that is missing refuses the write, unless the action may fail."""
    try:
        text, outgoing = _rendered(actor, deed)
    except ValueError as error:
        if deed.retries:
            raise
        actor.writer.warn(f"rule {actor.rule.id}: not sent: {error}")
        return Outcome("failed", f"not sent: {error}")
    not_before = due_moment(deed.delay, actor.world.times).utc if deed.delay else None
    outgoing = [one._replace(not_before=not_before) for one in outgoing]
    reason = outgoing[0].blocked or _objection(actor, outgoing[0].kind)
    if reason:
        return Outcome("blocked", f"{text}: blocked: {reason}", tuple(one._replace(blocked=reason) for one in outgoing))
    return Outcome("queued", text, tuple(outgoing))


def _rendered(actor: "Actor", deed: Send) -> tuple[str, list[Outgoing]]:
    attempts = ATTEMPTS if deed.retries else 1
    if isinstance(deed.what, Notify):
        return _notices(actor, deed.what)
    if isinstance(deed.what, Message):
        text, values, blocked = write_message(actor, deed.what)
        payload = Payload(actor, deed.limit_s).of(**values)
        return text, [Outgoing(deed.what.kind, payload, max_attempts=attempts, blocked=blocked)]
    kind, render = _SENT[type(deed.what)]
    text, payload = render(actor, deed.what, Payload(actor, deed.limit_s))
    return text, [Outgoing(kind, payload, max_attempts=attempts)]


def _objection(actor: "Actor", kind: str) -> str:
    """Return why nothing of the kind may go out, empty when it may; the user is told once."""
    if kind not in TRUSTED_ACTIONS:
        return ""
    reason = actor.trust.objection(actor.rule)
    if reason:
        actor.writer.warn(f"{reason}, so nothing that it sends goes out; crm rule trust {actor.rule.place.file}")
        return UNTRUSTED
    return warned_hindrance(actor, kind) if kind in MESSAGES else ""


ACTS: dict[type[Any], Callable[["Actor", Any], Outcome]] = {Send: _send}
