"""How a file named on the command line is made ready to be read: presets, options, and questions about its columns."""

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmcli.catalogue import ENTITIES
from crmcli.cli.session import current
from crmcli.errors import UsageError

if TYPE_CHECKING:
    from crmcli.importing.doubts import AmbiguousColumnError
    from crmcli.importing.options import Options
    from crmcli.importing.presets import Kind, Preset
    from crmcli.importing.sources import Source
    from crmcli.services.imports.job import File


def presets() -> "dict[str, Preset]":
    """Return the built-in presets and those of the user."""
    from crmcli.importing.presets import load_presets

    return load_presets(current().paths.config)


def options_of(
    *,
    maps: list[str] | None = None,
    stage_map: list[str] | None = None,
    owner_map: list[str] | None = None,
    date_format: str | None = None,
    number_format: str | None = None,
    pipeline: str | None = None,
    system: str = "",
    include_private: bool = False,
    blank_erases: bool = False,
    consent_basis: str | None = None,
    consent_date: str | None = None,
) -> "Options":
    """Return the options of an import as given on the command line, with what the store knows."""
    from crmcli.cli.inputs import split_pairs
    from crmcli.importing.options import Options
    from crmcli.queries.fields import custom_fields
    from crmcli.queries.imports import own_addresses, stage_kinds

    session = current()
    con = session.reader()
    return Options(
        zone=session.zone,
        maps=split_pairs(maps, "--map", "COLUMN=FIELD"),
        stage_map=split_pairs(stage_map, "--stage-map", "A=B"),
        owner_map=_handles(split_pairs(owner_map, "--owner-map", "A=B")),
        stage_kinds=stage_kinds(con),
        own=own_addresses(con),
        custom=custom_fields(con),
        date_format=date_format,
        number_format=number_format,
        pipeline=pipeline,
        system=system,
        include_private=include_private,
        blank_erases=blank_erases,
        currency=session.settings.currency,
        consent_basis=_basis(consent_basis),
        consent_date=_moment(consent_date),
    )


def _basis(text: str | None) -> str:
    """Return what consents rest on; UsageError names what there is."""
    if text is None:
        return ""
    from crmcli.domain.enums import choose, values

    found = choose("consent_basis", text)
    if found is None:
        hint = f"one of {', '.join(values('consent_basis'))}"
        raise UsageError(f"--consent-basis: there is no basis {text!r}", hint=hint)
    return found


def _moment(text: str | None) -> str:
    if text is None:
        return ""
    from crmcli.cli.readings import read_moment

    return read_moment(text, "consent date", prefer="past").utc


def _handles(owners: Mapping[str, str]) -> dict[str, str]:
    """Return the handles of users as they may be named here, by the names they have in a file."""
    from crmcli.cli.finding import find_id
    from crmcli.queries.references import refs_with_titles

    con = current().reader()
    return {name: refs_with_titles(con, "user", [find_id("user", user)])[0][0] for name, user in owners.items()}


def as_before(kept: Mapping[str, Any]) -> "Options":
    """Return the options that an import was begun with, with what the store knows now."""
    from crmcli.importing.options import KEPT

    return options_of()._replace(**{name: kept[name] for name in KEPT if name in kept})


def prepared(source: "Source", kind: "Kind", options: "Options", rejects: Path, *, beside: bool = False) -> "File":
    """Return a file ready to be read; on a terminal the user says how a column is meant that can be read two ways.

    With ``beside`` its bad rows take the place of no file that is there.
    """
    from crmcli.cli.written import refuse_store
    from crmcli.importing.doubts import AmbiguousColumnError
    from crmcli.importing.rows import prepare
    from crmcli.services.imports.job import File

    refuse_store(rejects, "--rejects")
    if _is_source(rejects, source):
        raise UsageError(f"--rejects: {rejects} is imported itself", hint="name another file", code="rejects.source")
    while True:
        try:
            ready = prepare(source, kind, options)
            break
        except AmbiguousColumnError as doubt:
            answer = _ask(doubt)
            if answer is None:
                raise
            options = options._replace(answers={**options.answers, doubt.column: answer})
    for notice in ready.notices:
        told = notice if notice.startswith(f"{source.label}:") else f"{source.label}: {notice}"
        current().streams.note(told)
    return File(ready, rejects, beside)


def ask_kind(label: str, kinds: "Sequence[Kind]") -> "Kind | None":
    """Let the user say as what a file is read that fits several kinds; None when nobody says."""
    from crmcli.cli.finding import pick

    candidates = [(kind.title, f"as {ENTITIES[kind.entity].plural}") for kind in kinds]
    picked = pick(f"{label} fits several kinds of export", candidates)
    return next((kind for kind in kinds if kind.title == picked), None)


def _is_source(path: Path, source: "Source") -> bool:
    """Say whether a file is the one that is read, or the one that standard input comes from."""
    if not path.is_file():
        return False
    origins = [source.path.stat()]
    with suppress(OSError):  # standard input may be closed
        origins.append(os.fstat(0))
    return any(os.path.samestat(path.stat(), origin) for origin in origins)


def _ask(doubt: "AmbiguousColumnError") -> str | None:
    from crmcli.cli.finding import pick

    candidates = [(written, f"{doubt.sample} is {meant}") for written, meant in doubt.readings.items()]
    return pick(f"The column {doubt.column!r} can be read in two ways", candidates)
