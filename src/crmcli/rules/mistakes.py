"""What is wrong with rule files: gathered, and told with file, rule and key."""

from collections.abc import Sequence
from typing import NamedTuple

from crmcli.domain.plurals import counted
from crmcli.errors import ConfigError

_TOLD = 3  # mistakes in the line of an error


class Place(NamedTuple):
    """Where in the rule files something stands."""

    file: str
    rule: str = ""
    key: str = ""

    def at(self, key: str) -> "Place":
        """Return the place of a key below this one."""
        return self._replace(key=f"{self.key}.{key}" if self.key else key)

    def __str__(self) -> str:
        parts = (self.file, f"rule {self.rule}" if self.rule else "", self.key)
        return ", ".join(part for part in parts if part)


class Mistake(NamedTuple):
    """One thing that is wrong, and a hint how to put it right."""

    place: Place
    reason: str
    hint: str | None = None

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}" + (f" ({self.hint})" if self.hint else "")


def refuse(mistakes: Sequence[Mistake], *, told: int = _TOLD) -> None:
    """Raise a ConfigError that tells the first mistakes in one line; nothing happens when there is none."""
    if not mistakes:
        return
    first = [str(mistake) for mistake in mistakes[:told]]
    if told and len(mistakes) > told:
        first.append(f"and {len(mistakes) - told} more")
    count = f"{counted(len(mistakes), 'mistake')} in the rule files"
    raise ConfigError(
        str(mistakes[0]) if len(mistakes) == 1 else ": ".join(filter(None, (count, "; ".join(first)))),
        hint="crm rule check tells all; until they are mended --no-rules writes without any rule",
        code="rules.invalid",
        details={
            "problems": [
                {"file": m.place.file, "rule": m.place.rule, "key": m.place.key, "reason": m.reason, "hint": m.hint}
                for m in mistakes
            ]
        },
    )
