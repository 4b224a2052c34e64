"""A column that can be read in two ways: only a person can say which, so the error carries both for a question."""

from collections.abc import Mapping

from crmcli.errors import UsageError


class AmbiguousColumnError(UsageError):
    """Every cell of a column fits two formats. ``readings``: format to what ``sample`` means in it."""

    def __init__(
        self, column: str, told: str, sample: str, readings: Mapping[str, str], *, hint: str, code: str
    ) -> None:
        super().__init__(f"the column {column!r} {told}", hint=hint, code=code)
        self.column = column
        self.sample = sample
        self.readings = dict(readings)
