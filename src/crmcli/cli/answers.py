"""From a command to a write and back: the context a service is called with, the question before, the answer after.

Every writing command uses these, so that all of them mask, ask and answer alike. What a result holds is decided by the
services, how a line looks by ``output``.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import typer

from crmcli.catalogue import ENTITIES
from crmcli.cli.session import current
from crmcli.cli.signatures import Asked
from crmcli.domain.plurals import counted as in_words
from crmcli.errors import CrmError, UsageError
from crmcli.output.formats import FORMATS

if TYPE_CHECKING:
    from crmcli.domain.schema import Entity
    from crmcli.services.results import Context, Result

_LINES = 10  # records told one by one
_PREVIEWED = 5  # records named before a question
_DONE = {"create": "Created", "update": "Updated", "delete": "Removed", "restore": "Restored", "merge": "Merged",
         "unchanged": "Unchanged"}  # fmt: skip
_BESIDE = {"lead": "company_name", "contact": "organization", "deal": "organization", "ticket": "organization"}


def context(
    asked: Asked,
    *,
    kind: str = "write",
    allow_duplicate: bool = False,
    plain: Collection[str] = (),
    formats: Sequence[str] = FORMATS,
) -> "Context":
    """Return what a service is called with. Ends the reading of this run, which could stand in the way of the write.

    ``plain`` are words of the command line that hold nothing personal and may be kept in the history, ``formats`` those
    in which the answer can be written.
    """
    from crmcli.cli.masking import masked
    from crmcli.output.tables import choose_format
    from crmcli.services.results import Command, Context

    session = current()
    choose_format(asked.output, session.streams, formats)  # before anything is written
    session.close()
    command = Command(
        text=masked(session.arguments, plain),
        arguments="\0".join(session.arguments),
        reason=asked.reason,
        kind=kind,
        dry_run=asked.dry_run,
        explain=asked.explain,
        rules=not asked.no_rules,
        allow_duplicate=allow_duplicate,
        idempotency_key=asked.idempotency_key,
        wait=asked.wait,
        most=asked.max,
    )
    made = Context(session.store_path, session.settings, command, session.paths.rules, session.paths)
    session.writing.append(made)
    return made


def confirm(question: str, entity: str, ids: Sequence[int], asked: Asked) -> None:
    """Ask as ``agree`` does whether to go on with records, showing the first of them."""
    agree(question, asked, lambda: _first_records(entity, ids))


def agree(question: str, asked: Asked, preview: Callable[[], Iterable[str]] = tuple) -> None:
    """Ask on a terminal whether to go on, after the lines of a preview; a dry run and ``--yes`` need no question.

    Elsewhere UsageError without ``--yes``. CrmError when the answer is no.
    """
    if asked.yes or asked.dry_run:
        return
    streams = current().streams
    if not current().is_interactive:
        raise UsageError(f"{question} Say so with --yes", hint="--dry-run shows what would change", code="unconfirmed")
    from crmcli.output.safe import safe

    for line in preview():
        streams.note(line)
    current().close()  # nobody else's write, nor ours, may wait while a person thinks
    if not typer.confirm(safe(question), err=True):
        raise CrmError("nothing was changed", code="declined")


def _first_records(entity: str, ids: Sequence[int]) -> Iterator[str]:
    from crmcli.queries.references import refs_with_titles

    for ref, title in refs_with_titles(current().reader(), entity, ids[:_PREVIEWED]):
        yield f"  {ref}  {title}"
    if len(ids) > _PREVIEWED:
        yield f"  … and {len(ids) - _PREVIEWED} more"


def counted(entity: str, count: int) -> str:
    """Return a number of records in words: ``1 deal``, ``312 deals``."""
    kind = ENTITIES[entity]
    return in_words(count, kind.label.lower(), kind.plural)


def answer(result: "Result", asked: Asked, entity: str, *, verb: str = "", ids: Sequence[int] = ()) -> None:
    """Tell what a write did to the records of the command's own entity.

    On a terminal a line for each, elsewhere the refs, with ``-o`` the records as they now are. What else happened,
    warnings and effects of rules go to standard error. ``verb`` is a past participle (``Won``) instead of Created or
    Updated; ``ids`` are the records the command was about, where they are more than the result can name.
    """
    answer_all(result, asked, {entity: ids}, verb=verb)


def answer_all(result: "Result", asked: Asked, about: Mapping[str, Sequence[int]], *, verb: str = "") -> None:
    """Tell what a write did to records of several entities, as ``answer`` does; ids by entity."""
    streams = current().streams
    for warning in result.warnings:
        streams.warn(warning)
    for effect in result.effects:
        streams.note(effect)
    if result.dry_run:
        from crmcli.cli.differences import write_differences

        write_differences(result, asked.output)
        return
    _tell_others(result, about)
    actions = {entity: _actions(result, entity, ids) for entity, ids in about.items()}
    if result.replayed:
        _tell_replay(actions)
    if asked.output is not None:
        _write_records(actions, asked.output)
        return
    for entity, done in actions.items():
        _write_lines(ENTITIES[entity], done, verb)


def _tell_replay(actions: Mapping[str, Mapping[int, str]]) -> None:
    """Tell that an answer is an old one, and which records of it are no more."""
    from crmcli.queries.labels import labels

    streams = current().streams
    streams.note("this was done before, under the same key")
    for entity, done in actions.items():
        kind = ENTITIES[entity]
        there = labels(current().reader(), kind, list(done))
        for record_id in (number for number in done if number not in there):
            streams.note(f"{kind.ref(record_id)} was taken back since")


def _actions(result: "Result", entity: str, ids: Sequence[int]) -> dict[int, str]:
    """Return what was done, by record: the first thing that is not nothing. Rules' own work is told apart."""
    named: dict[int, str] = {}
    for saved in result.saved:
        own = saved.entity == entity and not saved.by_rule
        if own and named.get(saved.id, "unchanged") == "unchanged":
            named[saved.id] = saved.action
    unnamed = next((action for action in result.counts if action != "unchanged"), "unchanged")
    return {record_id: named.get(record_id, unnamed) for record_id in ids} if ids else named


def _tell_others(result: "Result", about: Collection[str]) -> None:
    """Tell what was created on the way."""
    made = ((s.entity, s.id) for s in result.saved if s.action == "create" and s.entity not in about and not s.by_rule)
    for entity, record_id in dict.fromkeys(made):
        kind = ENTITIES[entity]
        if kind.letter:
            ref = kind.ref(record_id)
            current().streams.note(f"created {kind.label.lower()} {ref}  {result.titles.get(ref, '')}".rstrip())


def _write_lines(kind: "Entity", actions: Mapping[int, str], verb: str) -> None:
    from crmcli.output.records import wrote

    streams = current().streams
    if streams.is_terminal and len(actions) > _LINES:
        if not streams.quiet:
            streams.data(_count_line(kind, list(actions.values()), verb))
        return
    for record_id, (ref, title) in _names(kind, actions).items():
        full = _full_title(kind, record_id, title) if streams.is_terminal else ""
        done = f"{_past(actions[record_id], verb)} {kind.label.lower()}"
        wrote(streams, done, ref, "" if full == ref else full)


def _names(kind: "Entity", ids: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Return refs and titles by id; of a record that is gone since, as after a repeated command, the bare ref."""
    from crmcli.queries.labels import labels
    from crmcli.queries.references import refs_with_titles

    con, asked = current().reader(), list(ids)
    if kind.letter:
        known = labels(con, kind, asked)
        return {n: (kind.ref(n), known[n].name if n in known else "") for n in asked}
    named = {record_id: refs_with_titles(con, kind.name, [record_id]) for record_id in asked}
    return {record_id: found[0] for record_id, found in named.items() if found}


def _count_line(kind: "Entity", actions: list[str], verb: str) -> str:
    kinds = dict.fromkeys(actions)
    return ", ".join(f"{_past(action, verb)} {counted(kind.name, actions.count(action))}" for action in kinds)


def _past(action: str, verb: str) -> str:
    return verb if verb and action != "unchanged" else _DONE[action]


def _full_title(kind: "Entity", record_id: int, title: str) -> str:
    """Return a name with that of the company beside it: ``Anna Rossi · Acme``."""
    from crmcli.queries.records import get_record

    beside = _BESIDE.get(kind.name)
    if beside is None:
        return title
    company = (get_record(current().reader(), kind, record_id, [beside]) or {}).get(beside)
    return f"{title} · {company}" if company and company != title else title


def _write_records(actions: Mapping[str, Mapping[int, str]], output: str) -> None:
    """Write the records as they now are: one JSON object for one record, else what a list would be."""
    from crmcli.cli.listing import write_rows
    from crmcli.output.json import write_object
    from crmcli.output.tables import choose_format

    name = choose_format(output, current().streams)
    machine = name in ("json", "jsonl")
    rows = {entity: _read_back(ENTITIES[entity], done, machine) for entity, done in actions.items()}
    everything = (row for found in rows.values() for row in found)
    if name == "json" and sum(map(len, actions.values())) == 1:
        for row in everything:
            write_object(row, current().streams)
    elif machine:
        write_rows(ENTITIES[next(iter(rows))], everything, output)
    else:
        for entity, found in rows.items():
            write_rows(ENTITIES[entity], found, output)


def _read_back(kind: "Entity", ids: Iterable[int], machine: bool) -> Iterator[dict[str, object]]:
    """Yield records as they now are; of one that a repeated command tells, taken back since, what names it."""
    from json import dumps

    from crmcli.conditions.expression import Clause
    from crmcli.queries.history import uid_of
    from crmcli.queries.records import ListQuery, default_columns, list_records

    con, missing = current().reader(), set(ids)
    these = Clause("r.id IN (SELECT value FROM json_each(:ids))", {"ids": dumps(sorted(missing))})
    query = ListQuery(these, columns=default_columns(kind, machine), deleted=True)
    for row in list_records(con, kind, query).rows:
        missing -= {row["id"]}
        yield row
    for record_id in sorted(missing):
        yield {"ref": kind.ref(record_id), "id": record_id, "uid": uid_of(con, kind, record_id), "undone": True}
