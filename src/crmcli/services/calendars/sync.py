"""Keeps records in step with a collection of a CalDAV or CardDAV server, both ways: first takes in, then sends.

What was agreed on last is kept in the store, so that a change is told from what it was before, on whichever side.
"""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from sqlite3 import Connection

from crmcli import clock
from crmcli.catalogue import ENTITIES
from crmcli.conditions.expression import Clause
from crmcli.config.calendars import Synced
from crmcli.config.paths import ensure
from crmcli.domain.plurals import counted
from crmcli.errors import UsageError
from crmcli.formats.files import write_text
from crmcli.importing.options import Options
from crmcli.integrations.dav import Body, Changes, Collection
from crmcli.integrations.secrets import get_secret, of_synced
from crmcli.queries.fields import custom_fields
from crmcli.queries.imports import own_addresses
from crmcli.services.calendars import state
from crmcli.services.calendars.comparing import Prefer
from crmcli.services.calendars.items import file_name, sent_items
from crmcli.services.calendars.pulling import Key, Pulling, Theirs
from crmcli.services.calendars.pushing import Pushing, Sending, to_send
from crmcli.services.calendars.reading import Reader
from crmcli.services.calendars.report import THERE, Report, Told
from crmcli.services.calendars.state import Statement
from crmcli.services.results import Context, manner_of
from crmcli.services.writer import Writer, write
from crmcli.store.job_lock import job_lock
from crmcli.store.reader import open_reader
from crmcli.store.unit_of_work import UnitOfWork

_ENTITIES = {"calendar": ("event", "task"), "contacts": ("contact",)}
_NAMES = {"event": "VEVENT", "task": "VTODO"}
_MOST_REMOVED = 100
_FEW = 3  # of which all may go without a question

Wanted = Mapping[str, Clause]  # by entity, which new records are sent


def synchronise(context: Context, account: Synced, wanted: Wanted, prefer: Prefer = None) -> Report:
    """Bring both sides in step, and return what was done; ``prefer`` decides conflicts (local, remote).

    A dry run tells it and changes neither side. ExternalError where the server fails; UsageError when much would be
    removed on one side and the command does not allow so many.
    """
    with job_lock(context.store, f"sync-{account.name}") as is_ours:
        if not is_ours:
            return Report(is_running=True)
        return _Run(context, account, wanted, prefer).run()


class _Run:
    """One synchronisation of one account."""

    def __init__(self, context: Context, account: Synced, wanted: Wanted, prefer: Prefer) -> None:
        self._context = replace(context, command=replace(context.command, kind="import", idempotency_key=None))
        self._account = account
        self._wanted = wanted
        self._prefer = prefer
        self._report = Report()
        with closing(self._open()) as con:
            self._known = state.known_items(con, account)
            self._token = state.token_of(con, account)
            self._reader = Reader(account.kind, self._options(con))
            self._vanished = self._without_records(con)

    def run(self) -> Report:
        account, paths = self._account, self._context.paths
        password = get_secret(of_synced(account), paths) if account.user and paths else ""
        with Collection(account, password) as server:
            taken = server.components()
            entities = [name for name in _ENTITIES[account.kind] if not taken or _NAMES.get(name, "") in taken]
            theirs = self._theirs(server, server.changes(self._token))
            self._check(len(theirs.gone & self._known.keys()), "here")
            held = self._pull(theirs)
            sending = self._sending(entities, held, theirs)
            self._check(len(sending.removed), "there")
            if self._context.command.dry_run:
                self._foretell(sending)
            else:
                Pushing(server, account, self._reader, self._report, self._keep).run(sending)
        return self._report

    def _theirs(self, server: Collection, changes: Changes) -> Theirs:
        known = self._known
        gone = frozenset(known.keys() - changes.etags.keys()) if changes.is_whole else changes.gone
        fresh = [href for href, etag in changes.etags.items() if href not in known or known[href].etag != etag]
        bodies = dict(server.bodies(fresh))
        again = {href: Body(known[href].etag, known[href].body) for href in self._vanished - gone}
        return Theirs(again | bodies, gone, changes.token)

    def _pull(self, theirs: Theirs) -> set[Key]:
        """Take in what changed there; nothing is opened to be written where nothing did."""
        if not theirs.bodies and not (theirs.gone & self._known.keys()):
            if theirs.token and not self._context.command.dry_run:
                self._keep([state.reached(self._account, theirs.token, clock.now_text())])
            return set()
        pulled: list[Pulling] = []

        def work(writer: Writer) -> None:
            pulling = Pulling(writer, self._account, self._reader, self._prefer, self._report)
            pulling.run(theirs, self._known)
            pulled.append(pulling)

        done = write(self._context, work)
        self._report.warnings += done.warnings
        self._report.effects += done.effects
        (pulling,) = pulled
        if not self._context.command.dry_run:
            self._save_overruled(pulling.overruled)
        return pulling.held

    def _sending(self, entities: list[str], held: set[Key], theirs: Theirs) -> Sending:
        """Return what is to be sent, as things stand now; in a dry run as they stood before."""
        is_dry = self._context.command.dry_run
        with closing(self._open()) as con:
            known = self._known if is_dry else state.known_items(con, self._account)
            found = sent_items(con, {entity: self._clause(entity) for entity in entities})
            items = [one for one in found if not state.is_elsewhere(con, self._account, one.entity, one.uid)]
            wanted = self._uids(con, entities)
        known = {href: one for href, one in known.items() if one.entity in entities}
        if is_dry:  # what comes in would be in step afterwards
            touched = theirs.bodies.keys() | theirs.gone
            known = {href: one for href, one in known.items() if href not in touched}
            held = held | {one.key for one in self._known.values() if one.href in touched}
        return to_send(items, known, wanted, held)

    def _uids(self, con: Connection, entities: Sequence[str]) -> frozenset[Key]:
        """Return the items of which new ones are sent."""
        found = set()
        for entity, clause in self._wanted.items():
            if entity in entities:
                sql = f"SELECT {_uid_column(entity)} FROM {ENTITIES[entity].table} r WHERE r.deleted_at IS NULL"
                rows = con.execute(f"{sql} AND ({clause.sql})", dict(clause.parameters))
                found |= {(entity, uid) for (uid,) in rows}
        return frozenset(found)

    def _clause(self, entity: str) -> Clause:
        """Return which records may have to be sent: those that are known there, and those that are wanted there."""
        column = _uid_column(entity)
        known = f"{column} IN (SELECT s.uid FROM sync_item s WHERE s.entity = '{entity}' AND s.collection = :account)"
        parameters: dict[str, int | float | str] = {"account": self._account.name}
        if entity not in self._wanted:
            return Clause(known, parameters)
        wanted = _whole_series(entity, self._wanted[entity])
        return Clause(f"({known} OR {wanted.sql})", {**parameters, **wanted.parameters})

    def _check(self, count: int, side: str) -> None:
        """Refuse to remove much, or everything, without being told so: the other side may be broken or empty."""
        limit = self._context.command.most
        is_all = count == len(self._known) and count > _FEW
        if count > (limit if limit is not None else 0 if is_all else _MOST_REMOVED):
            told = f"{self._account.name}: {counted(count, 'item')} would be removed {side}"
            raise UsageError(told, hint=f"--max {count} allows it", code="mass.limit")

    def _foretell(self, sending: Sending) -> None:
        name = self._account.name
        told = self._report.told
        told += [Told(name, THERE[bool(known)], item.ref, item.title) for item, known in sending.items]
        told += [Told(name, THERE[2], "", known.title) for known in sending.removed]

    def _save_overruled(self, versions: list[tuple[str, str]]) -> None:
        """Keep the versions of the server that give way in files."""
        if not versions or self._context.paths is None:
            return
        folder = ensure(self._context.paths.state / "conflicts")
        suffix = ".ics" if self._account.kind == "calendar" else ".vcf"
        for uid, text in versions:
            path = folder / f"{self._account.name}-{file_name(uid, suffix)}"
            write_text(path, text)
            self._report.warnings.append(f"what was there is in {path}")

    def _keep(self, statements: Sequence[Statement]) -> None:
        with UnitOfWork(self._context.store, manner_of(self._context.settings), self._context.command.text) as unit:
            for sql, values in statements:
                unit.execute(sql, values)
            unit.commit()

    def _open(self) -> Connection:
        return open_reader(self._context.store, self._context.settings.timezone)

    def _options(self, con: Connection) -> Options:
        settings = self._context.settings
        return Options(
            zone=settings.timezone, own=own_addresses(con), custom=custom_fields(con), currency=settings.currency
        )

    def _without_records(self, con: Connection) -> frozenset[str]:
        """Return the addresses of items whose records are no more, not even as removed ones: an undo took them."""
        found = set()
        for href, known in self._known.items():
            sql = f"SELECT 1 FROM {ENTITIES[known.entity].table} r WHERE {_uid_column(known.entity)} = ?"
            if con.execute(sql, (known.uid,)).fetchone() is None:
                found.add(href)
        return frozenset(found)


def _uid_column(entity: str) -> str:
    return "COALESCE(r.ical_uid, r.uid)" if entity == "event" else "r.uid"


def _whole_series(entity: str, clause: Clause) -> Clause:
    """Return a condition that fits all of a series where it fits a part of it."""
    column, table = _uid_column(entity), ENTITIES[entity].table
    inside = f"SELECT {column} FROM {table} r WHERE r.deleted_at IS NULL AND ({clause.sql})"
    return Clause(f"{column} IN ({inside})", clause.parameters)
