"""Where everything lies: XDG folders called ``crmcli``, or one folder named by ``CRMCLI_HOME``.

Nothing is ever picked up from the working directory; a store elsewhere is named by ``--db`` or ``CRMCLI_DB``.
What the files hold is not this module's business.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from crmcli.errors import ConfigError, CrmError, UsageError

_XDG = {  # XDG Base Directory Specification 0.8: variable and default below the home folder
    "config": ("XDG_CONFIG_HOME", ".config"),
    "data": ("XDG_DATA_HOME", ".local/share"),
    "state": ("XDG_STATE_HOME", ".local/state"),
    "cache": ("XDG_CACHE_HOME", ".cache"),
}


class Paths(NamedTuple):
    """The folders of one workspace and its store; all absolute, none of them created yet."""

    config: Path
    data: Path
    state: Path
    cache: Path
    store: Path

    @property
    def config_file(self) -> Path:
        """The settings of the user."""
        return self.config / "config.toml"

    @property
    def rules(self) -> Path:
        """The folder of rule files."""
        return self.config / "rules"

    @property
    def reports(self) -> Path:
        """The folder of the reports of one's own."""
        return self.config / "reports"

    @property
    def hooks(self) -> Path:
        """The folder of executables that rules and writes may call."""
        return self.config / "hooks"

    @property
    def templates(self) -> Path:
        """The folder of the texts that rules send."""
        return self.config / "templates"

    @property
    def secrets(self) -> Path:
        """The folder of the secrets that are kept in files, for who asked for that."""
        return self.config / "secrets"

    @property
    def log_file(self) -> Path:
        """Where tracebacks of unexpected failures go."""
        return self.state / "crm.log"


def locate(environ: Mapping[str, str], db: str | None = None) -> Paths:
    """Return the paths that the environment asks for; ``db`` (from ``--db``) wins over ``CRMCLI_DB``.

    Raises ConfigError when there is no home folder or ``CRMCLI_HOME`` is relative, UsageError when the store
    is named by a URL.
    """
    config, data, state, cache = (_folder(name, environ) for name in _XDG)
    named = db or environ.get("CRMCLI_DB")
    return Paths(config, data, state, cache, _store(named) if named else data / "crm.db")


def ensure(folder: Path) -> Path:
    """Create a folder for its owner alone (0700), parents included, and return it; CrmError where that fails."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise CrmError(f"cannot create the folder {folder}: {error.strerror}", code="folder.not_created") from error
    return folder


def _folder(name: str, environ: Mapping[str, str]) -> Path:
    if home := environ.get("CRMCLI_HOME"):
        folder = Path(home).expanduser()
        if not folder.is_absolute():
            raise ConfigError(
                f"CRMCLI_HOME must be an absolute path, not {home!r}", hint="export CRMCLI_HOME=$HOME/crm"
            )
        return folder / name
    variable, below_home = _XDG[name]
    base = environ.get(variable, "")
    if base.startswith("/"):  # the specification: a relative path is invalid and ignored
        return Path(base, "crmcli")
    return _home(environ) / below_home / "crmcli"


def _home(environ: Mapping[str, str]) -> Path:
    home = environ.get("HOME") or os.path.expanduser("~")  # noqa: PTH111 - Path.home() raises where this answers "~"
    if not home.startswith("/"):
        raise ConfigError("there is no home folder to keep the store in", hint="set HOME or CRMCLI_HOME")
    return Path(home)


def _store(named: str) -> Path:
    scheme, is_address, _ = named.partition(":/")
    if is_address and "/" not in scheme:  # the rest may hold a password, and is not repeated
        raise UsageError(
            f"a store is a local file, not a {scheme!r} address", hint="give the path of the database file"
        )
    return Path(named).expanduser().absolute()
