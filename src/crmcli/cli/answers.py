"""From a command to a write and back: the context a service is called with, the question before, the answer after.

Every writing command uses these, so that all of them mask, ask and answer alike. What a result holds is decided by the
services, how a line looks by ``output``.
"""

import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import typer

from crmcli.catalogue import ENTITIES
from crmcli.cli.session import current
from crmcli.cli.signatures import Asked
from crmcli.errors import CrmError, UsageError

if TYPE_CHECKING:
    from crmcli.domain.schema import Entity
    from crmcli.services.results import Context, Result

_LINES = 10  # records told one by one
_PREVIEWED = 5  # records named before a question
_DONE = {"create": "Created", "update": "Updated", "delete": "Removed", "restore": "Restored", "unchanged": "Unchanged"}
_BESIDE = {"lead": "company_name", "contact": "organization", "deal": "organization", "ticket": "organization"}


def context(
    asked: Asked, *, kind: str = "write", allow_duplicate: bool = False, plain: Collection[str] = ()
) -> "Context":
    """Return what a service is called with. Ends the reading of this run, which could stand in the way of the write.

    ``plain`` are words of the command line that hold nothing personal and may be kept in the history.
    """
    from crmcli.cli.masking import masked
    from crmcli.services.results import Command, Context

    session = current()
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
    )
    return Context(session.store_path, session.settings, command, session.paths.rules)


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
    if not can_ask():
        raise UsageError(f"{question} Say so with --yes", hint="--dry-run shows what would change", code="unconfirmed")
    from crmcli.output.safe import safe

    for line in preview():
        streams.note(line)
    if not typer.confirm(safe(question), err=True):
        raise CrmError("nothing was changed", code="declined")


def _first_records(entity: str, ids: Sequence[int]) -> Iterator[str]:
    from crmcli.queries.references import refs_with_titles

    for ref, title in refs_with_titles(current().reader(), entity, ids[:_PREVIEWED]):
        yield f"  {ref}  {title}"
    if len(ids) > _PREVIEWED:
        yield f"  … and {len(ids) - _PREVIEWED} more"


def can_ask() -> bool:
    """Say whether there is a person to ask: standard input and output are both a terminal."""
    return current().streams.is_terminal and sys.stdin is not None and sys.stdin.isatty()


def counted(entity: str, count: int) -> str:
    """Return a number of records in words: ``1 deal``, ``312 deals``."""
    kind = ENTITIES[entity]
    return f"{count} {kind.label.lower() if count == 1 else kind.plural}"


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
    if result.replayed:
        streams.note("this was done before, under the same key")
    _tell_others(result, about)
    actions = {entity: _actions(result, entity, ids) for entity, ids in about.items()}
    if asked.output is not None:
        _write_records(actions, asked.output)
        return
    for entity, done in actions.items():
        _write_lines(ENTITIES[entity], done, verb)


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
    from crmcli.queries.references import refs_with_titles

    streams = current().streams
    if streams.is_terminal and len(actions) > _LINES:
        if not streams.quiet:
            streams.data(_count_line(kind, list(actions.values()), verb))
        return
    named = refs_with_titles(current().reader(), kind.name, actions)
    for (record_id, action), (ref, title) in zip(actions.items(), named, strict=True):
        full = _full_title(kind, record_id, title) if streams.is_terminal else ""
        wrote(streams, f"{_past(action, verb)} {kind.label.lower()}", ref, "" if full == ref else full)


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
    from crmcli.output.records import write_object
    from crmcli.output.tables import choose_format

    is_json = choose_format(output, current().streams) == "json"
    rows = {entity: _read_back(ENTITIES[entity], done, is_json) for entity, done in actions.items()}
    if is_json and sum(map(len, actions.values())) == 1:
        write_object(next(iter([row for found in rows.values() for row in found])), current().streams)
    elif is_json:
        write_rows(ENTITIES[next(iter(rows))], (row for found in rows.values() for row in found), output)
    else:
        for entity, found in rows.items():
            write_rows(ENTITIES[entity], found, output)


def _read_back(kind: "Entity", ids: Iterable[int], machine: bool) -> Iterator[dict[str, Any]]:
    from crmcli.queries.records import default_columns, get_record

    con = current().reader()
    found = (get_record(con, kind, record_id, default_columns(kind, machine)) for record_id in ids)
    yield from (record for record in found if record is not None)
