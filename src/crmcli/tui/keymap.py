"""The user's own keys: ``keys.toml`` in the folder of the configuration names, by place, the keys of actions.

    [board]
    move_on = "L,shift+right"
    win = "W"

What it does not name keeps its keys. Two actions that are in force together may not share a key.
"""

from collections.abc import Mapping
from pathlib import Path

from crmcli.config.files import read_text
from crmcli.domain.schema import did_you_mean
from crmcli.errors import ConfigError
from crmcli.tui.actions import PLACES, TARGETS

Keymap = Mapping[str, str]


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
            found[name] = ",".join(key.strip() for key in keys.split(","))
    return found


def _refuse_clash(file: Path, keys: Keymap) -> None:
    owners: dict[str, str] = {}
    for name, several in keys.items():
        for key in several.split(","):
            other = owners.setdefault(key, name)
            if other != name:
                raise ConfigError(f"{file}: {key} would be both {other} and {name}")
