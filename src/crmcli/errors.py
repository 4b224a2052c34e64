"""The error family: every failure a user can meet, with a stable code and an exit code.

Raised anywhere, rendered only in ``output``, mapped to an exit code only in ``cli.main``. A message is one line
and says what is wrong where; a hint is a command to type.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple


class Problem(NamedTuple):
    """One reason why a record is refused: the field it concerns (may be empty) and what is wrong with it."""

    field: str
    reason: str

    def __str__(self) -> str:
        return f"{self.field}: {self.reason}" if self.field else self.reason


class CrmError(Exception):
    """A failure told in one line. ``details`` is plain data for ``-o json``."""

    code = "failure"
    exit_code = 1
    usual_hint: str | None = None  # of those that bring none of their own

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        code: str | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint or self.usual_hint
        self.code = code or self.code
        self.details = dict(details or {})


class UsageError(CrmError):
    """The words of the command are wrong: unknown option value, column, format or period."""

    code = "usage"
    exit_code = 2


class ConfigError(CrmError):
    """The configuration or a rule file is wrong; names file, line and the nearest valid key."""

    code = "config"
    exit_code = 2


class ConditionError(UsageError):
    """A condition cannot be understood. ``position`` is the 0-based offset in ``text``."""

    code = "condition"

    def __init__(self, problem: str, text: str, position: int, *, hint: str | None = None) -> None:
        shown = text if len(text) <= 200 else text[: max(0, min(position, 150))] + "…"
        where = f"condition: {problem}, at character {position + 1} of: {shown}"
        super().__init__(
            where if text.strip() else "the condition is empty",
            hint=hint or "crm help conditions",
            details={"position": position, "problem": problem},
        )
        self.problem = problem
        self.position = position


_WHERE_TO_LOOK = {"record": "crm find TEXT", "stage": "crm pipeline show"}  # elsewhere the noun has a list


class NotFoundError(CrmError):
    """No such record (or not visible, which looks the same)."""

    code = "not_found"
    exit_code = 3

    def __init__(self, noun: str, reference: str, *, hint: str | None = None) -> None:
        super().__init__(
            f"no {noun} {reference!r}",
            hint=hint or _WHERE_TO_LOOK.get(noun, f"crm {noun} list"),
            code=f"{noun}.not_found",
            details={"noun": noun, "ref": reference},
        )


class RefusedError(CrmError):
    """Validation, an invariant or a rule refuses the write; nothing was stored."""

    code = "refused"
    exit_code = 4

    def __init__(
        self, what: str, problems: Iterable[Problem] = (), *, hint: str | None = None, code: str | None = None
    ) -> None:
        self.problems = tuple(problems)
        reasons = "; ".join(str(problem) for problem in self.problems)
        super().__init__(
            f"{what}: {reasons}" if reasons else what,
            hint=hint,
            code=code,
            details={"problems": [{"field": p.field, "reason": p.reason} for p in self.problems]},
        )


class ConflictError(CrmError):
    """Somebody else changed it first, it exists already, or the reference means several records."""

    code = "conflict"
    exit_code = 5


class DuplicateError(ConflictError):
    """A strong key (e-mail, phone, domain, ...) belongs to a record already."""

    code = "duplicate"


class AmbiguousError(ConflictError):
    """Several records fit a reference; ``candidates`` are their refs with names."""

    code = "ambiguous"

    def __init__(self, noun: str, reference: str, candidates: Iterable[tuple[str, str]]) -> None:
        self.candidates = tuple(candidates)
        listed = ", ".join(f"{ref} {name}" for ref, name in self.candidates[:8])
        more = f" and {len(self.candidates) - 8} more" if len(self.candidates) > 8 else ""
        super().__init__(
            f"{reference!r} fits several records: {listed}{more}",
            hint="name one of them by its ref",
            code=f"{noun}.ambiguous",
            details={"candidates": [ref for ref, _ in self.candidates]},
        )


class PartialError(CrmError):
    """Part was done and part was set aside; the receipt says which."""

    code = "partial"
    exit_code = 6


class StoreError(CrmError):
    """The store cannot be used: locked, corrupt, read-only, full, or made by a newer version."""

    code = "store"
    exit_code = 7
    usual_hint = "crm doctor"


class ExternalError(CrmError):
    """A server or a credential failed."""

    code = "external"
    exit_code = 8
