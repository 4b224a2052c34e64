"""The two output streams of a command: what they can show, and how data, narration and failures are written to them.

Standard output carries data only; confirmations, warnings and errors go to standard error. Whether something is shown
as a table or as JSON is decided in ``tables``.
"""

import os
import sys
from collections.abc import Mapping
from typing import NoReturn, TextIO

from crmcli.errors import CrmError, UsageError
from crmcli.output.safe import safe, safe_lines

COLORS = ("auto", "always", "never")
_LONGEST = 1_000  # characters of an error told to people
_SGR = {
    "bold": "1",
    "dim": "2",
    "underline": "4",
    "reverse": "7",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "cyan": "36",
}


class Streams:
    """Standard output and standard error with what is known about them.

    ``color`` and ``err_color`` say whether colours may be used on each; ``plain`` asks for linear text without boxes,
    escapes or moving parts; ``unicode`` says whether line-drawing characters can be shown. ``what`` names what goes to
    standard output, for when it cannot.
    """

    def __init__(
        self,
        out: TextIO,
        err: TextIO,
        *,
        color: str = "auto",
        quiet: bool = False,
        plain: bool = False,
        environ: Mapping[str, str] = os.environ,
        what: str = "the answer",
    ) -> None:
        if color not in COLORS:
            raise UsageError(f"no colour mode {color!r}", hint=f"use one of {', '.join(COLORS)}")
        self.out = out
        self.err = err
        self.quiet = quiet
        self.environ = environ
        self._what = what
        self.plain = plain or environ.get("TERM") == "dumb"
        self.is_terminal = out.isatty()
        self.err_is_terminal = err.isatty()
        self.color = _wants_color(color, self.is_terminal, environ)
        self.err_color = _wants_color(color, self.err_is_terminal, environ)
        self.unicode = not self.plain and (out.encoding or "utf-8").lower().startswith("utf")

    @classmethod
    def system(cls, *, color: str = "auto", quiet: bool = False, plain: bool = False) -> "Streams":
        """Return the streams of this process; text they cannot encode is written as escapes, never refused."""
        return cls(_standard(sys.stdout), _standard(sys.stderr), color=color, quiet=quiet, plain=plain)

    @property
    def width(self) -> int:
        """Columns to fit into: ``COLUMNS`` when set, else the terminal's, else 80."""
        return self._size("COLUMNS", 0, 80)

    @property
    def height(self) -> int:
        """Lines of the screen: ``LINES`` when set, else the terminal's, else 24."""
        return self._size("LINES", 1, 24)

    def write(self, text: str) -> None:
        """Write text that is safe already, exactly as it is, to standard output.

        Raises SystemExit(0) when the reader has gone, and CrmError when the text cannot be stored.
        """
        try:
            self.out.write(text)
        except OSError as problem:
            self._give_up(problem)

    def write_bytes(self, data: bytes) -> None:
        """Write bytes to standard output, after the text written so far; raises as ``write``."""
        try:
            self.out.flush()
            self.out.buffer.write(data)
        except OSError as problem:
            self._give_up(problem)

    def data(self, text: str) -> None:
        """Write lines of data to standard output, made safe, ending with a line end."""
        self.write("\n".join(safe_lines(text)) + "\n")

    def note(self, text: str) -> None:
        """Tell the user something on a line of standard error, unless they asked for quiet."""
        if not self.quiet:
            self.tell(safe(text) + "\n")

    def warn(self, text: str) -> None:
        """Warn on a line of standard error, in quiet mode too."""
        self.tell(f"{self.paint('warning:', 'yellow', on_error=True)} {safe(text)}\n")

    def fail(self, error: CrmError, *, as_json: bool = False) -> None:
        """Render an error on standard error: one line and its hint, or one JSON object."""
        if as_json:
            from crmcli.output.json import dumps

            told = {"code": error.code, "message": error.message, "hint": error.hint, "details": error.details}
            self.tell(dumps({"error": told}) + "\n")
            return
        hint = f"  hint: {_brief(error.hint)}\n" if error.hint else ""
        self.tell(f"{self.paint('crm:', 'red', on_error=True)} {_brief(error.message)}\n{hint}")

    def tell(self, text: str) -> None:
        """Write text that is safe already, exactly as it is, to standard error, after the data written so far."""
        self.flush()
        try:
            self.err.write(text)
            self.err.flush()
        except OSError:
            _silence(self.err)  # there is nobody left to tell

    def paint(self, text: str, style: str, *, on_error: bool = False) -> str:
        """Return safe text in a style (``_SGR``), or as it is where colours are off."""
        return f"\x1b[{_SGR[style]}m{text}\x1b[0m" if (self.err_color if on_error else self.color) else text

    def flush(self) -> None:
        """Hand everything written so far to the operating system; a command ends with this. Raises as ``write``."""
        try:
            self.out.flush()
        except OSError as problem:
            self._give_up(problem)

    def _give_up(self, problem: OSError) -> NoReturn:
        """End quietly when the reader has gone, as ``crm lead list | head`` does; report any other failure."""
        _silence(self.out)
        if isinstance(problem, BrokenPipeError):
            raise SystemExit(0) from None
        raise CrmError(f"{self._what} could not be written: {problem.strerror}", code="output.failed") from problem

    def _size(self, variable: str, axis: int, default: int) -> int:
        asked = self.environ.get(variable, "")
        if asked.isdecimal() and int(asked) > 0:
            return int(asked)
        if self.is_terminal:
            try:
                return os.get_terminal_size(self.out.fileno())[axis] or default
            except OSError:
                return default  # a terminal that does not know its size
        return default


def _brief(text: str) -> str:
    """Return what is told of an error as one line: of a very long one, which quotes something, both ends."""
    line = safe(text)
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST // 2]} … {line[-_LONGEST // 2 :]}"


def _wants_color(asked: str, is_terminal: bool, environ: Mapping[str, str]) -> bool:
    """Decide on colours: the option, then NO_COLOR, then FORCE_COLOR or CLICOLOR_FORCE, then the terminal."""
    if asked != "auto":
        return asked == "always"
    if environ.get("NO_COLOR"):
        return False
    if any(environ.get(name, "0") not in ("", "0") for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    return is_terminal and environ.get("TERM") != "dumb"


def _standard(stream: TextIO | None) -> TextIO:
    """Return a standard stream that never refuses a character; a closed one (None) becomes the null device."""
    if stream is None:
        return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123 - lives as long as the process
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")
    return stream


def _silence(stream: TextIO) -> None:
    """Let a broken stream write into nothing, so that the interpreter does not complain about it at exit."""
    try:
        descriptor = stream.fileno()
    except (OSError, ValueError):
        return  # not a file: nothing is flushed at exit
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, descriptor)
    os.close(null)
