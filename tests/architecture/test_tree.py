"""The shape of the repository: layers, sizes, empty package files, what may stand at the top."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "src" / "crmcli").rglob("*.py"))
GENERATED = {"catalogue.py", "v0001_first_schema.py"}
MOST_LINES = 400


def test_imports_follow_the_layers() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    argv = [str(program), "--no-cache", "--config", str(ROOT / "pyproject.toml")]
    done = subprocess.run(argv, cwd=ROOT / "src", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_are_short_and_packages_say_nothing(module: Path) -> None:
    text = module.read_text(encoding="utf-8")
    if module.name == "__init__.py":
        assert text == ""
    elif module.name not in GENERATED:
        assert text.count("\n") <= MOST_LINES
        assert text.startswith(('"""', "'''")), "a module says why it exists"


def test_nothing_else_stands_at_the_top() -> None:
    agreed = {"pyproject.toml", "src", "tests", "docs", "examples", "README.md", "LICENSE"}
    built = {"build", "dist"}
    assert {path.name for path in ROOT.iterdir() if not path.name.startswith(".")} - built == agreed
    assert not [path.name for path in (ROOT / "src").iterdir() if path.name != "crmcli" and path.suffix != ".egg-info"]
