"""Odd terminals, encodings and streams: full values in a pipe, a screen that is fitted to, and never a traceback."""

import os
import subprocess
import sys
from pathlib import Path
from shlex import quote

import pytest

from tests.command import PROGRAM, environment
from tests.e2e import audit
from tests.e2e.filling import fill
from tests.e2e.forking import at_terminal
from tests.unit.output.hostile import HOSTILE, WELCOME

NAMES = [name for name in (*WELCOME, *HOSTILE) if "\0" not in name and "\ud800" not in name and len(name) < 1_000]
NARROW = 20


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with companies of hostile and of foreign names."""
    return fill(tmp_path_factory.mktemp("terminals"), NAMES, ("organization",)).home


def shell(home: Path, script: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a line of shell in which ``crm`` is the program, as a process of its own."""
    text = f'crm() {{ {sys.executable} -c {quote(PROGRAM)} "$@"; }}\n{script}'
    return subprocess.run(
        ["/bin/bash", "-c", text],
        env=environment(home, **env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="surrogateescape",
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("columns", [1, NARROW, 80, 200])
@pytest.mark.parametrize("settings", [{}, {"TERM": "dumb"}, {"NO_COLOR": "1"}, {"LANG": "C", "LC_ALL": "C"}])
def test_a_screen_of_any_kind(home: Path, columns: int, settings: dict[str, str]) -> None:
    from crmcli.output.cells import width

    ran = at_terminal(home, "org", "list", columns=columns, **settings)
    audit.check_quiet(("org", "list"), ran)
    assert ran.code == 0
    if settings.get("TERM") == "dumb" or "NO_COLOR" in settings:
        assert "\x1b" not in ran.out
    rows = [line for line in audit.OWN_STYLES.sub("", ran.out).splitlines() if line.startswith("O")]
    assert len(rows) == len(NAMES)
    assert all(width(line) <= max(columns, NARROW) for line in rows)


@pytest.mark.parametrize(
    "settings",
    [{"COLUMNS": str(NARROW)}, {"LANG": "C"}, {"LC_ALL": "C"}, {"TERM": "dumb"}, {"PYTHONIOENCODING": "latin-1"}],
    ids=str,
)
def test_a_pipe_gets_whole_values_whatever_the_screen_is_said_to_be(home: Path, settings: dict[str, str]) -> None:
    usual = shell(home, "crm org list --columns ref,name")
    odd = shell(home, "crm org list --columns ref,name", **settings)
    assert (usual.returncode, odd.returncode, odd.stderr) == (0, 0, "")
    if "PYTHONIOENCODING" in settings:
        assert "\\u6771\\u4eac" in odd.stdout
    else:
        assert odd.stdout == usual.stdout
    assert odd.stdout.count("\n") == len(NAMES)


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("crm org list | head -1 > /dev/null; exit ${PIPESTATUS[0]}", 0),
        ("crm export all | head -c 10 > /dev/null; exit ${PIPESTATUS[0]}", 0),
        ("crm --help | true; exit ${PIPESTATUS[0]}", 0),
        ("crm --version | true; exit ${PIPESTATUS[0]}", 0),
        ("crm org list >&-", 0),
        ("crm org list <&-", 0),
        ("crm org list 2>&-", 0),
        ("crm org show O999 2>&-", 3),
        ("crm org list >&- 2>&- <&-", 0),
        ("crm org list > /dev/full", 1),
        ("crm org add Acme --dry-run > /dev/full", 1),
        ("crm org show O999 2> /dev/full", 3),
        ("crm org rm - --yes <&-", 2),
        ("crm import org - <&-", 2),
        ("crm export org --to /dev/stdout > /dev/null", 0),
        ("crm export org --to /dev/full", 1),
        ("printf '\\xff\\n' | crm org rm - --yes", 2),
        ("printf '\\xff\\n' | LC_ALL=C.UTF-8 PYTHONIOENCODING=utf-8:strict crm org rm - --yes", 2),
    ],
)
def test_streams_that_are_closed_full_or_gone(home: Path, script: str, code: int) -> None:
    done = shell(home, script)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    assert len(done.stderr.splitlines()) <= 2


def test_an_export_may_be_written_to_where_output_goes(home: Path) -> None:
    done = shell(home, "crm export org --to /dev/stdout -o jsonl | cat")
    assert (done.returncode, done.stdout.count("\n")) == (0, len(NAMES))


def test_rejects_do_not_take_the_place_of_what_standard_input_comes_from(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("Name,Email\nAnna Rossi,no address\n", encoding="utf-8")
    done = shell(home, f"crm import contact - --rejects {path} < {path}")
    assert (done.returncode, "is imported itself" in done.stderr) == (2, True)
    assert path.read_text(encoding="utf-8") == "Name,Email\nAnna Rossi,no address\n"


def test_a_pager_gets_nothing_hostile(home: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    at_terminal(home, "org", "list", LINES="5", CRMCLI_PAGER=f"tee {kept}")
    assert kept.stat().st_size
    assert not audit.offences(kept.read_text(encoding="utf-8"))


def test_arguments_that_are_no_text(home: Path) -> None:
    """A terminal of another encoding sends bytes that are not UTF-8."""
    for words in (["org", "list", "--where", b"name = \xe9"], ["org", "add", b"Caf\xe9"], [b"\xff"], ["show", b"\xe9"]):
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, *words], env=environment(home), capture_output=True, check=False, timeout=60
        )
        assert done.returncode in (2, 3, 4), done.stderr
        assert b"Traceback" not in done.stderr
        assert b"unexpected" not in done.stderr
        assert os.linesep.encode() in done.stderr
