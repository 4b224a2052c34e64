"""Column builders: each says once what a field is, for pydantic, for the table and for the catalogue.

The ``info`` of a column is what the generated catalogue holds of it. Only TEXT and INTEGER are stored (STRICT tables);
the stored forms are those the journal holds, so a row needs no conversion on its way.
A pattern goes through ``schema_extra``, because SQLModel drops its own ``regex``.
"""

from typing import Any

from sqlalchemy import Integer, Text
from sqlmodel import Field

from crmcli.domain.counts import LARGEST
from crmcli.domain.enums import values

SHORT = 10_000  # characters of a name, subject or other single line
LONG = 1_048_576  # characters of a note, the same bound as for a cell of an imported file
INSTANT = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"
DATE = r"^\d{4}-\d\d-\d\d$"
DECIMAL = r"^-?\d{1,18}(\.\d{1,18})?$"


def _field(
    kind: str, label: str, sa_type: Any, required: bool, default: Any, extra: dict[str, Any], **info: Any
) -> Any:
    column = {
        "info": {"type": kind, "label": label, "required": required, **info},
        "nullable": not (required or default is not None),
    }
    if required:
        return Field(sa_type=sa_type, sa_column_kwargs=column, **extra)
    return Field(default=default, sa_type=sa_type, sa_column_kwargs=column, **extra)


def text(
    label: str,
    *,
    required: bool = False,
    long: bool = False,
    index: bool = False,
    default: str | None = None,
    **info: Any,
) -> Any:
    """Text of one line, or of many when long."""
    extra = {"max_length": LONG if long else SHORT, "index": index}
    if required:
        extra["min_length"] = 1
    return _field("text", label, Text, required, default, extra, **info)


def integer(label: str, *, low: int = 0, required: bool = False, default: int | None = None, **info: Any) -> Any:
    """Whole number, by default not negative."""
    return _field("int", label, Integer, required, default, {"ge": low, "le": LARGEST}, **info)


def decimal(label: str, *, kind: str = "decimal", required: bool = False, **info: Any) -> Any:
    """Exact number as text without an exponent: a decimal, or a rate."""
    return _field(kind, label, Text, required, None, {"schema_extra": {"pattern": DECIMAL}}, **info)


def money(label: str, *, required: bool = False, **info: Any) -> Any:
    """Amount in minor units of the record's currency; name the column ``<key>_minor``."""
    return _field("money", label, Integer, required, None, {"ge": -LARGEST, "le": LARGEST}, **info)


def percent(label: str, *, default: int | None = None, **info: Any) -> Any:
    """Basis points, 0 to 10000; name the column ``<key>_bp``."""
    return _field("percent", label, Integer, False, default, {"ge": 0, "le": 10_000}, **info)


def boolean(label: str, *, default: bool = False, **info: Any) -> Any:
    """Truth as 0 or 1."""
    return _field("bool", label, Integer, False, int(default), {"ge": 0, "le": 1}, **info)


def instant(label: str, *, required: bool = False, index: bool = False, **info: Any) -> Any:
    """Something that happened, or a machine deadline: UTC text of fixed width."""
    return _field(
        "instant", label, Text, required, None, {"schema_extra": {"pattern": INSTANT}, "index": index}, **info
    )


def date(label: str, *, required: bool = False, index: bool = False, **info: Any) -> Any:
    """Calendar day without time or zone."""
    return _field("date", label, Text, required, None, {"schema_extra": {"pattern": DATE}, "index": index}, **info)


def enum(
    label: str, name: str, *, default: str | None = None, required: bool = False, index: bool = False, **info: Any
) -> Any:
    """One key of a closed list in ``domain.enums``."""
    extra = {"schema_extra": {"pattern": f"^({'|'.join(values(name))})$"}, "index": index}
    return _field("enum", label, Text, required, default, extra, enum=name, **info)


def ref(
    label: str,
    entity: str,
    table: str | None = None,
    *,
    required: bool = False,
    index: bool = True,
    constrained: bool = True,
    **info: Any,
) -> Any:
    """Id of another record; name the column ``<key>_id``. ``constrained`` is off where tables point at each other.

    And for a column that a migration adds: SQLite cannot give it a deferred constraint without making the table anew.
    """
    extra: dict[str, Any] = {"index": index}
    if constrained:
        extra["foreign_key"] = f"{table or entity}.id"
    return _field("ref", label, Integer, required, None, extra, ref=entity, **info)


def json(label: str, **info: Any) -> Any:
    """JSON text with sorted keys."""
    return _field("json", label, Text, False, None, {"max_length": LONG}, **info)
