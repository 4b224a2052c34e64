"""The user's own keys: ``keys.toml`` in the folder of the configuration names, by place, the keys of actions.

    [board]
    move_on = "L,shift+right"
    win = "W"

What it does not name keeps its keys. Two actions that are in force together may not share a key.
"""

import unicodedata
from collections.abc import Mapping
from pathlib import Path

from textual.keys import KEY_NAME_REPLACEMENTS, Keys

from crmcli.config.files import read_text
from crmcli.domain.schema import did_you_mean
from crmcli.errors import ConfigError
from crmcli.tui.actions import PLACES, TARGETS

Keymap = Mapping[str, str]
_MODIFIERS = frozenset({"ctrl", "shift", "alt", "super", "hyper", "meta"})
_NAMED = frozenset(key.value for key in Keys) | frozenset(KEY_NAME_REPLACEMENTS.values())
_TAKEN = {  # on every screen, by who draws it
    "ctrl+p": "the palette",
    "ctrl+q": "the end",
    "ctrl+c": "the end",
    "tab": "the next part of the screen",
    "shift+tab": "the part of the screen before",
}


def read_keymap(file: Path) -> Keymap:
    """Return the keys of every action by its id, such as ``board.win``; ConfigError names what is wrong in the file."""
    keys = {f"{target}.{one.id}": one.keys for target, actions in TARGETS.items() for one in actions}
    keys |= _own(file, keys)
    for place in PLACES:
        _refuse_clash(file, {name: each for name, each in keys.items() if name.partition(".")[0] in place})
    return keys


def _own(file: Path, known: Keymap) -> dict[str, str]:
    from crmcli.domain.toml import loads

    try:
        tables = loads(read_text(file))
    except FileNotFoundError:
        return {}
    except (ValueError, OSError) as error:
        raise ConfigError(f"{file}, {error}") from None
    found: dict[str, str] = {}
    for target, table in tables.items():
        if not isinstance(table, dict):
            raise ConfigError(f"{file}: {target} is no table of keys", hint='[board] and then win = "W"')
        for action, keys in table.items():
            name = f"{target}.{action}"
            if name not in known:
                raise ConfigError(f"{file}: there is no action {name!r}", hint=did_you_mean(name, list(known)))
            if not isinstance(keys, str) or not keys.strip():
                raise ConfigError(f"{file}: {name} must be keys with commas between, not {keys!r}")
            several = [key.strip() for key in keys.split(",")]
            if unknown := next((key for key in several if not _is_key(key)), None):
                raise ConfigError(f"{file}: {name}: there is no key {unknown!r}", hint="such as W, ctrl+w, f6 or slash")
            found[name] = ",".join(several)
    return found


def _is_key(text: str) -> bool:
    """Say whether a key is called so: a character, its name, or a key such as ``f6``, after ctrl and the like."""
    *modifiers, name = text.split("+")
    return set(modifiers) <= _MODIFIERS and (len(name) == 1 or name in _NAMED or _is_character(name))


def _is_character(name: str) -> bool:
    try:
        unicodedata.lookup(name.replace("_", " "))
    except KeyError:
        return False
    return True


def _refuse_clash(file: Path, keys: Keymap) -> None:
    owners = dict(_TAKEN)
    for name, several in keys.items():
        for key in several.split(","):
            other = owners.setdefault(key, name)
            if other != name:
                raise ConfigError(f"{file}: {key} would be both {other} and {name}")
