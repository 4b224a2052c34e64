"""Streams for tests: they keep what is written and pretend to be a terminal or not."""

import io
from collections.abc import Mapping

from crmcli.output.streams import Streams


class Screen(io.StringIO):
    def __init__(self, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


class CapturedStreams(Streams):
    def __init__(
        self,
        *,
        terminal: bool = False,
        columns: int = 80,
        color: str = "never",
        quiet: bool = False,
        plain: bool = False,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        settings = {"COLUMNS": str(columns), "LINES": "1000", **(environ or {})}
        screens = Screen(terminal), Screen(terminal)
        super().__init__(*screens, color=color, quiet=quiet, plain=plain, environ=settings)
        self._screens = screens

    @property
    def stdout(self) -> str:
        return self._screens[0].getvalue()

    @property
    def stderr(self) -> str:
        return self._screens[1].getvalue()

    @property
    def lines(self) -> list[str]:
        return self.stdout.splitlines()
