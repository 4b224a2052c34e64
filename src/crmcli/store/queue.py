"""The write queue: one lock file beside the store, because SQLite's own wait is sleep-and-retry and unfair.

Correctness rests on SQLite's locks alone; where the file cannot be locked the queue is skipped.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crmcli.errors import StoreError

_STEP_S = 0.01


@contextmanager
def write_queue(store: Path, command: str, deadline: float) -> Iterator[None]:
    """Hold the queue of a store; wait until ``deadline`` (monotonic seconds), then StoreError naming the holder."""
    path = store.with_name(store.name + ".lock")
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError:
        yield
        return
    try:
        if _wait(descriptor, deadline, store):
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()} {command[:200]}\n".encode(errors="backslashreplace"), 0)
        yield
    finally:
        os.close(descriptor)  # the kernel drops the lock with it


def _wait(descriptor: int, deadline: float, store: Path) -> bool:
    import fcntl

    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise StoreError(
                        f"{store} is locked by {_holder(descriptor)}; nothing saved", code="store.locked"
                    ) from None
                time.sleep(_STEP_S)
    except OSError:
        return False


def _holder(descriptor: int) -> str:
    text = os.pread(descriptor, 400, 0).decode(errors="backslashreplace").strip()
    pid, _, command = text.partition(" ")
    return f"pid {pid} ({command})" if command else "another program"
