"""How far rules may reach outside: what the table ``[rules]`` of the settings file says.

Imported only when the file has the table, or by who sends something. Which rule files are trusted is kept elsewhere.
"""

from typing import Any, NamedTuple

from crmcli.domain.schema import did_you_mean
from crmcli.errors import ConfigError


class RuleSettings(NamedTuple):
    """What rules may do outside: send messages to people, and post to these hosts.

    ``http_hosts`` may do without TLS, ``private_hosts`` may be on one's own net or machine. ``notify`` is the command
    that shows a notice on the desktop, to which the text is added as the last word.
    """

    send: bool = False
    hosts: frozenset[str] = frozenset()
    http_hosts: frozenset[str] = frozenset()
    private_hosts: frozenset[str] = frozenset()
    notify: tuple[str, ...] = ()


def read_rule_settings(table: Any) -> RuleSettings:
    """Return what the table says; ConfigError for other keys and values of another type."""
    if not isinstance(table, dict):
        raise ConfigError("[rules] must be a table")
    read = {"send": _truth, "notify": _words}
    found: dict[str, Any] = {}
    for key, value in table.items():
        if key not in RuleSettings._fields:
            names = list(RuleSettings._fields)
            raise ConfigError(f"[rules] has no {key!r}", hint=did_you_mean(key, names) or ", ".join(names))
        found[key] = read.get(key, _hosts)(key, value)
    return RuleSettings(**found)


def _truth(key: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ConfigError(f"[rules] {key} must be true or false, not {value!r}")
    return value


def _words(key: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(word, str) and word for word in value):
        raise ConfigError(f"[rules] {key} must be a list of words, such as {key} = ['notify-send']")
    if not value[0].startswith("/") and "/" in value[0]:
        raise ConfigError(f"[rules] {key}: {value[0]!r} is neither a name nor an absolute path")
    return tuple(value)


def _hosts(key: str, value: Any) -> frozenset[str]:
    if not isinstance(value, list) or not all(isinstance(host, str) and host for host in value):
        raise ConfigError(f"[rules] {key} must be a list of hosts, such as {key} = ['hooks.example.com']")
    for host in value:
        if not host.isascii() or not host.isprintable() or any(sign in host for sign in "/@ *?#[]"):
            raise ConfigError(f"[rules] {key}: {host!r} is no host; write hooks.example.com, without https://")
    return frozenset(host.lower().rstrip(".") for host in value)
