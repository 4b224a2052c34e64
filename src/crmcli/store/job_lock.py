"""One run of a job at a time: an advisory lock beside the store, which the kernel drops when its holder ends.

Nobody waits for it. Where files cannot be locked, jobs rely on what the store itself forbids to happen twice.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def job_lock(store: Path, job: str) -> Iterator[bool]:
    """Hold the lock of a job of a store; yield False when somebody else holds it."""
    import fcntl

    path = store.with_name(f"{store.name}.{job}.lock")
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError:
        yield True
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        except OSError:
            pass  # a file system without locks
        yield True
    finally:
        os.close(descriptor)
