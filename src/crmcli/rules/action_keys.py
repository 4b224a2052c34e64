"""The keys of each kind of action, and which belong to a later version. How they are checked stands in ``shape``."""

from typing import NamedTuple


class Key(NamedTuple):
    """What a key takes: ``text``, ``texts``, ``truth``, ``number``, ``table`` or ``tables``; and which texts."""

    kind: str
    required: bool = False
    choices: tuple[str, ...] = ()


EVERY_ACTION = {"action": Key("text", required=True), "if": Key("text")}
DATA_ACTIONS = {  # they change records, and a chain may hold only so many of them
    "set": {"values": Key("table", required=True), "only_if_empty": Key("truth")},
    "tag": {"add": Key("texts", required=True)},
    "untag": {"remove": Key("texts", required=True)},
    "task": {
        "subject": Key("text", required=True),
        "due": Key("text"),
        "assign": Key("text"),
        "priority": Key("text"),
        "unless_open": Key("text", choices=("same_rule",)),
    },
}
CONTROLS = {
    "refuse": {"message": Key("text", required=True), "field": Key("text")},
    "warn": {"message": Key("text", required=True)},
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
        "unset", "increment", "assign", "move", "status", "score", "event", "log", "ticket", "project", "create",
        "convert", "segment_add", "segment_remove", "enrol", "unenrol", "follow", "share",
    }
)  # fmt: skip
LATER_IN_ACTION = frozenset({"delay", "on_error"})
LATER = "is not supported in this version"
