"""What holds for all tests: how long property tests may take, and where files lie."""

import gc
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

MEMORY = Path("/dev/shm")
ROOM = 2 << 30  # bytes; a run of all tests takes a tenth of it

settings.register_profile(  # as long as they need, since a busy machine is no defect of what they test
    "crmcli", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
settings.load_profile("crmcli")


def pytest_configure(config: pytest.Config) -> None:
    """Let temporary files lie in memory, and the report on pictures that differ among them.

    A store waits for the disk three times at each commit, and the tests make some ten thousand: on a busy disk that is
    more than all the rest. Whoever sets TMPDIR decides.
    """
    if "TMPDIR" not in os.environ and _is_fit(MEMORY):
        os.environ["TMPDIR"] = str(MEMORY)  # for the processes among which the tests are divided, too
        tempfile.tempdir = None  # it is looked for anew
    if config.getoption("snapshot_report", None) == "snapshot_report.html":
        config.option.snapshot_report = str(Path(tempfile.gettempdir()) / "crmcli_snapshot_report.html")


def pytest_collection_finish() -> None:
    """Leave what was loaded out of the collections to come, which would look through it again and again."""
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    """Remove the pictures that were drawn, which have been compared."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        shutil.rmtree(os.environ.get("TEXTUAL_SNAPSHOT_TEMPDIR", ""), ignore_errors=True)


def _is_fit(folder: Path) -> bool:
    """Say whether there is room in a folder, and programs in it may be run, as tests do with those they write."""
    try:
        system = os.statvfs(folder)
    except OSError:
        return False
    is_ours = os.access(folder, os.W_OK | os.X_OK) and not system.f_flag & os.ST_NOEXEC
    return is_ours and system.f_bavail * system.f_frsize >= ROOM
