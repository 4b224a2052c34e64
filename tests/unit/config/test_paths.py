import stat
from pathlib import Path

import pytest

from crmcli.config.paths import ensure, locate
from crmcli.errors import ConfigError, CrmError, UsageError


def test_folders_of_the_xdg_specification() -> None:
    paths = locate({"HOME": "/home/anna"})
    assert paths.config == Path("/home/anna/.config/crmcli")
    assert paths.data == Path("/home/anna/.local/share/crmcli")
    assert paths.state == Path("/home/anna/.local/state/crmcli")
    assert paths.cache == Path("/home/anna/.cache/crmcli")
    assert paths.store == paths.data / "crm.db"
    assert paths.config_file == paths.config / "config.toml"
    assert paths.rules == paths.config / "rules"
    assert paths.hooks == paths.config / "hooks"
    assert paths.log_file == paths.state / "crm.log"


def test_xdg_variables_move_a_folder_and_a_relative_one_is_ignored() -> None:
    paths = locate({"HOME": "/home/anna", "XDG_DATA_HOME": "/srv/data", "XDG_CONFIG_HOME": "here"})
    assert paths.data == Path("/srv/data/crmcli")
    assert paths.config == Path("/home/anna/.config/crmcli")


def test_one_home_holds_everything() -> None:
    paths = locate({"HOME": "/home/anna", "CRMCLI_HOME": "~/acme", "XDG_DATA_HOME": "/srv"})
    home = Path("~/acme").expanduser()
    assert paths[:4] == (home / "config", home / "data", home / "state", home / "cache")
    assert paths.store == home / "data" / "crm.db"


def test_the_option_wins_over_the_variable() -> None:
    environ = {"HOME": "/home/anna", "CRMCLI_DB": "/srv/acme.db"}
    assert locate(environ).store == Path("/srv/acme.db")
    assert locate(environ, "/srv/other.db").store == Path("/srv/other.db")
    assert locate(environ, "other.db").store == Path.cwd() / "other.db"


def test_nothing_relative_to_the_working_directory_is_taken_silently() -> None:
    with pytest.raises(ConfigError, match="absolute"):
        locate({"HOME": "/home/anna", "CRMCLI_HOME": "acme"})


@pytest.mark.parametrize("rest", ["//example.com/crm", "//anna:sec/ret@example.com/crm", "/anna:secret@example.com"])
def test_a_store_is_not_an_address_and_no_password_is_repeated(rest: str) -> None:
    for words in (
        ({"HOME": "/home/anna"}, f"postgresql:{rest}"),
        ({"HOME": "/", "CRMCLI_DB": f"postgresql:{rest}"}, None),
    ):
        with pytest.raises(UsageError) as caught:
            locate(*words)
        assert str(caught.value) == "a store is a local file, not a 'postgresql' address"


def test_folders_are_made_for_their_owner_alone(tmp_path: Path) -> None:
    folder = ensure(tmp_path / "a" / "b")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert ensure(folder) == folder


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CrmError, match="file/folder"):
        ensure(tmp_path / "file" / "folder")
