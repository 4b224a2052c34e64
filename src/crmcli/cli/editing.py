"""``crm NOUN edit REF`` alone: the record as TOML in the user's editor, written back when it is free of mistakes.

Only what was changed in the text is written, against the version that was read; a text with a mistake is opened again
with the mistake on top, and kept when the user gives up.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmcli.catalogue import ENTITIES
from crmcli.cli.session import current
from crmcli.cli.signatures import Asked
from crmcli.errors import ConflictError, CrmError, UsageError

if TYPE_CHECKING:
    from crmcli.domain.schema import Field
    from crmcli.services.results import Result

_PLAIN = frozenset({"rows", "links", "json"})  # types that are not edited as text
_HELP = (
    "# Change what you like, save and close. An emptied value empties the field,",
    "# a line you remove is left alone. Without a change nothing is written.",
)
_MISTAKE = "#! "


def edit_in_editor(entity: str, record_id: int, asked: Asked) -> None:
    """Let the user edit a record and write what was changed; raise what is wrong with it when they give up."""
    from crmcli.cli.answers import answer
    from crmcli.cli.editor import open_in_editor
    from crmcli.formats.files import write_text

    session = current()
    record = _record(entity, record_id)
    fields = _editable(entity, record)
    original = _text(entity, record, fields)
    draft = _draft(ENTITIES[entity].ref(record_id) or f"{entity}-{record_id}")
    write_text(draft, original)
    session.close()
    shown = original
    while True:
        open_in_editor(draft, session.environ)
        text = draft.read_text(encoding="utf-8", errors="replace")
        if not text.strip() or _bare(text) == _bare(original):
            draft.unlink()
            session.streams.note("nothing changed")
            return
        try:
            result = _save(entity, record, fields, _changed(original, text), asked)
        except CrmError as error:
            if _bare(text) == _bare(shown) or isinstance(error, ConflictError):
                error.hint = f"what you wrote is kept in {draft}"
                raise
            shown = f"{_MISTAKE}{error.message}\n{_bare(text)}"
            write_text(draft, shown)
            continue
        draft.unlink()
        answer(result, asked, entity)
        return


def _record(entity: str, record_id: int) -> dict[str, Any]:
    from crmcli.queries.records import get_record

    record = get_record(current().reader(), ENTITIES[entity], record_id)
    if record is None:  # it was found a moment ago
        raise CrmError(
            f"{ENTITIES[entity].ref(record_id)} is gone", hint=f"crm history {ENTITIES[entity].ref(record_id)}"
        )
    return record


def _editable(entity: str, record: dict[str, Any]) -> dict[str, "Field"]:
    """Return the fields that are offered: those with a place of their own, by key, custom ones last."""
    from crmcli.queries.fields import custom_fields

    own = {
        key: field
        for key, field in ENTITIES[entity].fields.items()
        if field.writable and field.type not in _PLAIN and not field.derived
    }
    custom = custom_fields(current().reader()).get(entity, {})
    return own | {key: field for key, field in custom.items() if field.type != "json" or key in record["custom"]}


def _text(entity: str, record: dict[str, Any], fields: dict[str, "Field"]) -> str:
    import tomlkit

    document = tomlkit.document()
    for line in (f"# {record['ref']}", *_HELP):
        document.add(tomlkit.comment(line.removeprefix("# ")))
    document.add(tomlkit.nl())
    for key, field in fields.items():
        value = _as_typed(record, key, field)
        if isinstance(value, str) and "\n" in value:
            document.add(key, tomlkit.string(value, multiline=True))
        else:
            document.add(key, tomlkit.item(value))
    return document.as_string()


def _as_typed(record: dict[str, Any], key: str, field: "Field") -> str | int | bool | list[str]:
    """Return a presented value as a person would type it."""
    from crmcli.output.cells import machine

    value = record[key] if key in record else record.get("custom", {}).get(key)
    if field.type == "ref":
        value = record.get(f"{key}_ref", value)
    elif field.type == "instant" and value and len(value) > 10:
        from crmcli.domain.zones import to_wall

        value = to_wall(value, current().zone).replace("T", " ")
    elif field.type == "socials":
        value = [profile["value"] for profile in value]
    if isinstance(value, bool | int | list):
        return value
    return machine(value)


def _changed(original: str, text: str) -> dict[str, Any]:
    """Return the values that differ, by key; UsageError when the text is no TOML or names another field."""
    from crmcli.domain.toml import loads

    try:
        after = loads(text)
    except ValueError as error:
        raise UsageError(f"the text is not TOML, {error}") from None
    before = loads(original)
    return {key: value for key, value in after.items() if key not in before or value != before[key]}


def _save(
    entity: str, record: dict[str, Any], fields: dict[str, "Field"], changed: dict[str, Any], asked: Asked
) -> "Result":
    from crmcli.cli.answers import context
    from crmcli.cli.inputs import Inputs
    from crmcli.services import records

    inputs = Inputs(entity, pipeline=_pipeline(record), currency=record.get("currency", ""))
    for key in changed:
        if key not in fields:
            inputs.entity.field(key)  # says which one was meant
            raise UsageError(f"{key} is not edited here", hint=f"crm {ENTITIES[entity].noun} edit --help")
    values = inputs.values({key: _as_text(value) for key, value in changed.items()})
    return records.edit(context(asked), entity, [record["id"]], values, version=record["version"])


def _as_text(value: Any) -> str | list[str]:
    if isinstance(value, list):
        return [str(item) for item in value]
    return str(value)


def _pipeline(record: dict[str, Any]) -> int | None:
    from crmcli.cli.finding import find_id

    key = record.get("pipeline_ref")
    return find_id("pipeline", key) if key else None


def _bare(text: str) -> str:
    """Return a text without the mistakes told on top of it."""
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith(_MISTAKE))


def _draft(name: str) -> Path:
    from crmcli.config.paths import ensure

    draft = ensure(current().paths.state) / f"edit-{name}.toml"
    draft.unlink(missing_ok=True)  # a link in its place must not lead what is written elsewhere
    return draft
