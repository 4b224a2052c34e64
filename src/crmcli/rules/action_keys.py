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
ACTIONS = {**DATA_ACTIONS, **CONTROLS}
LATER_ACTIONS = frozenset(
    {
        "unset", "increment", "assign", "move", "status", "score", "event", "log", "ticket", "project", "create",
        "convert", "segment_add", "segment_remove", "enrol", "unenrol", "follow", "share", "email", "sms", "webhook",
        "run", "call", "notify",
    }
)  # fmt: skip
LATER_IN_ACTION = frozenset({"delay", "on_error"})
LATER = "is not supported in this version"
