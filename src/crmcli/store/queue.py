"""The write queue: one lock file beside the store, because SQLite's own wait is sleep-and-retry and unfair.

Correctness rests on SQLite's locks alone; where the file cannot be locked the queue is skipped.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crmcli.errors import StoreError


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
    """Return whether the queue is ours; False where locks do not work at all."""
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    except BlockingIOError:
        pass
    except OSError:
        return False
    if not _queued(descriptor, deadline):
        raise StoreError(
            f"{store} is locked by {_holder(descriptor)}; nothing saved",
            hint="try again when it has ended",
            code="store.locked",
        )
    return True


def _queued(descriptor: int, deadline: float) -> bool:
    """Wait in the kernel's queue, which is fair; a thread does it, since a blocking lock knows no time limit."""
    import fcntl
    from threading import Thread

    waiter = Thread(target=fcntl.flock, args=(descriptor, fcntl.LOCK_EX), daemon=True)
    waiter.start()
    waiter.join(max(deadline - time.monotonic(), 0))
    return not waiter.is_alive()


def _holder(descriptor: int) -> str:
    text = os.pread(descriptor, 400, 0).decode(errors="backslashreplace").strip()
    pid, _, command = text.partition(" ")
    return f"pid {pid} ({command})" if command else "another program"
