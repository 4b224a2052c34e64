"""The clock stands still, and every test has a freshly made store: copied, since making one takes half a second."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from crmcli.services.setup import create_store
from tests.services.dav_pair import Pair
from tests.services.dav_server import PASSWORD, serving_dav
from tests.services.ruled import Ruled
from tests.services.world import NOW, SETTINGS, Store


@pytest.fixture(scope="session")
def fresh_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store as ``crm init`` leaves it; never written to."""
    path = tmp_path_factory.mktemp("fresh") / "crm.db"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CRMCLI_NOW", NOW)
        create_store(path, SETTINGS)
    return path


@pytest.fixture
def store(fresh_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store of one's own at ``NOW``; set ``CRMCLI_NOW`` again to let time pass."""
    monkeypatch.setenv("CRMCLI_NOW", NOW)
    path = tmp_path / "crm.db"
    shutil.copy(fresh_store, path)
    return Store(path)


@pytest.fixture
def ruled(store: Store, tmp_path: Path) -> Ruled:
    return Ruled(store, tmp_path / "rules")


@pytest.fixture
def team(store: Store) -> list[int]:
    """The users of the team sales, by id; one is not active, one is of another team."""
    for handle, name, active in (("carl", "sales", 1), ("dora", "sales", 1), ("emil", "sales", 0), ("fred", "care", 1)):
        store.add("user", handle=handle, team=name, is_active=active)
    return [store.user("carl"), store.user("dora")]


@pytest.fixture
def pair(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pair]:
    for name in ("WORK", "BOOK"):
        monkeypatch.setenv(f"CRMCLI_{name}_PASSWORD", PASSWORD)
    with serving_dav(tmp_path) as server:
        yield Pair(store, server, tmp_path)
