"""Commands run in the test's own process, on a workspace of their own at a fixed moment."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from crmcli import clock
from crmcli.cli.main import run
from tests.cli.workspace import ENVIRONMENT, Workspace


@pytest.fixture(scope="session")
def fresh_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home as ``crm init`` leaves it; never written to."""
    home = tmp_path_factory.mktemp("fresh-home")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**ENVIRONMENT, "CRMCLI_HOME": str(home)}.items():
            patch.setenv(name, value)
        assert run(["init", "-q"]) == 0
    return home


@pytest.fixture(scope="session")
def kept_homes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where ``Workspace.once`` keeps what tests begin with."""
    return tmp_path_factory.mktemp("kept-homes")


@pytest.fixture
def workspace(
    fresh_home: Path,
    kept_homes: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Workspace]:
    """A workspace of one's own with a new store."""
    home = tmp_path / "home"
    shutil.copytree(fresh_home, home)
    for name, value in {**ENVIRONMENT, "CRMCLI_HOME": str(home), "HOME": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    yield Workspace(home, kept_homes, monkeypatch, capsys)
    clock.fix(None)
