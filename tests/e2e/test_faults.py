"""What the machine does to a command: signals, a full disk, files of others, a damaged store. Nothing stays half."""

import ctypes
import os
import resource
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from tests import command
from tests.command import PROGRAM, environment
from tests.e2e import audit
from tests.e2e.forking import FIXED, Ran, crm
from tests.stress.invariants import findings

ROWS = 4_000
FLIPS = 60
_DROP_CAPABILITY, _OVERRIDES_OF_MODES = 24, (1, 2)  # linux/prctl.h, linux/capability.h
CALLS_ON_DAMAGE = (("contact", "list", "-o", "json"), ("check",), ("show", "O1"), ("contact", "add", "Next"))
SCRIPT = Path(sys.executable).with_name("crm")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a few records and a large file to import; never written to."""
    home = tmp_path_factory.mktemp("faults")
    rows = "".join(f"Rossi,anna{number}@example.com,Rome\n" for number in range(ROWS))
    (home / "people.csv").write_text("Last,Mail,City\n" + rows, encoding="utf-8")
    for call in (
        ("init",),
        *(("contact", "add", f"Person {number}") for number in range(5)),
        ("org", "add", "Acme", "--country", "IT"),
        ("deal", "add", "Order", "--org", "O1", "--amount", "1000 EUR"),
    ):
        assert crm(home, *call).code == 0
    return home


@pytest.fixture
def home(prepared: Path, tmp_path: Path) -> Path:
    shutil.copytree(prepared, tmp_path / "home")
    return tmp_path / "home"


def store(home: Path) -> Path:
    return home / "data" / "crm.db"


def contacts(home: Path) -> int:
    with closing(sqlite3.connect(store(home))) as con:
        count: int = con.execute("SELECT COUNT(*) FROM contact").fetchone()[0]
        return count


def importing(home: Path) -> list[str]:
    columns = ("Last=last_name", "Mail=email", "City=city")
    return ["import", "contact", str(home / "people.csv"), *(word for pair in columns for word in ("--map", pair))]


def start(home: Path, words: list[str], **more: object) -> subprocess.Popen[str]:
    return subprocess.Popen(  # type: ignore[call-overload,no-any-return]  # further options of any kind
        [sys.executable, "-c", PROGRAM, *words],
        env=environment(  # a limit on files would cut byte-code off
            home, **FIXED, PYTHONDONTWRITEBYTECODE="1", TMPDIR=str(home)
        ),
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **more},
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
@pytest.mark.parametrize("delay", [0.25, 0.6, 1.0])
def test_an_import_that_is_interrupted_is_whole_or_not_there(home: Path, number: signal.Signals, delay: float) -> None:
    with start(home, importing(home)) as process:
        time.sleep(delay)
        process.send_signal(number)
        out, err = process.communicate()
    assert process.returncode in (0, 130, -number), err  # the last one before the program has begun
    assert "Traceback" not in err or process.returncode == -number
    assert out == "" or process.returncode == 0
    assert contacts(home) == 5 + (ROWS if process.returncode == 0 else 0)
    assert findings(str(store(home))) == []
    assert crm(home, "contact", "add", "Next").code == 0, "no lock is left over"


INTERRUPTED_AFTER_COMMIT = """
import os, signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever the tests were started with
signal.signal(signal.SIGHUP, signal.SIG_DFL)
from crmcli.store.unit_of_work import UnitOfWork
commit = UnitOfWork.commit
def commit_and_interrupt(self):
    commit(self)
    for _ in range({times}):
        os.kill(os.getpid(), signal.{name})
UnitOfWork.commit = commit_and_interrupt
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
@pytest.mark.parametrize(("times", "code"), [(1, 0), (2, 130)])
def test_an_interrupt_after_the_commit_leaves_the_answer(home: Path, name: str, times: int, code: int) -> None:
    program = INTERRUPTED_AFTER_COMMIT.format(name=name, times=times) + PROGRAM
    ran = command.crm(home, "contact", "add", "Late", program=program)
    assert (ran.returncode, ran.stdout) == (code, "" if code else "C6\n"), ran.stderr
    assert "Traceback" not in ran.stderr
    assert contacts(home) == 6


def test_an_interrupt_after_one_write_ends_a_command_before_its_next(home: Path) -> None:
    twice = "from crmcli.cli.main import run, _prepare_process; _prepare_process(); argv = ['contact', 'add', 'Late']"
    program = INTERRUPTED_AFTER_COMMIT.format(name="SIGINT", times=1) + f"{twice}; print(run(argv), run(argv))"
    ran = command.crm(home, program=program)
    assert ran.stdout == "C6\n0 130\n", ran.stderr
    assert contacts(home) == 6


def test_a_limit_on_the_size_of_files_is_told_like_a_full_disk(home: Path) -> None:
    room = store(home).stat().st_size + 64 * 1024

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    with start(home, importing(home), preexec_fn=limit) as process:
        out, err = process.communicate()
    assert (process.returncode, out) == (7, ""), err
    assert err.count("crm: ") == 1
    assert "nothing saved" in err
    assert str(store(home)) in err
    assert contacts(home) == 5
    assert findings(str(store(home))) == []
    assert crm(home, "contact", "add", "Next").code == 0


def limit_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200))


EXPORTS = (
    ("all", "json"),
    ("event", "ics"),
    *(("contact", suffix) for suffix in ("csv", "jsonl", "json", "xlsx", "tsv", "md", "vcf")),
)


@pytest.fixture
def busy(home: Path) -> Path:
    """A home whose events do not fit into small files either."""
    for number in range(2):
        assert crm(home, "event", "add", f"Event {number}", "--start", "2026-03-20 10:00").code == 0
    return home


@pytest.mark.parametrize(("noun", "suffix"), EXPORTS)
def test_an_export_that_does_not_fit_leaves_the_old_file(busy: Path, noun: str, suffix: str) -> None:
    target = busy / f"{noun}.{suffix}"
    target.write_text("old", encoding="utf-8")
    before = sorted(busy.iterdir())
    with start(busy, ["export", noun, "--to", str(target)], preexec_fn=limit_files) as process:
        _, err = process.communicate()
    assert process.returncode == 1, err
    assert "Traceback" not in err
    assert err.count("crm: ") == 1
    assert "File too large" in err
    assert suffix == "xlsx" or str(target) in err
    assert target.read_text(encoding="utf-8") == "old"
    assert sorted(busy.iterdir()) == before


@pytest.mark.parametrize(("noun", "suffix"), EXPORTS)
def test_an_export_whose_reader_has_gone_ends_quietly(busy: Path, noun: str, suffix: str) -> None:
    option = "-o" if noun == "all" else "--format"
    with start(busy, ["export", noun, option, suffix]) as process:
        assert process.stdout
        process.stdout.close()
        assert process.stderr
        assert process.stderr.read() == ""
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("folder", "Is a directory"),
        ("locked/a.csv", "Permission denied"),
        ("missing/a.csv", "No such file or directory"),
        ("people.csv/a.csv", "Not a directory"),
        ("a" * 300, "File name too long"),
        ("/dev/full", "No space left on device"),
    ],
    ids=["a folder", "an unwritable folder", "no folder", "a file as folder", "a long name", "a full device"],
)
def test_an_export_to_where_nothing_can_be_written_is_told(home: Path, target: str, told: str) -> None:
    (home / "folder").mkdir()
    (home / "locked").mkdir(mode=0o555)
    before = sorted(home.rglob("*"))
    with start(home, ["export", "contact", "--to", str(home / target)], preexec_fn=_obey_modes) as process:
        out, err = process.communicate()
    assert (process.returncode, out) == (1, ""), err
    assert err.count("\n") == 1
    assert told in err
    assert str(home / target) in err
    assert sorted(home.rglob("*")) == before


def test_an_import_whose_rejects_find_no_room_saves_nothing(home: Path) -> None:
    with (home / "people.csv").open("a", encoding="utf-8") as file:
        file.write("Bianchi,nobody,Rome\n")
    with start(home, [*importing(home), "--rejects", "/dev/full"]) as process:
        out, err = process.communicate()
    assert (process.returncode, out) == (1, ""), err
    assert "No space left on device" in err
    assert err.count("crm: ") == 1
    assert contacts(home) == 5
    assert findings(str(store(home))) == []


def test_an_import_in_parts_without_room_keeps_the_parts_that_are_in_and_goes_on(home: Path) -> None:
    room = store(home).stat().st_size + 400 * 1024

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    with start(home, [*importing(home), "--batch", "200"], preexec_fn=limit) as process:
        _, err = process.communicate()
    assert process.returncode == 7, err
    assert "crm import resume 1" in err
    kept = contacts(home) - 5
    assert 0 < kept < ROWS
    assert kept % 200 == 0
    assert findings(str(store(home))) == []
    assert crm(home, "import", "resume", "1").code == 0
    assert contacts(home) == 5 + ROWS


@pytest.mark.parametrize(("words", "saved"), [(["contact", "add", "Next"], True), (["contact", "list"], False)])
def test_an_answer_that_cannot_be_written_says_whether_the_write_is_saved(
    home: Path, words: list[str], saved: bool
) -> None:
    before = contacts(home)
    with Path("/dev/full").open("w", encoding="utf-8") as full, start(home, words, stdout=full) as process:
        _, err = process.communicate()
    assert process.returncode == 1
    assert err.startswith(f"crm: {'saved, but ' if saved else ''}the answer could not be written: No space left")
    assert contacts(home) - before == saved


def test_a_store_that_may_only_be_read(home: Path) -> None:
    for path, mode in ((store(home), 0o444), (store(home).parent, 0o555)):
        path.chmod(mode)
    before = store(home).read_bytes()
    for words, codes in ((["contact", "list", "-o", "ids"], (0, 7)), (["contact", "add", "Next"], (7,))):
        with start(home, words, preexec_fn=_obey_modes) as process:
            _, err = process.communicate()
        assert process.returncode in codes, err
        assert "Traceback" not in err
        assert err.count("crm: ") == (process.returncode != 0)
    assert store(home).read_bytes() == before
    store(home).parent.chmod(0o755)


@pytest.mark.parametrize("what", ["folder", "store"])
def test_a_store_that_may_not_even_be_read(home: Path, what: str) -> None:
    path = store(home).parent if what == "folder" else store(home)
    mode = path.stat().st_mode
    path.chmod(0)
    with start(home, ["contact", "list"], preexec_fn=_obey_modes) as process:
        _, err = process.communicate()
    path.chmod(mode)
    assert (process.returncode, f"{store(home)} cannot be read" in err) == (7, True), err
    assert "nothing saved" not in err


def _obey_modes() -> None:
    """Let the modes of files hold for the superuser, too: no CAP_DAC_OVERRIDE and its kin from the next program on."""
    if os.geteuid() == 0:
        for capability in _OVERRIDES_OF_MODES:
            ctypes.CDLL(None).prctl(_DROP_CAPABILITY, capability, 0, 0, 0)


@pytest.mark.parametrize("seed", range(FLIPS))
def test_a_damaged_byte_is_told_and_never_a_traceback(home: Path, seed: int) -> None:
    flip(store(home), Random(seed))
    for words in CALLS_ON_DAMAGE[seed % 2 :: 2]:
        check_told(crm(home, *words))


def flip(file: Path, random: Random) -> None:
    """Change one bit of a file."""
    damaged = bytearray(file.read_bytes())
    damaged[random.randrange(len(damaged))] ^= 1 << random.randrange(8)
    file.write_bytes(damaged)


def check_told(ran: Ran) -> None:
    """Check that a command on a damaged store answered, or told what is wrong."""
    assert "Traceback" not in ran.err
    assert "unexpected" not in ran.err, ran.err
    assert ran.code in (0, 1, 3, 7), ran


@pytest.mark.parametrize("part", [0, 1, 15, 99, 100, 512, 4_096, 5_000, 40_960, 100_000])
def test_a_store_that_was_cut_off_is_told(home: Path, part: int) -> None:
    os.truncate(store(home), part)
    for words in CALLS_ON_DAMAGE:
        ran = crm(home, *words)
        check_told(ran)
        assert ran.code in (1, 7), ran


def test_files_of_the_working_folder_are_not_used(home: Path, tmp_path: Path) -> None:
    if not SCRIPT.exists():
        pytest.skip("the program is not installed beside the interpreter")
    here = tmp_path / "here"
    (here / "crmcli").mkdir(parents=True)
    evil = f"open({str(tmp_path / 'pwn')!r}, 'w')"
    for name in ("rich", "typer", "sqlite3", "json", "click", "sqlmodel", "sitecustomize", "crmcli/__init__"):
        (here / f"{name}.py").write_text(evil, encoding="utf-8")
    (here / "config.toml").write_text("currency = 'XXX'\nnonsense = 1\n", encoding="utf-8")
    (here / ".env").write_text("CRMCLI_HOME=/nowhere\nCRMCLI_DB=/nowhere.db\n", encoding="utf-8")
    (here / "crm.db").write_bytes(b"no store")
    (here / "rules").mkdir()
    (here / "rules" / "evil.toml").write_text("nonsense", encoding="utf-8")
    before = {path: path.stat().st_mtime_ns for path in here.rglob("*")}
    for call in ("contact add 東京", "contact list -o table", "config check", "rule list"):
        argv = [str(SCRIPT), *call.split()]
        done = subprocess.run(argv, cwd=here, env=environment(home, **FIXED), capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
    assert not (tmp_path / "pwn").exists()
    assert {path: path.stat().st_mtime_ns for path in here.rglob("*")} == before


def test_files_are_for_their_owner_alone_whatever_the_mask(tmp_path: Path) -> None:
    def open_wide() -> None:
        os.umask(0)

    for words in (
        ["init"],
        ["contact", "add", "Anna Rossi"],
        ["backup", "create"],
        ["export", "contact", "--to", str(tmp_path / "contacts.csv")],
        ["config", "set", "currency", "USD"],
        ["contact", "list", "--where", "(", "--debug"],
    ):
        with start(tmp_path, words, preexec_fn=open_wide) as process:
            process.communicate()
    made = list(tmp_path.rglob("*"))
    assert {path.name for path in made} >= {"crm.db", "config.toml", "contacts.csv", "crm.log"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in made if path.is_dir()} == {0o700}
    assert {stat.S_IMODE(path.stat().st_mode) for path in made if path.is_file()} == {0o600}


@pytest.mark.parametrize("words", [["init"], ["contact", "add", "Anna Rossi"]], ids=" ".join)
def test_a_link_in_the_place_of_the_store_is_not_followed(tmp_path: Path, words: list[str]) -> None:
    target = tmp_path / "precious"
    target.write_text("mine", encoding="utf-8")
    (tmp_path / "data").mkdir(mode=0o700)
    (tmp_path / "data" / "crm.db").symlink_to(target)
    ran = crm(tmp_path, *words)
    audit.check_quiet(("init",), ran)
    assert ran.code == 7, ran
    assert target.read_text(encoding="utf-8") == "mine"
    assert not list(tmp_path.glob("precious-*"))


@pytest.mark.parametrize("words", [["contact", "list"], ["export", "all"], ["contact", "add", "Next"]], ids=" ".join)
@pytest.mark.parametrize("fault", ["readable by others", "a link", "a second name"])
def test_a_store_that_is_not_private_is_refused(home: Path, words: list[str], fault: str) -> None:
    path = store(home)
    if fault == "readable by others":
        path.chmod(0o644)
    elif fault == "a link":
        path.rename(path.with_name("real.db"))
        path.symlink_to("real.db")
    else:
        path.with_name("second.db").hardlink_to(path)
    ran = crm(home, *words)
    assert (ran.code, ran.out) == (7, ""), ran
    assert ("chmod 600" in ran.err) == (fault == "readable by others")


def test_a_link_to_nothing_is_not_followed_either(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o700)
    (tmp_path / "data" / "crm.db").symlink_to(tmp_path / "elsewhere.db")
    assert crm(tmp_path, "init").code == 7
    assert not (tmp_path / "elsewhere.db").exists()
