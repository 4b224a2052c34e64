"""Progress of long work on standard error: only on a terminal, and only when the work lasts longer than a second."""

import time
from collections.abc import Callable
from typing import Self

from crmcli.output.cells import cut, width
from crmcli.output.safe import safe
from crmcli.output.streams import Streams

_PATIENCE_S = 1.0
_REFRESH_S = 0.1


class Progress:
    """One line that rewrites itself: rows done, rate, rejected, time left. A context manager; leaves nothing behind.

    ``before``: rows that another run has done, which say nothing of the rate. ``noun``: what the rows are.
    """

    def __init__(
        self,
        streams: Streams,
        label: str,
        total: int | None = None,
        *,
        before: int = 0,
        noun: str = "rows",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._streams = streams
        self._label = safe(label)
        self._total = total
        self._before = before
        self._noun = noun
        self._clock = clock
        self._started = clock()
        self._next = self._started + _PATIENCE_S
        self._drawn = 0  # cells of the line on the screen
        self._shows = streams.err_is_terminal and not streams.quiet and not streams.plain

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._draw("")

    def update(self, done: int, rejected: int = 0) -> None:
        """Tell how many rows are done and how many of them were rejected; cheap enough for every row."""
        now = self._clock()
        if self._shows and now >= self._next:
            self._next = now + _REFRESH_S
            self._draw(self._line(done, rejected, now - self._started))

    def _line(self, done: int, rejected: int, elapsed_s: float) -> str:
        rate = (done - self._before) / elapsed_s
        of_total = f" of {self._total:,}" if self._total is not None else ""
        parts = [f"{self._label}: {done:,}{of_total} {self._noun}", f"{rate:,.0f} a second"]
        if rejected:
            parts.append(f"{rejected:,} rejected")
        if self._total is not None and rate > 0:
            parts.append(f"{_duration(max(self._total - done, 0) / rate)} left")
        return cut(", ".join(parts), self._streams.width - 1)

    def _draw(self, line: str) -> None:
        if line or self._drawn:
            erased = "\r" + " " * self._drawn + "\r" if self._drawn > width(line) else "\r"
            self._streams.tell(erased + line)
            self._drawn = width(line)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
