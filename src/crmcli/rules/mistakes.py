"""What is wrong with rule files: gathered, so that all of it is told at once with file, rule and key."""

from collections.abc import Sequence
from typing import NamedTuple

from crmcli.errors import ConfigError


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


def refuse(mistakes: Sequence[Mistake]) -> None:
    """Raise a ConfigError that tells every mistake on a line of its own; nothing happens when there is none."""
    if not mistakes:
        return
    told = [str(mistake) for mistake in mistakes]
    many = len(told) > 1
    raise ConfigError(
        "\n".join([f"{len(told)} mistakes in the rule files", *told]) if many else told[0],
        hint="crm rule check; until then --no-rules writes without any rule",
        code="rules.invalid",
        details={
            "problems": [
                {"file": m.place.file, "rule": m.place.rule, "key": m.place.key, "reason": m.reason, "hint": m.hint}
                for m in mistakes
            ]
        },
    )
