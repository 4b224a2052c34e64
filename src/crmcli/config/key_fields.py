"""The fields that a record should not lack: what the table ``[completeness]`` of the settings file says, and defaults.

Imported only by who asks for them, or when the file has the table. What is missing is counted by the reports.
"""

from collections.abc import Mapping
from typing import Any

from crmcli.catalogue import ENTITIES
from crmcli.domain.schema import did_you_mean
from crmcli.errors import ConfigError

KeyFields = Mapping[str, tuple[str, ...]]  # names of fields by entity

DEFAULTS: KeyFields = {
    "lead": ("email", "phone", "company_name", "source", "owner"),
    "organization": ("domain", "industry", "city", "country", "owner"),
    "contact": ("email", "phone", "organization", "job_title", "owner"),
    "deal": ("amount", "expected_close", "contact", "source", "owner"),
}
_NOUNS = {ENTITIES[name].noun: name for name in DEFAULTS}


def read_key_fields(table: Any) -> KeyFields:
    """Return the key fields by entity that the table names; ConfigError for other tables and unknown fields.

    ``custom.NAME`` is a custom field, which only the store knows.
    """
    if not isinstance(table, dict):
        raise ConfigError("[completeness] must be a table")
    found: dict[str, tuple[str, ...]] = {}
    for noun, names in table.items():
        if noun not in _NOUNS:
            raise ConfigError(
                f"[completeness] has no {noun!r}", hint=did_you_mean(noun, [*_NOUNS]) or ", ".join(_NOUNS)
            )
        if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
            raise ConfigError(f"[completeness] {noun} must be a list of fields")
        for name in names:
            _check(_NOUNS[noun], name)
        found[_NOUNS[noun]] = tuple(dict.fromkeys(names))
    return found


def _check(entity: str, name: str) -> None:
    kind = ENTITIES[entity]
    if name.startswith("custom."):
        return
    field = kind.find(name)
    if field is None:
        raise ConfigError(f"[completeness] {kind.noun} has no field {name!r}", hint=did_you_mean(name, kind.names()))
    if field.multi:
        raise ConfigError(
            f"[completeness] {kind.noun}: {name} holds several values", hint="email or phone is the first"
        )
