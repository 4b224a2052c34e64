"""Programs of the hooks folder: who may be run, and what becomes of one that hangs, forks or floods."""

import json
import os
import sys
import time
from pathlib import Path

import pytest

from crmcli.integrations.programs import find_hook, run_hook
from crmcli.integrations.sent import DONE, Sent


@pytest.fixture
def hooks(tmp_path: Path) -> Path:
    folder = tmp_path / "hooks"
    folder.mkdir()
    return folder


def hook(hooks: Path, text: str, name: str = "tell") -> Path:
    file = hooks / name
    file.write_text(f"#!{sys.executable}\n{text}")
    file.chmod(0o700)
    return file


def run(hooks: Path, *arguments: str, name: str = "tell", data: bytes = b"{}", limit_s: float = 5.0) -> Sent:
    return run_hook(hooks, hooks.parent, [name, *arguments], data, time.monotonic() + limit_s)


TELL = """
import json, os, sys
json.dump({"argv": sys.argv[1:], "stdin": sys.stdin.read(), "env": dict(os.environ), "cwd": os.getcwd(),
           "session": os.getsid(0) == os.getpid()}, open("told.json", "w"))
"""


def test_words_and_data_arrive_as_they_are(hooks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing in a value is a command (a stranger's name, say), and no secret of the environment goes along."""
    hook(hooks, TELL)
    monkeypatch.setenv("CRMCLI_WEBHOOK_SECRET", "canary")
    words = ["$(touch pwn);", "`touch pwn`", "--help", "; touch pwn", "a\nb", "'"]
    assert run(hooks, *words, data=b'{"a": 1}') == DONE
    told = json.loads((hooks.parent / "told.json").read_text())
    assert told["argv"] == words
    assert told["stdin"] == '{"a": 1}'
    assert told["cwd"] == str(hooks.parent)
    assert told["session"]
    assert "canary" not in str(told)
    assert set(told["env"]) <= {"PATH", "LANG", "LC_CTYPE", "HOME", "LOGNAME", "USER", "TZ", "CRMCLI_HOME"}
    assert not list(hooks.parent.rglob("pwn"))


@pytest.mark.parametrize("name", ["../away", "/bin/sh", "..", ".", "", "absent", "folder", "plain", "way-out", "a\0b"])
def test_only_programs_of_the_folder_are_run(hooks: Path, name: str) -> None:
    (hooks / "folder").mkdir()
    (hooks / "plain").write_text("#!/bin/sh\n")
    (hooks.parent / "away").write_text("#!/bin/sh\ntouch pwn\n")
    (hooks.parent / "away").chmod(0o700)
    (hooks / "way-out").symlink_to(hooks.parent / "away")
    assert run(hooks, name=name).status == "blocked"
    assert not list(hooks.parent.rglob("pwn"))


def test_a_program_that_others_can_change_is_not_run(hooks: Path) -> None:
    hook(hooks, "").chmod(0o770)
    assert "chmod go-w" in run(hooks).reason


def test_a_link_within_the_folder_is_fine(hooks: Path) -> None:
    hook(hooks, "")
    (hooks / "alias").symlink_to("tell")
    assert find_hook(hooks, "alias") == (hooks / "tell").resolve()


def test_an_exit_code_tells(hooks: Path) -> None:
    hook(hooks, "import sys; print('first'); sys.exit('no such deal')")
    assert run(hooks) == Sent("temporary", "ended with exit code 1: no such deal")


def test_one_that_hangs_is_ended_with_its_children(hooks: Path) -> None:
    hook(hooks, "import subprocess, time; p = subprocess.Popen(['sleep', '1000']);"
                "open('child', 'w').write(str(p.pid)); time.sleep(1000)")  # fmt: skip
    began = time.monotonic()
    assert run(hooks, limit_s=1.0) == Sent("temporary", "did not end in time")
    assert time.monotonic() - began < 60
    assert is_gone(int((hooks.parent / "child").read_text()))


def test_a_child_left_behind_is_ended_too(hooks: Path) -> None:
    hook(hooks, "import subprocess; print(1); p = subprocess.Popen(['sleep', '1000']);"
                "open('child', 'w').write(str(p.pid))")  # fmt: skip
    began = time.monotonic()
    assert run(hooks) == DONE
    assert time.monotonic() - began < 60
    assert is_gone(int((hooks.parent / "child").read_text()))


def test_one_that_floods_is_ended(hooks: Path) -> None:
    hook(hooks, "import sys\nwhile True: sys.stdout.write('y' * 4096)")
    sent = run(hooks)
    assert sent.status == "permanent"
    assert "more than 65536 bytes" in sent.reason


def test_much_data_for_one_that_does_not_read(hooks: Path) -> None:
    hook(hooks, "")
    assert run(hooks, data=b"x" * 2**20) == DONE


def test_one_that_closes_its_output_may_go_on(hooks: Path) -> None:
    hook(hooks, "import os, time; os.close(1); os.close(2); time.sleep(0.3); open('on', 'w')")
    assert run(hooks) == DONE
    assert (hooks.parent / "on").exists()


def is_gone(pid: int) -> bool:
    """Wait a moment for a process that was killed, whoever has to collect it."""
    for _ in range(3000):
        try:
            os.kill(pid, 0)
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.02)
    return False
