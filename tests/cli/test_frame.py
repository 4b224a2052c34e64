"""The frame that every command hangs in: help, global options, errors and their exit codes, signals, completion."""

import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from crmcli.cli import config as config_module
from crmcli.cli.entries import COMPLETE
from crmcli.cli.main import run
from crmcli.cli.registry import ROOT
from crmcli.cli.shells import LINE
from crmcli.output.formats import FORMATS
from crmcli.version import VERSION
from tests.cli.workspace import Workspace
from tests.command import PROGRAM, crm, environment


@pytest.mark.parametrize("arguments", [["--version"], ["-q", "--version"], ["config", "--version"]])
def test_version(tmp_path: Path, arguments: list[str]) -> None:
    done = crm(tmp_path, *arguments)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"crm {VERSION}\n", "")


def test_version_imports_nothing_of_weight(tmp_path: Path) -> None:
    program = (
        PROGRAM
        + "; assert not {'typer', 'pathlib', 'inspect', 'crmcli.cli.session'} & set(sys.modules), sorted(sys.modules)"
    )
    assert crm(tmp_path, "--version", program=program).returncode == 0


@pytest.mark.parametrize("arguments", [[], ["--plain"], ["--help"], ["-h"]])
def test_bare_program_and_help_list_every_command(tmp_path: Path, arguments: list[str]) -> None:
    done = crm(tmp_path, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    for entry in ROOT.verbs:
        assert f"  {entry.name} " in done.stdout
        assert entry.summary in done.stdout
    assert not list(tmp_path.iterdir()), "help leaves no trace"


@pytest.mark.parametrize("arguments", [["lead"], ["lead", "--help"], ["-h", "lead"], ["import", "preset", "-h"]])
def test_help_of_a_group_imports_no_command(tmp_path: Path, arguments: list[str]) -> None:
    program = PROGRAM.replace("main()", "import atexit; atexit.register(report); main()")
    program = (
        "import sys\n"
        "def report():\n"
        "    print(*(name for name in sys.modules if name in ('rich', 'crmcli.cli.lead', 'crmcli.cli.import_preset')),"
        " file=sys.stderr, end='')\n" + program
    )
    done = crm(tmp_path, *arguments, program=program)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Usage: crm")


def test_help_keeps_the_lines_of_examples_and_leaves_global_options_to_the_program(tmp_path: Path) -> None:
    text = crm(tmp_path, "config", "get", "--help").stdout
    assert "  Examples:\n      crm config get\n      crm config get currency\n" in text
    assert "--no-pager" not in text


def test_help_names_every_format(tmp_path: Path) -> None:
    text = " ".join(crm(tmp_path, "config", "get", "--help").stdout.split())
    for name in FORMATS:
        assert f"{name}" in text


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (["leda"], "crm has no command 'leda'", "did you mean lead?"),
        (["lea"], "crm has no command 'lea'", "did you mean lead?"),
        (["xyzzy"], "crm has no command 'xyzzy'", "crm --help"),
        (["config", "gte"], "crm config has no command 'gte'", "did you mean get?"),
        (["config", "path", "--outptu", "json"], "no such option: --outptu", "did you mean --output?"),
        (["config", "path", "a", "b"], "got unexpected extra argument(s) (b)", "crm config path --help"),
        (["config", "set"], "missing argument 'KEY'", "crm config set --help"),
        (["config", "get", "--color", "blue"], "--color takes auto, always, never, not 'blue'", None),
        (["config", "get", "--db", "x://y"], "a store is a local file, not a 'x' address", "give the path"),
        (["config", "get", "-o", "jsno"], "no format 'jsno'", "did you mean json?"),
        (
            ["--as-of", "yesterdayish", "config", "get"],
            "--as-of: the clock cannot be set to 'yesterdayish'",
            "use 2026",
        ),
        (
            ["--as-of", "0001-01-01", "status"],
            "--as-of: the clock cannot be set to '0001-01-01'",
            "the year is one of 1600",
        ),
        (
            ["--as-of", "9998-12-31", "status"],
            "--as-of: the clock cannot be set to '9998-12-31'",
            "the year is one of 1600",
        ),
    ],
)
def test_wrong_words_are_one_line_and_a_hint(
    tmp_path: Path, arguments: list[str], message: str, hint: str | None
) -> None:
    done = crm(tmp_path, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    first, *rest = done.stderr.splitlines()
    assert first.startswith(f"crm: {message}")
    assert len(rest) == (1 if hint else 0)
    assert not hint or rest[0].startswith(f"  hint: {hint}")


@pytest.mark.parametrize("words", [["org", "list"], ["find", "x"], ["export", "all"], ["org", "add", "Acme"]])
def test_a_clock_that_cannot_be_set_is_told_by_whatever_opens_the_store(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.setenv("CRMCLI_NOW", "noon")
    assert workspace.refused(2, *words).startswith("crm: CRMCLI_NOW: the clock cannot be set to 'noon'\n")


@pytest.mark.parametrize("asked", [["-o", "json"], ["-ojson"], ["--output", "json"], ["--output=json"]])
def test_errors_are_json_where_the_output_is(tmp_path: Path, asked: list[str]) -> None:
    done = crm(tmp_path, "config", "get", "curency", *asked)
    assert (done.returncode, done.stdout) == (2, "")
    error = json.loads(done.stderr)["error"]
    assert error == {
        "code": "config",
        "message": "there is no setting 'curency'",
        "hint": "did you mean currency?",
        "details": {},
    }


def test_what_cannot_be_shown_is_escaped(tmp_path: Path) -> None:
    done = crm(tmp_path, "\x1b[31mlead")
    assert done.returncode == 2
    assert "\x1b" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["--db", "/srv/acme.db", "config", "path", "store"],
        ["config", "--db=/srv/acme.db", "path", "store"],
        ["config", "path", "store", "--db", "/srv/acme.db"],
        ["config", "path", "--db", "/srv/acme.db", "-q", "--debug", "--", "store"],
    ],
)
def test_global_options_stand_anywhere(tmp_path: Path, arguments: list[str]) -> None:
    assert crm(tmp_path, *arguments).stdout == "/srv/acme.db\n"


def test_values_of_other_options_are_left_alone(tmp_path: Path) -> None:
    done = crm(tmp_path, "config", "set", "--", "user", "--debug")
    assert done.returncode == 0
    assert crm(tmp_path, "config", "get", "user").stdout == "--debug\n"
    assert not (tmp_path / "state").exists()


def test_quiet_silences_narration_only(tmp_path: Path) -> None:
    assert "rows = 7" in crm(tmp_path, "config", "set", "rows", "7").stderr
    assert crm(tmp_path, "-q", "config", "set", "rows", "8").stderr == ""
    assert crm(tmp_path, "config", "get", "rows", "-q").stdout == "8\n"


@pytest.mark.parametrize("alias", ["ls", "list"])
def test_aliases_of_verbs(alias: str) -> None:
    entry = ROOT.find("lead")
    assert entry is not None
    found = entry.find(alias)
    assert found is not None
    assert (found.name, found.module) == ("list", "lead")


def test_files_and_folders_are_private(tmp_path: Path) -> None:
    home = tmp_path / "home"
    crm(home, "config", "set", "rows", "7")
    modes = {stat.S_IMODE(path.stat().st_mode) for path in home.rglob("*") if path.is_file()}
    assert modes == {0o600}
    assert {stat.S_IMODE(path.stat().st_mode) for path in (home, home / "config")} == {0o700}


def test_only_home_is_needed(tmp_path: Path) -> None:
    bare = {"HOME": str(tmp_path), "PYTHONPATH": environment(tmp_path)["PYTHONPATH"]}
    argv = [sys.executable, "-c", PROGRAM, "config", "path", "data"]
    done = subprocess.run(argv, env=bare, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, f"{tmp_path}/.local/share/crmcli\n")


def test_a_reader_that_went_away_is_no_failure(tmp_path: Path) -> None:
    for arguments in (["--version"], ["--help"], ["config", "path"], ["config", "get", "-h"]):
        reading, writing = os.pipe()
        os.close(reading)
        argv = [sys.executable, "-c", PROGRAM, *arguments]
        done = subprocess.run(argv, env=environment(tmp_path), stdout=writing, stderr=subprocess.PIPE, check=False)
        os.close(writing)
        assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("signal", ["INT", "TERM", "HUP"])
def test_signals_interrupt(tmp_path: Path, signal: str) -> None:
    program = (  # whoever runs the tests may have been told to ignore signals, as by nohup
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
        f" signal.signal(signal.SIGHUP, signal.SIG_DFL); {PROGRAM}"
    )
    editor = {"EDITOR": f"sh -c 'kill -{signal} $PPID; sleep 5'"}
    done = crm(tmp_path, "config", "edit", program=program, env=editor)
    assert (done.returncode, done.stdout) == (130, "")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("debug", [[], ["--debug"]])
def test_an_unexpected_failure_is_one_line_and_a_traceback_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], debug: list[str]
) -> None:
    monkeypatch.setenv("CRMCLI_HOME", str(tmp_path))
    monkeypatch.setattr(config_module, "_PLACES", None)
    assert run(["config", "path", *debug]) == 1
    log = tmp_path / "state" / "crm.log"
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("crm: unexpected: AttributeError: ")
    assert "Traceback" not in err
    assert (str(log) in err) is bool(debug)
    assert "Traceback" in log.read_text(encoding="utf-8")


INTERRUPTED_WHILE_LOADING = """
import os, signal, sys
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "crmcli.cli.session":
            os.kill(os.getpid(), signal.SIGTERM)
sys.meta_path.insert(0, Finder())
"""


def test_an_interrupt_while_the_program_is_loaded_ends_it_quietly(tmp_path: Path) -> None:
    done = crm(tmp_path, "config", "path", program=INTERRUPTED_WHILE_LOADING + PROGRAM)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


@pytest.mark.parametrize("module", ["crmcli/cli/session", "crmcli/cli/lazy", "crmcli/store/reader", "typer/main"])
def test_a_program_with_a_broken_compiled_file_says_what_to_do(tmp_path: Path, module: str) -> None:
    env = {"PYTHONPYCACHEPREFIX": str(tmp_path / "compiled")}
    crm(tmp_path, "init", program=PROGRAM, env=env)
    assert crm(tmp_path, "lead", "list", program=PROGRAM, env=env).returncode == 0
    (compiled,) = (tmp_path / "compiled").rglob(f"{module}.*.pyc")
    compiled.write_bytes(compiled.read_bytes()[:200])
    done = crm(tmp_path, "lead", "list", program=PROGRAM, env=env)
    assert (done.returncode, done.stdout) == (1, "")
    told, hint = done.stderr.splitlines()
    assert told == "crm: the program is damaged: EOFError: marshal data too short"
    assert hint.startswith(f"  hint: find {tmp_path / 'compiled'} -name '*.pyc' -delete")


def test_a_missing_home_is_told(tmp_path: Path) -> None:
    done = crm(tmp_path, "config", "path", "--debug", env={"CRMCLI_HOME": "here"})
    assert done.returncode == 2
    assert "CRMCLI_HOME must be an absolute path" in done.stderr


def completions(home: Path, *words: str) -> list[str]:
    done = crm(home, env={COMPLETE: "bash", LINE: " ".join(["crm", *words])})
    assert (done.returncode, done.stderr) == (0, "")
    return [line.split("  ")[0] for line in done.stdout.splitlines()]


def test_completion_of_commands_verbs_options_and_values(tmp_path: Path) -> None:
    assert completions(tmp_path, "le") == ["lead"]
    assert completions(tmp_path, "config", "") == ["path", "get", "set", "edit", "check"]
    assert "--no-pager" in completions(tmp_path, "config", "path", "--n")
    assert completions(tmp_path, "config", "get", "-o", "js") == ["json", "jsonl"]
    assert completions(tmp_path, "config", "get", "cu") == ["currency"]
    assert completions(tmp_path, "nonsense", "") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_shows_summaries_without_rich(tmp_path: Path, shell: str) -> None:
    program = "import sys; from crmcli.cli.main import run; run([]); print('rich' in sys.modules)"
    done = crm(tmp_path, env={COMPLETE: shell, LINE: "crm config "}, program=program)
    assert done.returncode == 0
    assert "Print where files and folders lie." in done.stdout
    assert done.stdout.endswith("False\n")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(tmp_path: Path, shell: str) -> None:
    script = crm(tmp_path, "completion", shell)
    assert script.returncode == 0
    assert f"{COMPLETE}={shell} " in script.stdout
    installed = crm(tmp_path, "completion", shell, "--install")
    assert installed.returncode == 0
    where = re.fullmatch(f"completion for {shell} installed in (.*); it works .*\n", installed.stderr)
    assert where
    assert Path(where[1]).is_relative_to(tmp_path)
    assert Path(where[1]).read_text(encoding="utf-8") == script.stdout


def test_completion_of_an_unknown_shell(tmp_path: Path) -> None:
    assert crm(tmp_path, "completion", "tcsh").returncode == 2
