"""Which people, companies, deals and activities a text names by an exact key: each step is one kind of key.

Steps look into indexes. Only a name that is written with letters no index folds as we do costs a scan.
"""

import re
import sqlite3
from collections.abc import Callable, Iterable

from crmcli.catalogue import ENTITIES
from crmcli.domain.schema import Entity
from crmcli.domain.text import fold
from crmcli.store.search import SEARCHED, row_number

Step = Callable[[sqlite3.Connection, Entity, str, str], list[int]]
POINTED = frozenset({"lead", "organization", "contact"})  # have e-mails and phones
KEYED = ("contact", "lead", "organization", "deal")  # searched by their keys when no kind is named
NAMES = {  # fields that are a record's full name
    "lead": ("full_name", "company_name"),
    "organization": ("name", "legal_name"),
    "contact": ("full_name",),
    "deal": ("name",),
    "task": ("subject",),
    "event": ("title",),
    "interaction": ("subject",),
    "ticket": ("subject",),
}
_NUMBER = r"[0-9]{1,18}"
_UID = r"[0-9a-fA-F-]{8,36}"
_WORD = r"[^\W_]+"
_ODD_LETTERS = "*[^ -~À-Þà-įĴ-ľŁ-ňŊ-ž]*"  # letters that the text index may not fold as ``fold`` does
_FEWEST_DIGITS = 5  # of a phone number
_MOST_NEAR = 200  # names compared for a hint
_STRIDE = row_number("lead", 1) - row_number("lead", 0)


def by_id(_: sqlite3.Connection, entity: Entity, text: str, __: str) -> list[int]:
    """Return the record of a number, for whoever named the kind of record."""
    return [int(text)] if re.fullmatch(_NUMBER, text) else []


def by_uid(con: sqlite3.Connection, entity: Entity, text: str, _: str) -> list[int]:
    """Return the records whose uid is a text, or starts with one of 8 characters or more."""
    if not re.fullmatch(_UID, text):
        return []
    sql = f"SELECT id FROM {entity.table} WHERE uid >= ? AND uid < ? ORDER BY id LIMIT 9"
    return _ids(con, sql, text.lower(), f"{text.lower()}~")


def by_email(con: sqlite3.Connection, entity: Entity, text: str, _: str) -> list[int]:
    """Return the records with an e-mail address."""
    if "@" not in text or entity.name not in POINTED:
        return []
    from crmcli.domain.emails import normalise

    try:
        address = normalise(text)
    except ValueError:  # a name may hold an @ too
        return []
    return _by_point(con, entity, "email", address)


def by_number(con: sqlite3.Connection, entity: Entity, text: str, _: str) -> list[int]:
    """Return the ticket of a number that its customer knows."""
    if entity.name != "ticket":
        return []
    return _ids(con, "SELECT id FROM ticket WHERE number = ?", text.upper())


def by_domain(con: sqlite3.Connection, entity: Entity, text: str, _: str) -> list[int]:
    """Return the organizations of a domain or web address."""
    if entity.name != "organization" or "." not in text or "@" in text or " " in text:
        return []
    from crmcli.domain.webs import domain_of_url

    domain = domain_of_url(text)
    return _ids(con, "SELECT id FROM organization WHERE domain = ? AND deleted_at IS NULL", domain) if domain else []


def by_phone(con: sqlite3.Connection, entity: Entity, text: str, country: str) -> list[int]:
    """Return the records with a phone number, in whatever way it is written."""
    if entity.name not in POINTED or sum(map(str.isdecimal, text)) < _FEWEST_DIGITS or any(map(str.isalpha, text)):
        return []
    from crmcli.domain.phones import normalise

    number = normalise(text, country).e164
    return _by_point(con, entity, "phone", number) if number else []


def by_name(con: sqlite3.Connection, entity: Entity, text: str, _: str) -> list[int]:
    """Return the records of exactly that full name, case and accents folded; companies also without legal form."""
    wanted = fold(text)
    found = _indexed(con, entity, wanted) or _scanned(con, entity, wanted)
    if found or entity.name != "organization":
        return found
    from crmcli.domain.names import company_key

    return _ids(con, "SELECT id FROM organization WHERE name_key = ? AND deleted_at IS NULL", company_key(text))


STRONG_KEYS: tuple[Step, ...] = (by_email, by_number, by_domain, by_phone)
KEYS: tuple[Step, ...] = (*STRONG_KEYS, by_name)  # as they are tried, the most exact first


def near(con: sqlite3.Connection, entities: Iterable[str], text: str) -> str | None:
    """Return a hint with the records of the nearest names, found by the first letters of a word."""
    from difflib import get_close_matches  # only a mistake pays for this import

    starts = " OR ".join(f'"{word[:3]}"*' for word in re.findall(_WORD, fold(text)) if len(word) > 1)
    names: dict[str, str] = {}
    for name in entities if starts else ():
        for record_id, title in _starting(con, ENTITIES[name], starts):
            names.setdefault(fold(title), f"{title} ({ENTITIES[name].ref(record_id)})")
    close = get_close_matches(fold(text), names, n=3, cutoff=0.6)
    return f"did you mean {' or '.join(names[name] for name in close)}?" if close else None


def _starting(con: sqlite3.Connection, entity: Entity, starts: str) -> list[tuple[int, str]]:
    """Return the ids and names of some records that have a word with one of the given first letters."""
    sql = (
        f"SELECT r.id, {entity.title} FROM search_index s JOIN {entity.table} r ON r.id = s.rowid / {_STRIDE}"
        f" WHERE search_index MATCH ? AND s.rowid % {_STRIDE} = ? LIMIT {_MOST_NEAR}"
    )
    return con.execute(sql, (f"name : ({starts})", row_number(entity.name, 0))).fetchall()


def _by_point(con: sqlite3.Connection, entity: Entity, kind: str, norm: str) -> list[int]:
    return _ids(
        con,
        f"SELECT r.id FROM contact_point p JOIN {entity.table} r ON r.id = p.record_id"
        # the plus keeps SQLite from an index by entity, which would look at every contact point there is
        " WHERE p.value_norm = ? AND p.kind = ? AND +p.entity = ? AND r.deleted_at IS NULL ORDER BY r.id",
        norm,
        kind,
        entity.name,
    )


def _ids(con: sqlite3.Connection, sql: str, *values: str | int) -> list[int]:
    return [row[0] for row in con.execute(sql, values)]


def _indexed(con: sqlite3.Connection, entity: Entity, wanted: str) -> list[int]:
    """Let the text index narrow the search to records with all the words, then compare the names."""
    words = " ".join(f'"{word}"' for word in re.findall(_WORD, wanted))
    if not words:
        return []
    sql = (
        f"SELECT r.id FROM search_index s JOIN {entity.table} r ON r.id = s.rowid / {_STRIDE}"
        f" WHERE search_index MATCH ?2 AND s.rowid % {_STRIDE} = ?3 AND {_is_called(entity)} ORDER BY r.id"
    )
    return _ids(con, sql, wanted, f"name : ({words})", row_number(entity.name, 0))


def _scanned(con: sqlite3.Connection, entity: Entity, wanted: str) -> list[int]:
    """Compare the names whose letters the index may fold otherwise; all of them when the name has no letters."""
    columns = [f"r.{column}" for column in SEARCHED[entity.name].name]
    not_ascii = " OR ".join(f"length({column}) <> length(CAST({column} AS BLOB))" for column in columns)
    whole = " || ' ' || ".join(f"COALESCE({column}, '')" for column in columns)
    odd = f"({not_ascii}) AND ({whole}) GLOB '{_ODD_LETTERS}'" if re.search(_WORD, wanted) else "TRUE"
    return _ids(con, f"SELECT r.id FROM {entity.table} r WHERE {odd} AND {_is_called(entity)}", wanted)


def _is_called(entity: Entity) -> str:
    names = " OR ".join(f"fold({entity.fields[key].sql}) = ?1" for key in NAMES[entity.name])
    return f"r.deleted_at IS NULL AND ({names})"
