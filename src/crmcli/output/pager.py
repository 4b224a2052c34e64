"""Shows long output through the user's pager: on a terminal, when longer than the screen, never by a shell."""

from collections.abc import Sequence

from crmcli.output.streams import Streams

_DEFAULT = "less -FRX"


def show(lines: Sequence[str], streams: Streams, *, wanted: bool = True) -> None:
    """Write safe lines to standard output, through the pager when they do not fit the screen and it is wanted.

    The pager is ``CRMCLI_PAGER``, then ``PAGER``, then ``less -FRX``; an empty one, ``cat`` or one that cannot be
    started means none.
    """
    text = "".join(f"{line}\n" for line in lines)
    fits = len(lines) < streams.height
    command = [] if fits or not wanted or streams.plain or not streams.is_terminal else _command(streams)
    if not command or not _page(command, text, streams):
        streams.write(text)


def _command(streams: Streams) -> list[str]:
    import shlex

    asked = streams.environ.get("CRMCLI_PAGER", streams.environ.get("PAGER", _DEFAULT))
    try:
        command = shlex.split(asked)
    except ValueError:
        streams.warn(f"the pager {asked!r} has an unclosed quote")
        return []
    return [] if command == ["cat"] else command


def _page(command: list[str], text: str, streams: Streams) -> bool:
    """Run the pager on the text; False when it could not be started."""
    import signal
    import subprocess

    streams.flush()
    environment = {**streams.environ, "LESS": streams.environ.get("LESS", "FRX")}
    try:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, env=environment)  # noqa: S603 - the user's own words
    except OSError as problem:
        streams.warn(f"the pager {command[0]} does not start: {problem.strerror}")
        return False
    interrupt = signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C belongs to the pager while it runs
    try:
        process.communicate(text.encode("utf-8", "backslashreplace"))  # takes it well when the user quits early
    finally:
        signal.signal(signal.SIGINT, interrupt)
    return True
