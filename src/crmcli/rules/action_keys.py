"""The keys of each kind of action, and which belong to a later version. How they are checked stands in ``shape``."""

from typing import NamedTuple


class Key(NamedTuple):
    """What a key takes: ``text``, ``texts``, ``words``, ``truth``, ``number``, ``figure``, ``table`` or ``tables``.

    ``words`` is a text or a list of texts, ``figure`` a number with decimals or without. ``choices`` are all its texts.
    """

    kind: str
    required: bool = False
    choices: tuple[str, ...] = ()


EVERY_ACTION = {"action": Key("text", required=True), "if": Key("text")}
ON_ERROR = {"on_error": Key("text", choices=("fail", "continue"))}
_UNLESS_OPEN = Key("text", choices=("same_rule",))
_DATA_ACTIONS = {
    "set": {"values": Key("table", required=True), "only_if_empty": Key("truth")},
    "unset": {"fields": Key("texts", required=True)},
    "increment": {"field": Key("text", required=True), "by": Key("figure", required=True)},
    "tag": {"add": Key("texts", required=True)},
    "untag": {"remove": Key("texts", required=True)},
    "assign": {
        "to": Key("text"),
        "pool": Key("words"),
        "strategy": Key("text", choices=("round_robin", "least_busy", "random")),
        "only_if_empty": Key("truth"),
    },
    "move": {"stage": Key("text", required=True), "reason": Key("text"), "note": Key("text")},
    "status": {"to": Key("text", required=True), "reason": Key("text"), "note": Key("text"), "code": Key("text")},
    "score": {"add": Key("number", required=True), "reason": Key("text")},
    "task": {
        "subject": Key("text", required=True),
        "due": Key("text"),
        "every": Key("text"),
        "assign": Key("text"),
        "priority": Key("text"),
        "unless_open": _UNLESS_OPEN,
        "delay": Key("text"),
    },
    "event": {
        "title": Key("text", required=True),
        "start": Key("text", required=True),
        "end": Key("text"),
        "every": Key("text"),
        "assign": Key("text"),
        "unless_open": _UNLESS_OPEN,
    },
    "log": {"kind": Key("text"), "subject": Key("text"), "body": Key("text")},
    "ticket": {
        "subject": Key("text", required=True),
        "description": Key("text"),
        "type": Key("text"),
        "category": Key("text"),
        "priority": Key("text"),
        "assign": Key("text"),
    },
    "create": {"entity": Key("text", required=True), "values": Key("table", required=True)},
    "convert": {
        "org": Key("text"),
        "contact": Key("text"),
        "deal": Key("text"),
        "amount": Key("text"),
        "pipeline": Key("text"),
        "stage": Key("text"),
        "close": Key("text"),
        "owner": Key("text"),
        "activities": Key("text", choices=("move", "link")),
    },
}
DATA_ACTIONS = {  # they change records, and a chain may hold only so many of them
    kind: {**keys, **ON_ERROR} for kind, keys in _DATA_ACTIONS.items()
}
CONTROLS = {
    "refuse": {"message": Key("text", required=True), "field": Key("text")},
    "warn": {"message": Key("text", required=True), **ON_ERROR},
    "stop": {"all": Key("truth")},
}
_SENDING = {"delay": Key("text"), "on_error": Key("text", choices=("retry", "continue"))}
MARKETING, SERVICE = "marketing", "service"
PURPOSES = (MARKETING, "newsletter", SERVICE)  # of what people outside are sent
_MESSAGE = {
    "template": Key("text", required=True),
    "to": Key("text", required=True),
    "purpose": Key("text", choices=PURPOSES),
    **_SENDING,
}
OUTSIDE_ACTIONS = {  # they wait in the outbox and are delivered after the commit
    "email": _MESSAGE,
    "sms": _MESSAGE,
    "webhook": {"url": Key("text", required=True), "body": Key("table"), "timeout": Key("text"), **_SENDING},
    "run": {"argv": Key("texts", required=True), "stdin": Key("table"), "timeout": Key("text"), **_SENDING},
    "call": {"function": Key("text", required=True), **_SENDING},
    "notify": {
        "to": Key("text", required=True),
        "text": Key("text", required=True),
        "digest": Key("truth"),
        "delay": Key("text"),
    },
}
MESSAGES = frozenset({"email", "sms"})  # they reach people, and go out only where the configuration says so
TRUSTED_ACTIONS = frozenset({*MESSAGES, "webhook", "run", "call"})  # they act only in files that are trusted
ACTIONS = {**DATA_ACTIONS, **OUTSIDE_ACTIONS, **CONTROLS}
LATER_ACTIONS = frozenset(
    {
        "project", "segment_add", "segment_remove", "enrol", "unenrol", "follow", "share",
    }
)  # fmt: skip
LATER = "is not supported in this version"
