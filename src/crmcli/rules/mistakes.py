"""What is wrong with rule files: gathered, and told with file, line, rule and key."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

from crmcli.domain.plurals import counted
from crmcli.errors import ConfigError

_HINT = "crm rule check tells all; until they are mended --no-rules writes without any rule"
_TOLD = 3  # mistakes in the line of an error
LineOf: TypeAlias = Callable[[str], int]  # the line of a key in a file or a rule of it, from 1


class Place(NamedTuple):
    """Where in the rule files something stands; ``line_of`` is there where the text of the file is known."""

    file: str
    rule: str = ""
    key: str = ""
    line_of: LineOf | None = None

    @property
    def line(self) -> int | None:
        """The line in the file, from 1; None where it is not known."""
        return self.line_of(self.key) if self.line_of else None

    def at(self, key: str) -> "Place":
        """Return the place of a key below this one."""
        return self._replace(key=f"{self.key}.{key}" if self.key else key)

    def __str__(self) -> str:
        file = f"{self.file}:{self.line}" if self.line_of else self.file
        parts = (file, f"rule {self.rule}" if self.rule else "", self.key)
        return ", ".join(part for part in parts if part)


class Mistake(NamedTuple):
    """One thing that is wrong, and a hint how to put it right."""

    place: Place
    reason: str
    hint: str | None = None

    @property
    def row(self) -> dict[str, Any]:
        """The mistake for programs."""
        place = self.place
        return {
            "file": place.file,
            "line": place.line,
            "rule": place.rule,
            "key": place.key,
            "reason": self.reason,
            "hint": self.hint,
        }

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}" + (f" ({self.hint})" if self.hint else "")


def refuse(mistakes: Sequence[Mistake], *, told: int = _TOLD, what: str = "rule files", hint: str = _HINT) -> None:
    """Raise a ConfigError that tells the first mistakes in one line; nothing happens when there is none."""
    if not mistakes:
        return
    first = [str(mistake) for mistake in mistakes[:told]]
    if told and len(mistakes) > told:
        first.append(f"and {len(mistakes) - told} more")
    count = f"{counted(len(mistakes), 'mistake')} in the {what}"
    raise ConfigError(
        str(mistakes[0]) if len(mistakes) == 1 else ": ".join(filter(None, (count, "; ".join(first)))),
        hint=hint,
        code="rules.invalid",
        details={"problems": [mistake.row for mistake in mistakes]},
    )
