"""Records of every kind with values that files find hard to hold, made by hypothesis and put in by the write path.

Which fields there are is asked of the catalogue, so that a new one is tried without being named here.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from crmcli.catalogue import ENTITIES
from crmcli.domain import enums
from crmcli.domain.dates import Moment
from crmcli.domain.schema import Field
from crmcli.domain.zones import to_utc
from crmcli.errors import Problem
from crmcli.services.results import Command, Context, Wanted
from crmcli.services.writer import Writer, write
from tests.e2e.naughty import storable
from tests.services.world import SETTINGS

Values = dict[str, Any]
Strategy = st.SearchStrategy[Any]
KINDS = ("organization", "contact", "lead", "deal", "task", "event", "interaction", "ticket")
PIECES = (
    "=1+1", "'=x", "''-y", "+39 02", "@a", "\t", "\r\n", "\n", "\r", ";", ",", '"', "'", "\\", "\\n", ":", " ::: ", "|",
    "[1]", '["a"]', "{", "-", "_x000D_", "\x1b[31m", "\x0b", "\x7f", "\x85", "\u2028", "\u202e", "\u200b", "\ufeff",
    "#N/A", "TRUE", "00123", "1,234", "1e5", "2026-03-01", "BEGIN:VCARD", "END:VCALENDAR", "a" * 90, "è", "😀",
    "  ", "^n", "%2C", "work: x", "＝x", " =1", "\xa0",
)  # fmt: skip
ZONES = ("Europe/Rome", "America/New_York", "UTC", "Asia/Kolkata")
CUSTOM = (("words", "text"), ("budget", "money"), ("points", "int"), ("quota", "decimal"), ("active", "bool"),
          ("since", "date"), ("seen", "datetime"), ("langs", "multi_enum"), ("size", "enum"), ("site", "url"),
          ("facts", "json"))  # fmt: skip
OPTIONS = ("it", "de, ch", "a;b", "[x]")
ROLES = ("cc", "=role", "a; b")

LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff")  # which XML does not know
TEXTS = st.lists(st.one_of(st.sampled_from(PIECES), st.text(LETTERS, max_size=8)), min_size=1, max_size=6)
TEXT = TEXTS.map("".join).filter(storable)
WORD = st.sampled_from(["rossi", "anna.neri", "info", "o'hara", "a+b", "x_y", "=z"])
EMAIL = st.builds("{}{}@example.{}".format, WORD, st.integers(1, 99), st.sampled_from(["com", "org"]))
PHONE = st.one_of(
    st.integers(1_000_000, 9_999_999).map("+39 02 {}".format),
    st.integers(1_000_000, 9_999_999).map("02/{} ext. 7".format),
    st.sampled_from(["02 1234567,5", "call Anna", "ask; for 7", "Ufficio: 02 7654321"]),
)
LABEL = st.one_of(st.none(), st.sampled_from(["work", "home", "mobile", "fax", "Second home", "2nd", "a,b", "x: y"]))
URL = st.integers(1, 99).map("https://www.example.com/{}?a=1,2;b".format)
DAY = st.dates(date(1960, 1, 1), date(2035, 12, 31)).map(date.isoformat)
WALL = st.datetimes(datetime(1975, 1, 1), datetime(2035, 12, 31)).map(lambda at: at.isoformat(timespec="minutes"))
PAST = st.datetimes(datetime(1975, 1, 1), datetime(2026, 3, 1)).map(lambda at: f"{at:%Y-%m-%dT%H:%M}:00Z")
AMOUNT = st.integers(0, 10**12).map(lambda minor: Decimal(minor) / 100)
TAGS = st.lists(st.sampled_from(["vip", "new customer", "=tag", "a;b", "[x]", "é", "x ::: y"]), unique=True, max_size=3)
REMINDERS = st.lists(st.sampled_from(["-PT15M", "-P1D", "PT0S", "20260301T080000Z"]), unique=True, max_size=3)
RULES = st.sampled_from(["FREQ=WEEKLY;COUNT=3", "FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20301231T000000Z"])
FACTS = st.sampled_from([{"a": [1, None, True, "=1"]}, [1, 2.5], ["a;b", "c"], {"b": {"c": "x\ny"}}])
ID = st.integers(1, 2)  # of a record that may be there


def _moment(wall: str, zone: str) -> Moment:
    return Moment(wall, len(wall) == 10, to_utc(wall, zone), zone)


def _some(**fields: Strategy) -> st.SearchStrategy[Values]:
    return st.fixed_dictionaries({}, optional=fields)


def _rows(**parts: Strategy) -> st.SearchStrategy[list[Values]]:
    return st.lists(st.fixed_dictionaries(parts), max_size=3)


def _points(value: Strategy) -> st.SearchStrategy[list[Values]]:
    return _rows(value=value, label=LABEL, is_primary=st.booleans())


def _pointers(*entities: str, **parts: Strategy) -> st.SearchStrategy[list[Values]]:
    return _rows(entity=st.sampled_from(entities), record_id=ID, **parts)


MOMENT = st.builds(_moment, st.one_of(WALL, DAY), st.sampled_from(ZONES))
BY_TYPE: Mapping[str, Strategy] = {
    "text": TEXT, "int": st.integers(0, 10**6), "money": AMOUNT, "percent": st.integers(1, 99).map(Decimal),
    "bool": st.booleans(), "date": DAY, "instant": MOMENT, "emails": _points(EMAIL), "phones": _points(PHONE),
    "socials": _points(URL), "tags": TAGS, "ref": ID,
}  # fmt: skip
BY_KEY: Mapping[str, Strategy] = {
    "website": URL, "domain": st.sampled_from(["example.com", "shop.example.org"]), "currency":
    st.sampled_from(["EUR", "USD", "KWD"]), "birthdate": st.one_of(DAY, st.just("--06-15")), "country":
    st.sampled_from(["IT", "DE", "Atlantis"]), "billing_country": st.sampled_from(["IT", "Atlantis"]),
    "language": st.sampled_from(["it", "de"]), "timezone": st.sampled_from(ZONES), "rrule": RULES,
    "reminders": REMINDERS, "follow_every": st.sampled_from(["2w", "every 3 months", "never"]), "end_at":
    st.integers(1, 99), "exdates": st.lists(WALL, min_size=1, max_size=2, unique=True), "rdates":
    st.lists(WALL, min_size=1, max_size=2, unique=True), "csat_score":
    st.integers(1, 5), "occurred_at": PAST, "probability_source": st.just("manual"), "stage": st.integers(1, 9),
    "links": _pointers("organization", "contact", "lead", "deal", is_main=st.integers(0, 1),
                       role=st.one_of(st.none(), st.sampled_from(ROLES))),
    "attendees": _pointers("user", "contact", "lead", response=st.sampled_from(enums.values("attendee_response"))),
    "organizations": _rows(organization_id=ID, role=st.one_of(st.none(), st.sampled_from(ROLES)),
                           is_primary=st.integers(0, 1), is_active=st.integers(0, 1)),
    "contacts": _rows(contact_id=ID, role=st.sampled_from([None, *enums.values("deal_contact_role")])),
    "dates": _rows(label=st.sampled_from(["name day", "x;y"]), day=DAY, remind=st.integers(0, 1)),
    "external_refs": _rows(system=st.sampled_from(["hubspot", "a b"]), external_id=st.uuids().map("={}".format),
                           url=st.one_of(st.none(), URL)),
}  # fmt: skip
DERIVED = frozenset({"full_name", "email", "phone", "city", "organization", "pipeline"})  # said by other fields
CUSTOMS = _some(**{
    "custom.words": TEXT, "custom.budget": AMOUNT, "custom.points": st.integers(-5, 10**9), "custom.since": DAY,
    "custom.quota": st.decimals(-100, 100, places=3), "custom.active": st.booleans(), "custom.size":
    st.sampled_from(OPTIONS), "custom.seen": WALL.map(lambda wall: to_utc(wall, "UTC")), "custom.site": URL,
    "custom.langs": st.lists(st.sampled_from(OPTIONS), unique=True), "custom.facts": FACTS,
})  # fmt: skip
NEEDED: Mapping[str, Values] = {  # beside what else is needed for a record to be one
    "contact": {"last_name": TEXT}, "lead": {"company_name": TEXT}, "interaction": {"body": TEXT},
    "deal": {"organization": ID, "contact": ID},
}  # fmt: skip
FROM_FILES: Mapping[str, Mapping[str, Strategy]] = {  # what only an import could have brought
    "event": {"ical_uid": st.uuids().map("{}@example.com".format), "sequence_no": st.integers(0, 9),
              "recurrence_id": WALL},
    "deal": {"lost_reason": st.sampled_from(["price", "timing"]), "lost_note": TEXT},
}  # fmt: skip


def _strategy(field: Field) -> Strategy | None:
    if field.key in BY_KEY:
        return BY_KEY[field.key]
    return st.sampled_from(enums.values(field.enum)) if field.enum else BY_TYPE.get(field.type)


def _values(entity: str) -> st.SearchStrategy[Values]:
    fields = {
        field.key: found
        for field in ENTITIES[entity].fields.values()
        if field.writable and field.key not in DERIVED and (found := _strategy(field)) is not None
    }
    fields |= FROM_FILES.get(entity, {})
    needed = {key: fields[key] for key in fields if ENTITIES[entity].fields[key].required} | NEEDED.get(entity, {})
    rest = st.lists(st.sampled_from([key for key in fields if key not in needed]), unique=True, max_size=12)
    chosen = rest.flatmap(lambda keys: st.fixed_dictionaries({key: fields[key] for key in keys}))
    both = st.tuples(st.fixed_dictionaries(needed), chosen, CUSTOMS)
    whole = both.map(lambda found: {key: value for part in found for key, value in part.items()})
    return whole.map(_ended) if entity == "event" else whole


def _ended(event: Values) -> Values:
    """Return an event whose end, where it has one, is its start and some time, and whose dates are of its kind."""
    start = event["start_at"]
    if "rdates" in event:
        event = event | {"rdates": [wall[: len(start.wall)] for wall in event["rdates"]]}
    if "end_at" not in event:
        return event
    if start.is_date:
        wall = (date.fromisoformat(start.wall) + timedelta(days=event["end_at"])).isoformat()
    else:
        wall = (datetime.fromisoformat(start.wall) + timedelta(hours=event["end_at"])).isoformat(timespec="minutes")
    return event | {"end_at": _moment(wall, start.zone)}


RECORDS = st.fixed_dictionaries({name: st.lists(_values(name), min_size=2, max_size=3) for name in KINDS})


def define(store: Path) -> None:
    """Give every kind of record custom fields, and the store a second user."""

    def work(writer: Writer) -> None:
        writer.create("user", {"handle": "bruno"})
        for entity in KINDS:
            for key, kind in CUSTOM:
                if kind != "money" or ENTITIES[entity].find("currency"):
                    options = {"options": [*OPTIONS]} if "enum" in kind else {}
                    writer.create("custom_field", {"entity": entity, "key": key, "type": kind, **options})

    write(Context(store, SETTINGS, Command("crm test")), work)


def fill(store: Path, records: Mapping[str, list[Values]]) -> None:
    """Store what of the records can be: without links to records that are not there, and what is refused."""

    def work(writer: Writer) -> None:
        for entity, found in records.items():
            for values in found:  # each by itself, so that it finds those before it
                _store(writer, entity, _linked(writer, entity, values))

    write(Context(store, SETTINGS, Command("crm test", allow_duplicate=True)), work)


def _store(writer: Writer, entity: str, values: Values) -> None:
    refused: list[Problem] = []
    writer.save_many(entity, [Wanted(values)], lambda _, problems: refused.extend(problems))
    bad = {name for problem in refused for name in (problem.field, f"custom.{problem.field}")} & values.keys()
    if bad:
        _store(writer, entity, {key: value for key, value in values.items() if key not in bad})


def _linked(writer: Writer, entity: str, values: Values) -> Values:
    linked = dict(values)
    for key in values:
        field = ENTITIES[entity].find(key)
        if field is not None and field.type == "ref" and not _is_there(writer, field.ref, values[key]):
            del linked[key]
    for key, pointed in _POINTED.items():
        if rows := [row for row in values.get(key, ()) if _is_there(writer, *pointed(row))]:
            linked[key] = rows
        else:
            linked.pop(key, None)
    return linked


_POINTED: Mapping[str, Callable[[Values], tuple[str, int]]] = {
    "links": lambda row: (row["entity"], row["record_id"]),
    "attendees": lambda row: (row["entity"], row["record_id"]),
    "organizations": lambda row: ("organization", row["organization_id"]),
    "contacts": lambda row: ("contact", row["contact_id"]),
}


def _is_there(writer: Writer, entity: str, record_id: int) -> bool:
    return writer.one(f"SELECT id FROM {ENTITIES[entity].table} WHERE id = ?", record_id) is not None
