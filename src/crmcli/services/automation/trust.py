"""Which rule files the user trusts to act outside: kept by their hashes in the state folder, apart from the store.

A file is trusted as it was when the user said so: one changed byte asks again. What a rule has put into the outbox goes
out as long as that very rule was trusted once, so neither a strange store nor a later edit can send anything of theirs.
"""

import hashlib
import json
import os
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from crmcli.config.files import open_regular
from crmcli.config.paths import Paths, ensure
from crmcli.config.settings import Settings
from crmcli.errors import CrmError, RefusedError
from crmcli.formats.files import write_text
from crmcli.rules.action_keys import MESSAGES, TRUSTED_ACTIONS
from crmcli.rules.rule import Rule

UNTRUSTED, REHEARSED = "untrusted", "dry run, until rules.send = true"  # why a row is blocked
_NAME = "trusted-rules.json"


class Trusted(NamedTuple):
    """A trusted file: the hash of its bytes, and those of all rules that it ever held when it was trusted."""

    sha256: str
    rules: frozenset[str]


class Trust:
    """What is trusted, read when it is first asked for; nothing is where there are no folders."""

    def __init__(self, paths: Paths | None) -> None:
        self._paths = paths
        self._objections: dict[str, str] = {}
        self._known: Mapping[str, Trusted] | None = None

    @property
    def known(self) -> Mapping[str, Trusted]:
        """The trusted files by name."""
        if self._known is None:
            self._known = _read(self._paths.state / _NAME) if self._paths else {}
        return self._known

    def objection(self, rule: Rule) -> str:
        """Return why what a rule wants outside may not be done, empty when it may."""
        file = rule.place.file
        if file not in self._objections:
            self._objections[file] = self._objection(file)
        if reason := self._objections[file]:
            return reason
        return "" if rule.sha256 in self.known[file].rules else f"the rule file {file} has just been changed"

    def covers(self, rule_sha256: str | None) -> bool:
        """Say whether a rule was ever trusted as it stood."""
        return any(rule_sha256 in one.rules for one in self.known.values())

    def _objection(self, file: str) -> str:
        found = self.known.get(file)
        if self._paths is None or found is None:
            return f"the rule file {file} is not trusted"
        try:
            sha256, trouble = _look_at(self._paths.rules / file)
        except OSError as error:
            return f"the rule file {file} cannot be read: {error.strerror}"
        if trouble:
            return f"the rule file {file} {trouble}"
        return "" if sha256 == found.sha256 else f"the rule file {file} has changed since it was trusted"


def is_rehearsed(kind: str, settings: Settings) -> bool:
    """Say whether a message to people is only recorded, since ``rules.send`` does not let it go out yet."""
    return kind in MESSAGES and not (settings.rules and settings.rules.send)


def needs_trust(rules: Iterable[Rule]) -> frozenset[str]:
    """Return the files of rules that act outside."""
    return frozenset(
        rule.place.file for rule in rules if any(action.kind in TRUSTED_ACTIONS for action in rule.actions)
    )


def trust(paths: Paths, file: str, rules: Iterable[Rule]) -> None:
    """Trust a rule file as it is now; RefusedError when others could have written it."""
    try:
        sha256, trouble = _look_at(paths.rules / file)
    except OSError as error:
        raise CrmError(f"the rule file {file} cannot be read: {error.strerror}") from error
    if trouble:
        raise RefusedError(f"the rule file {file} {trouble}", hint=f"chmod go-w {paths.rules / file}")
    place = ensure(paths.state) / _NAME
    known = dict(_read(place))
    before = known[file].rules if file in known else frozenset()
    known[file] = Trusted(sha256, before | {rule.sha256 for rule in rules if rule.place.file == file})
    shown = {name: {"sha256": one.sha256, "rules": sorted(one.rules)} for name, one in sorted(known.items())}
    write_text(place, json.dumps(shown, indent=2) + "\n")


def _look_at(path: Path) -> tuple[str, str]:
    """Return the hash of a file, and why it cannot be trusted, if so."""
    with os.fdopen(open_regular(path), "rb") as file:
        info = os.fstat(file.fileno())
        sha256 = hashlib.sha256(file.read()).hexdigest()
    return sha256, _openness(info) or _openness(path.parent.stat())


def _openness(info: os.stat_result) -> str:
    if info.st_uid != os.getuid():
        return "belongs to somebody else" if not stat.S_ISDIR(info.st_mode) else "lies in a folder of somebody else"
    if info.st_mode & 0o022:
        return (
            "can be changed by others" if not stat.S_ISDIR(info.st_mode) else "lies in a folder that others can change"
        )
    return ""


def _read(place: Path) -> Mapping[str, Trusted]:
    """Return what was kept; nothing when it is missing, unreadable or open to others: then nothing is trusted."""
    try:
        with os.fdopen(open_regular(place), "rb") as file:
            if _openness(os.fstat(file.fileno())):
                return {}
            found: Any = json.loads(file.read())
        return {name: Trusted(one["sha256"], frozenset(one["rules"])) for name, one in found.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
