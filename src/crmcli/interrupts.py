"""Ctrl-C and requests to end, and the one moment at which they must wait.

Until a write is committed an interrupt rolls it back. From the commit on the work is done: an interrupt that comes
then is held, so that the command still says what it did and ends well. A second one ends it anyway, and so does the
first when the command goes on to another write.
"""

TYPE_CHECKING = False  # importing typing would double what --version costs
if TYPE_CHECKING:
    from types import FrameType

_done = False
_held = False


def install() -> None:
    """Let SIGINT, SIGTERM and SIGHUP interrupt this process, those apart that its parent had it ignore (nohup)."""
    import signal

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)


def hold() -> None:
    """Hold the next interrupt: what the command was to do is being made durable."""
    global _done
    _done = True


def is_done() -> bool:
    """Say whether what the command was to do has been made durable."""
    return _done


def release() -> None:
    """Let interrupts through again, and the one that was held first: KeyboardInterrupt."""
    global _done, _held
    was_held, _done, _held = _held, False, False
    if was_held:
        raise KeyboardInterrupt


def _interrupt(_number: int, _frame: "FrameType | None") -> None:
    global _held
    if not _done or _held:
        raise KeyboardInterrupt
    _held = True
