"""What the screens look like, held against pictures that a person has looked at.

After a change that is meant: ``pytest tests/tui/test_snapshots.py --snapshot-update``, and look at them again. They are
of one release of Textual; another draws them anew.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from crmcli import clock
from crmcli.cli.main import run
from tests.cli.workspace import ENVIRONMENT
from tests.tui.driving import unhurried
from tests.tui.pictures import FOLDER, STORIES, application


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample workspace as it is at the moment of the tests."""
    home = tmp_path_factory.mktemp("sample") / "home"
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**ENVIRONMENT, "HOME": str(home)}.items():
            patch.setenv(name, value)
        clock.fix(ENVIRONMENT["CRMCLI_NOW"])
        assert run(["demo", str(home)]) == 0
        clock.fix(None)
    return home


@pytest.mark.parametrize("size", [(80, 24), (140, 45)], ids=["80x24", "140x45"])
@pytest.mark.parametrize("name", STORIES)
def test_screens_look_as_they_did(
    sample: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    snap_compare: Callable[..., bool],
    name: str,
    size: tuple[int, int],
) -> None:
    home = tmp_path / "home"
    shutil.copytree(sample, home)
    for variable, value in {**ENVIRONMENT, "CRMCLI_HOME": str(home), "HOME": str(home)}.items():
        monkeypatch.setenv(variable, value)
    monkeypatch.delenv("NO_COLOR", raising=False)
    story = STORIES[name]
    with unhurried():
        assert snap_compare(application(story.place), terminal_size=size, run_before=story.tell)


@pytest.mark.parametrize("name", STORIES)
def test_the_pictures_of_the_docs_are_small_and_need_nothing_from_elsewhere(name: str) -> None:
    picture = FOLDER / f"{name}.svg"
    assert picture.stat().st_size < 150_000
    assert "url(http" not in picture.read_text(encoding="utf-8")
    assert f"pictures/{name}.svg" in (FOLDER.parent / "board.md").read_text(encoding="utf-8")
