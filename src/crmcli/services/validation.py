"""Validation of a settled record: by the input class of its model, then the custom fields."""

import json
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from pydantic import ValidationError
from pydantic_core import SchemaValidator

from crmcli.domain.enums import ENUMS
from crmcli.domain.schema import did_you_mean
from crmcli.model.registry import input_class
from crmcli.services.drafts import Draft

if TYPE_CHECKING:
    from pydantic_core.core_schema import ModelSchema

    from crmcli.services.writer import Writer

_MISSING = "is required"


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
    if problem["type"] == "string_too_long":
        return key, f"is longer than {problem['ctx']['max_length']:,} characters"
    return key, str(problem["msg"]).replace("Input should be", "must be")


def _check_custom(draft: Draft, writer: "Writer") -> None:
    fields = writer.custom_definitions(draft.entity.name)
    if not fields:
        return
    values = json.loads(draft.record.get("custom") or "{}")
    for definition in fields:
        value = values.get(definition["key"])
        if value is None and definition["required"] and draft.before is None:
            draft.refuse(definition["key"], "is required")
        options = json.loads(definition["options"] or "[]")
        chosen = value if isinstance(value, list) else [value]
        if value is not None and options and not set(chosen) <= set(options):
            draft.refuse(definition["key"], f"{value!r} is not one of {', '.join(map(str, options))}")
