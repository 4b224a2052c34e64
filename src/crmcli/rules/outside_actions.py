"""How the actions that act outside are read: messages, web hooks, programs, functions, notices.

Whether a host is allowed or a program is there is asked when something is sent, since both can change after the load.
"""

import re
from collections.abc import Callable
from typing import Any

from crmcli.rules.letters import read_letter
from crmcli.rules.outside_deeds import CallFunction, Message, Notify, Outside, RunHook, Send, Shape, Webhook
from crmcli.rules.reader import Reader
from crmcli.rules.templates import ENV, Template, has_variables

MOST_SECONDS = 10
_SECONDS = re.compile(r"([0-9]{1,2})s")
_HOST = re.compile(r"https?://[^/?#\s@]+(?![^/?#])")  # and no user before it
_PROGRAM = re.compile(r"[^/.\0][^\0]*")
FUNCTIONS = "crmcli.functions"  # group of the entry points that ``call`` finds


def _message(reader: Reader, kind: str) -> Message | None:
    letter = read_letter(reader, "template", needs_subject=kind == "email")
    to = reader.template(reader.values["to"], "to")
    return Message(kind, to, reader.values.get("purpose", ""), letter) if to and letter else None


def _webhook(reader: Reader) -> Webhook | None:
    url = reader.template(reader.values["url"], "url", late=True)
    body = _shape(reader, reader.values["body"], "body") if "body" in reader.values else None
    if url and not _names_its_host(url):
        reader.note("url", "must begin with https:// and a host, no user, and no value of a record can be part of it")
        return None
    return Webhook(url, body) if url else None


def _names_its_host(url: Template) -> bool:
    """Say whether the host stands in the rule or comes from the environment, so that no record can choose it."""
    before = ""
    for part in url.parts:
        if isinstance(part, str):
            before += part
        elif part.root == ENV:
            before += "https://host/" if not before else "host"
        else:
            return bool(_HOST.match(before) and _HOST.sub("", before, count=1))
    return bool(_HOST.match(before))


def _run_hook(reader: Reader) -> RunHook | None:
    words = reader.values["argv"]
    argv = [reader.template(word, f"argv[{number}]") for number, word in enumerate(words, start=1)]
    if has_variables(words[0]) or not _PROGRAM.fullmatch(words[0]):
        reader.note("argv[1]", "must be the name of a program in the hooks folder", "crm config path hooks")
        return None
    stdin = _shape(reader, reader.values["stdin"], "stdin") if "stdin" in reader.values else None
    return RunHook(tuple(word for word in argv if word), stdin)


def _call_function(reader: Reader) -> CallFunction | None:
    from importlib.metadata import entry_points

    from crmcli.domain.schema import near_or_all

    name, known = reader.values["function"], sorted(entry_points(group=FUNCTIONS).names)
    if name not in known:
        hint = near_or_all(name, known) or "none is installed"
        reader.note("function", f"no package offers {name!r} in the group {FUNCTIONS}", hint)
        return None
    return CallFunction(name)


def _notify(reader: Reader) -> Notify | None:
    to, text = reader.template(reader.values["to"], "to"), reader.template(reader.values["text"], "text")
    return Notify(to, text, reader.values.get("digest", True)) if to and text else None


def _shape(reader: Reader, value: Any, key: str) -> Shape | None:
    """Return a value of TOML with its texts as templates; None, with the mistakes noted, when some are none."""
    if isinstance(value, str):
        return reader.template(value, key, late=True)
    if isinstance(value, dict):
        parts = {name: _shape(reader, part, f"{key}.{name}") for name, part in value.items()}
        return {name: part for name, part in parts.items() if part is not None}
    if isinstance(value, list):
        items = [_shape(reader, part, f"{key}[{number}]") for number, part in enumerate(value, start=1)]
        return [part for part in items if part is not None]
    if isinstance(value, bool | int | float):
        return value
    return Template((value.isoformat(),))  # the dates and times of TOML


def _seconds(reader: Reader) -> int:
    """Return the time limit of an action, or the longest one."""
    text = reader.values.get("timeout", f"{MOST_SECONDS}s")
    found = _SECONDS.fullmatch(text)
    if not found or not 1 <= int(found[1]) <= MOST_SECONDS:
        reader.note("timeout", f"must be 1s to {MOST_SECONDS}s, not {text!r}")
        return MOST_SECONDS
    return int(found[1])


def _sending(read: Callable[[Reader], Outside | None]) -> Callable[[Reader], Send | None]:
    """Return the reader of a whole action, given that of what is its own."""

    def read_all(reader: Reader) -> Send | None:
        what, limit_s, delay = read(reader), _seconds(reader), reader.due("delay")
        retries = reader.values.get("on_error", "retry") == "retry"
        return Send(what, limit_s, delay, retries) if what else None

    return read_all


READERS: dict[str, Callable[[Reader], Send | None]] = {
    "email": _sending(lambda reader: _message(reader, "email")),
    "sms": _sending(lambda reader: _message(reader, "sms")),
    "webhook": _sending(_webhook),
    "run": _sending(_run_hook),
    "call": _sending(_call_function),
    "notify": _sending(_notify),
}
