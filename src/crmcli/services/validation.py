"""Validation of a settled record: by the input class of its model, then the custom fields."""

import json
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from pydantic import ValidationError
from pydantic_core import SchemaValidator

from crmcli.domain.customs import misfit
from crmcli.domain.enums import ENUMS
from crmcli.domain.schema import Field, did_you_mean
from crmcli.model.registry import input_class
from crmcli.services.drafts import Draft

if TYPE_CHECKING:
    from pydantic_core.core_schema import ModelSchema

    from crmcli.services.writer import Writer

_MISSING = "is required"
_BOUNDS = {
    "greater_than_equal": "at least",
    "less_than_equal": "at most",
    "greater_than": "more than",
    "less_than": "less than",
}


def check(draft: Draft, writer: "Writer") -> None:
    """Note every problem of a record."""
    if draft.intent == "delete":
        return
    _check_fields(draft)
    _check_custom(draft, writer)


def _check_fields(draft: Draft) -> None:
    try:
        _validator_of(draft.entity.name).validate_python(draft.record)
    except ValidationError as error:
        known = {problem.field for problem in draft.problems}
        for problem in error.errors(include_url=False, include_context=True):
            key, reason = _told(draft, str(problem["loc"][0]), problem)
            if key not in known and not (reason == _MISSING and known):
                draft.refuse(key, reason)  # what could not be read is told already, and what hangs on it


@cache
def _validator_of(entity: str) -> SchemaValidator:
    """Return what checks the input fields within a record.

    No instance of the input class is made: nobody needs one, and making it takes most of the time.
    """
    cls = input_class(entity)
    cls.model_rebuild()
    schema = cast("ModelSchema", cls.__pydantic_core_schema__)
    return SchemaValidator(schema["schema"], schema["config"] | {"extra_fields_behavior": "ignore"})


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


def _check_custom(draft: Draft, writer: "Writer") -> None:
    """Check the custom values that this write brings: what is stored already stands in the way of no other change."""
    fields = writer.custom_fields(draft.entity.name)
    if not fields:
        return
    values = json.loads(draft.record.get("custom") or "{}")
    stored = json.loads(draft.was("custom") or "{}")
    for key, field in fields.items():
        value = values.get(key)
        if value is None and field.required and draft.before is None:
            draft.refuse(key, _MISSING)
        elif value is not None and value != stored.get(key) and (reason := misfit(field, value)):
            draft.refuse(key, reason)
