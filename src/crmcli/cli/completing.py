"""Live completion while a line is typed: refs with names, stages, tags, views, fields, values, conditions.

Reads the store as any list does, offers at most fifty, and is silent when there is nothing to say or nothing to read.
Commands and options are completed by ``cli.lazy`` from the registry.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import typer

from crmcli.cli.session import current
from crmcli.domain.schema import Field

if TYPE_CHECKING:
    from sqlite3 import Connection

Offer = tuple[str, str]  # what to insert, and what it is
Completer = Callable[..., list[Offer]]  # of the begun word, and of the context where other words matter
MOST = 50


def refs(entity: str | None) -> Completer:
    """Return what completes the ref of a kind of record, the key of configuration, or any ref."""

    def complete(incomplete: str) -> list[Offer]:
        return _silent(lambda con: _names(con, entity, incomplete))

    return complete


def stages(ctx: typer.Context, incomplete: str) -> list[Offer]:
    """Return what completes a stage: of the pipeline that the words before it speak of, else of the default one."""
    return _silent(lambda con: _stages(con, ctx, incomplete))


def deals_or_stages(ctx: typer.Context, incomplete: str) -> list[Offer]:
    """Return what completes the ref of a deal, or after one a stage of its pipeline too."""

    def offers(con: "Connection") -> list[Offer]:
        there = _stages(con, ctx, incomplete) if ctx.params.get("refs") else []
        return [*there, *_names(con, "deal", incomplete)]

    return _silent(offers)


def jobs(incomplete: str) -> list[Offer]:
    """Return what completes the number of an import."""
    from crmcli.queries.imports import list_jobs

    return _silent(
        lambda con: [(str(job["job"]), job["file"]) for job in list_jobs(con) if str(job["job"]).startswith(incomplete)]
    )


def refs_or_tags(incomplete: str) -> list[Offer]:
    """Return what completes the ref of any record, or a tag."""
    return _silent(lambda con: [*_names(con, "tag", incomplete), *_names(con, None, incomplete)])


def nouns(incomplete: str) -> list[Offer]:
    """Return what completes the noun of a kind of record."""
    from crmcli.catalogue import ENTITIES

    kinds = (kind for kind in ENTITIES.values() if kind.letter and kind.noun.startswith(incomplete))
    return [(kind.noun, kind.plural) for kind in kinds]


def columns(entity: str) -> Completer:
    """Return what completes the last of ``ref,name,owner``; a minus sign before it, as in an order, stays."""

    def complete(incomplete: str) -> list[Offer]:
        head, comma, last = incomplete.rpartition(",")
        sign = "-" if last.startswith("-") else ""
        return _silent(
            lambda con: [
                (f"{head}{comma}{sign}{key}", label)
                for key, label in _fields(con, entity)
                if key.startswith(last.removeprefix("-"))
            ]
        )

    return complete


def assignments(entity: str) -> Completer:
    """Return what completes ``KEY=VALUE``: the key, then the values of a closed list or the names of records."""

    def complete(incomplete: str) -> list[Offer]:
        return _silent(lambda con: _assignments(con, entity, incomplete))

    return complete


def conditions(entity: str) -> Completer:
    """Return what completes a condition: fields, operators, values, and names where a record is compared."""

    def complete(incomplete: str) -> list[Offer]:
        return _silent(lambda con: _conditions(con, entity, incomplete))

    return complete


def takes(entity: str | None) -> Completer:
    """Return what completes ``FIELD=REF``: the field, where the kind of record is known, then the record."""

    def complete(incomplete: str) -> list[Offer]:
        name, equals, prefix = incomplete.partition("=")
        if equals:
            return _silent(lambda con: [(f"{name}={ref}", title) for ref, title in _names(con, entity, prefix)])
        if entity is None:
            return []
        return _silent(
            lambda con: [(f"{key}=", label) for key, label in _fields(con, entity) if key.startswith(incomplete)]
        )

    return complete


def field_values(field: Field) -> Completer:
    """Return what completes the value of a field."""
    if field.ref == "stage":
        return stages

    def complete(incomplete: str) -> list[Offer]:
        return _silent(lambda con: _values(con, field, incomplete))

    return complete


def enum(name: str) -> Completer:
    """Return what completes a value of a closed list."""

    def complete(incomplete: str) -> list[Offer]:
        from crmcli.domain.closed_lists import ENUMS

        return [(choice.key, choice.label) for choice in ENUMS[name] if choice.key.startswith(incomplete)]

    return complete


def presets(incomplete: str) -> list[Offer]:
    """Return what completes the name of a ready-made pipeline."""
    from crmcli.domain.stages import PRESETS

    return choices(PRESETS)(incomplete)


def choices(known: Iterable[str]) -> Completer:
    """Return what completes one of a few words."""
    return lambda incomplete: [(word, "") for word in known if word.startswith(incomplete)]


def _silent(offers: Callable[["Connection"], list[Offer]]) -> list[Offer]:
    try:
        return offers(current().reader())[:MOST]
    except Exception:  # a shell in the middle of a line is no place for an error
        return []


def _names(con: "Connection", entity: str | None, prefix: str) -> list[Offer]:
    from crmcli.catalogue import ENTITIES
    from crmcli.queries.names import names_for

    return names_for(con, ENTITIES[entity].noun if entity else "record", prefix, MOST)


def _stages(con: "Connection", ctx: typer.Context, prefix: str) -> list[Offer]:
    from crmcli.queries.names import stages_of

    if "/" in prefix:  # the word itself says of which pipeline
        return _names(con, "stage", prefix)
    pipelines = _pipelines(con, ctx.parent.info_name if ctx.parent else None, ctx.params)
    return [offer for pipeline in dict.fromkeys(pipelines) for offer in stages_of(con, pipeline, prefix)]


def _pipelines(con: "Connection", noun: str | None, words: dict[str, Any]) -> list[int]:
    """Return the pipelines that the words so far speak of: one by name, those of the deals, else the default one."""
    from crmcli.queries.config_keys import default_pipeline
    from crmcli.queries.references import find_reference

    refs = [words["ref"]] if words.get("ref") else words.get("refs") or []
    named = words.get("pipeline") or (refs[0] if noun == "pipeline" and refs else None)
    if named:
        return [find_reference(con, "pipeline", named).id]
    if noun == "deal" and refs:
        deals = (find_reference(con, "deal", ref).id for ref in refs)
        return [con.execute("SELECT pipeline_id FROM deal WHERE id = ?", (deal,)).fetchone()[0] for deal in deals]
    default = default_pipeline(con, current().settings.pipeline)
    return [] if default is None else [default]


def _fields(con: "Connection", entity: str) -> list[Offer]:
    from crmcli.queries.fields import entity_with_custom

    return [(field.key, field.label) for field in entity_with_custom(con, entity).fields.values()]


def _values(con: "Connection", field: Field, prefix: str) -> list[Offer]:
    if field.enum:
        return enum(field.enum)(prefix)
    if field.type == "bool":
        return [(word, "") for word in ("yes", "no") if word.startswith(prefix)]
    if field.key in ("links", "attendees"):
        return _names(con, None, prefix)
    if field.ref or field.type == "tags":
        return _names(con, field.ref or "tag", prefix)
    return []


def _assignments(con: "Connection", entity: str, incomplete: str) -> list[Offer]:
    from crmcli.queries.fields import entity_with_custom

    kind = entity_with_custom(con, entity)
    key, equals, text = incomplete.partition("=")
    if not equals:
        writable = (field for field in kind.fields.values() if field.writable and field.key.startswith(key))
        return [(f"{field.key}=", field.label) for field in writable]
    field = kind.find(key)
    return [(f"{key}={value}", label) for value, label in _values(con, field, text)] if field else []


def _conditions(con: "Connection", entity: str, incomplete: str) -> list[Offer]:
    from crmcli.catalogue import ENTITIES
    from crmcli.conditions.suggest import complete
    from crmcli.queries.fields import custom_fields

    def named(field: Field, word: str) -> list[str]:
        return [text for text, _ in _names(con, field.ref or "tag", word)]

    offers = complete(incomplete, ENTITIES[entity], custom=custom_fields(con), records=named)
    return [(text, "") for text in offers]
