"""What rules reach outside, for people: to whom and with which files of the user's, and what of it can never arrive.

Whether a host is allowed or a program is there may change after the load, so none of this is a mistake of a file.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from crmcli.config.paths import Paths
from crmcli.config.settings import Settings
from crmcli.integrations.programs import find_hook
from crmcli.integrations.webhook import Hosts, objection
from crmcli.rules.rule import Action, Rule
from crmcli.rules.templates import has_variables

_TARGETS = ("url", "argv", "function", "to")
_FORMS = (".txt", ".html")


def told(action: Action, paths: Paths) -> str:
    """Return what an action sends as it stands in its file, and the template or the program that it takes for it."""
    values = action.values
    target = next((values[key] for key in _TARGETS if key in values), "")
    words = " ".join(map(str, target)) if isinstance(target, list) else str(target)
    return ", ".join([f"{action.kind} {words}".rstrip(), *map(str, _taken(action, paths))])


def doubts(rules: Sequence[Rule], settings: Settings, paths: Paths) -> Iterator[str]:
    """Yield why actions of rules cannot reach what they name, as things are now."""
    for rule in rules:
        for action in rule.actions:
            reason = _trouble(action, settings, paths)
            if reason:
                yield f"rule {rule.id}: {action.kind} will be blocked: {reason}"


def _taken(action: Action, paths: Paths) -> Iterator[Path]:
    """Yield the files that an action takes apart from its own: templates, and the program."""
    name = str(action.values.get("template", ""))
    if name:
        files = [paths.templates / f"{name}{form}" for form in _FORMS[: 2 if action.kind == "email" else 1]]
        yield from (file for file in files if file == files[0] or file.exists())
    if action.kind == "run":
        yield paths.hooks / str(action.values["argv"][0])


def _trouble(action: Action, settings: Settings, paths: Paths) -> str:
    if action.kind == "run":
        try:
            find_hook(paths.hooks, str(action.values["argv"][0]))
        except ValueError as error:
            return str(error)
    if action.kind == "webhook":
        text = str(action.values["url"])
        url = text.partition("{{")[0] if has_variables(text) else text
        limits = settings.rules
        hosts = Hosts(limits.hosts, limits.http_hosts, limits.private_hosts) if limits else Hosts()
        return objection(url, hosts) if url.partition("://")[2] else ""
    return ""
