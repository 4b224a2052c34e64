"""Validation of settled records of one kind: by the input class of their model, then the custom fields."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from pydantic import ValidationError
from pydantic_core import SchemaValidator
from pydantic_core.core_schema import tuple_schema

from crmcli.domain.closed_lists import ENUMS
from crmcli.domain.customs import misfit
from crmcli.domain.schema import Field, did_you_mean
from crmcli.model.registry import input_class
from crmcli.services.drafts import Draft
from crmcli.services.images import Columns, columns_of
from crmcli.store.unit_of_work import any_filled

if TYPE_CHECKING:
    from pydantic_core.core_schema import ModelFieldsSchema, ModelSchema

    from crmcli.services.writer import Writer

_MANY = 10  # records from which on their columns are looked at
_MISSING = "is required"
_NOTHING = (None,)  # a column that is not filled
_BOUNDS = {
    "greater_than_equal": "at least",
    "less_than_equal": "at most",
    "greater_than": "more than",
    "less_than": "less than",
}


def check(drafts: Sequence[Draft], writer: "Writer") -> None:
    """Note every problem of records of one kind."""
    drafts = [draft for draft in drafts if draft.intent != "delete"]
    if not drafts:
        return
    entity = drafts[0].entity.name
    records = [draft.record for draft in drafts]
    if len(drafts) < _MANY or not are_sound(entity, columns_of(records, _column_validators(entity))):
        for draft in drafts:
            _check_fields(draft)
    if fields := writer.custom_fields(entity):
        for draft in drafts:
            _check_custom(draft, fields)


def are_sound(entity: str, columns: Columns) -> bool:
    """Say whether many records, given by column, hold only what they may: so that takes a tenth of the time."""
    optional = _optional(entity)
    return all(
        (name in optional and not any_filled(column)) or _accepts(validator, tuple(column))
        for name, validator in _column_validators(entity).items()
        for column in [columns.get(name, _NOTHING)]
    )


def _check_fields(draft: Draft) -> None:
    try:
        _validator_of(draft.entity.name).validate_python(draft.record)
    except ValidationError as error:
        known = {problem.field for problem in draft.problems}
        for problem in error.errors(include_url=False, include_context=True):
            key, reason = _told(draft, str(problem["loc"][0]), problem)
            if key not in known and not (reason == _MISSING and known):
                draft.refuse(key, reason)  # what could not be read is told already, and what hangs on it


def _schema_of(entity: str) -> "ModelSchema":
    cls = input_class(entity)
    cls.model_rebuild()
    return cast("ModelSchema", cls.__pydantic_core_schema__)


@cache
def _validator_of(entity: str) -> SchemaValidator:
    """Return what checks the input fields within a record.

    No instance of the input class is made: nobody needs one, and making it takes most of the time.
    """
    schema = _schema_of(entity)
    return SchemaValidator(schema["schema"], schema["config"] | {"extra_fields_behavior": "ignore"})


@cache
def _column_validators(entity: str) -> dict[str, SchemaValidator]:
    """Return what checks all values of an input field at once, by column."""
    config = _schema_of(entity)["config"]
    fields = cast("ModelFieldsSchema", _schema_of(entity)["schema"])["fields"]
    return {
        name: SchemaValidator(tuple_schema([field["schema"]], variadic_item_index=0), config)
        for name, field in fields.items()
    }


@cache
def _optional(entity: str) -> frozenset[str]:
    """Return the input fields that may hold nothing."""
    return frozenset(name for name, one in _column_validators(entity).items() if _accepts(one, (None,)))


def _accepts(validator: SchemaValidator, value: object) -> bool:
    try:
        validator.validate_python(value)
    except ValidationError:
        return False
    return True


def _told(draft: Draft, column: str, problem: Any) -> tuple[str, str]:
    field = next((f for f in draft.entity.fields.values() if f.column == column), None)
    key = field.key if field else column
    value = draft.record.get(column)
    if value is None:
        return key, _MISSING
    if field and field.enum:
        names = [choice.key for choice in ENUMS[field.enum]]
        return key, did_you_mean(str(value), names) or f"{value!r} is not one of {', '.join(names)}"
    return key, _reason(field, value, problem["type"], problem.get("ctx", {}))


def _reason(field: Field | None, value: Any, kind: str, bounds: Mapping[str, Any]) -> str:
    """Return why a stored value cannot be, in the form in which people see it."""
    if kind == "string_too_long":
        return f"is longer than {bounds['max_length']:,} characters"
    if kind == "string_too_short":
        return _MISSING
    if kind in _BOUNDS:
        (bound,) = bounds.values()
        shown = f"{bound / 100:g} %" if field and field.type == "percent" else f"{bound:,}"
        return f"must be {_BOUNDS[kind]} {shown}"
    return f"cannot be {value!r}"


def _check_custom(draft: Draft, fields: Mapping[str, Field]) -> None:
    """Check the custom values that this write brings: what is stored already stands in the way of no other change."""
    values = draft.custom or {}
    stored = json.loads(draft.before["custom"] or "{}") if values and draft.before else {}
    for key, field in fields.items():
        value = values.get(key)
        if value is None and field.required and draft.before is None:
            draft.refuse(key, _MISSING)
        elif value is not None and value != stored.get(key) and (reason := misfit(field, value)):
            draft.refuse(key, reason)
