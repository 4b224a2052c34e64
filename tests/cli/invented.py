"""Records of every kind with values that files find hard to hold, made by hypothesis and put in by the write path."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from crmcli.domain.dates import Moment
from crmcli.domain.zones import to_utc
from crmcli.services.results import Command, Context, Wanted
from crmcli.services.writer import Writer, write
from tests.e2e.naughty import storable
from tests.services.world import SETTINGS

Values = dict[str, Any]
PIECES = (
    "=1+1", "'=x", "''-y", "+39 02", "@a", "\t", "\r\n", "\n", "\r", ";", ",", '"', "'", "\\", "\\n", ":", " ::: ", "|",
    "[1]", '["a"]', "{", "-", "_x000D_", "\x1b[31m", "\x0b", "\x7f", "\x85", "\u2028", "\u202e", "\u200b", "\ufeff",
    "#N/A", "TRUE", "00123", "1,234", "1e5", "2026-03-01", "BEGIN:VCARD", "END:VCALENDAR", "a" * 90, "è", "😀",
    "  ", "^n", "%2C", "work: x",
)  # fmt: skip
ZONES = ("Europe/Rome", "America/New_York", "UTC", "Asia/Kolkata")
CUSTOM = (("words", "text"), ("budget", "money"), ("points", "int"), ("ratio", "decimal"), ("active", "bool"),
          ("since", "date"), ("seen", "datetime"), ("langs", "multi_enum"))  # fmt: skip
OPTIONS = ("it", "de, ch", "a;b")

LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff")  # which XML does not know
TEXTS = st.lists(
    st.one_of(st.sampled_from(PIECES), st.text(LETTERS, max_size=8)),
    min_size=1,
    max_size=6,
)
TEXT = TEXTS.map("".join).filter(storable)
WORD = st.sampled_from(["rossi", "anna.neri", "info", "o'hara", "a+b", "x_y"])
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
INSTANT = WALL.map(lambda wall: to_utc(wall, "UTC"))
PAST = st.datetimes(datetime(1975, 1, 1), datetime(2026, 3, 1)).map(lambda at: f"{at:%Y-%m-%dT%H:%M}:00Z")
AMOUNT = st.integers(0, 10**12).map(lambda minor: Decimal(minor) / 100)
TAGS = st.lists(st.sampled_from(["vip", "new customer", "=tag", "a;b", "[x]", "é", "x ::: y"]), unique=True, max_size=3)


def _points(value: st.SearchStrategy[str]) -> st.SearchStrategy[list[Values]]:
    points = st.lists(st.tuples(value, LABEL, st.booleans()), max_size=3, unique_by=lambda point: point[0])
    return points.map(lambda found: [{"value": v, "label": n, "is_primary": p} for v, n, p in found])


def _moment(wall: str, zone: str) -> Moment:
    return Moment(wall, len(wall) == 10, to_utc(wall, zone), zone)


MOMENT = st.builds(_moment, st.one_of(WALL, DAY), st.sampled_from(ZONES))


def _some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Values]:
    return st.fixed_dictionaries({}, optional=fields)


CUSTOMS = _some(**{
    "custom.words": TEXT, "custom.budget": AMOUNT, "custom.points": st.integers(-5, 10**9), "custom.since": DAY,
    "custom.ratio": st.decimals(-100, 100, places=3), "custom.active": st.booleans(),
    "custom.seen": INSTANT, "custom.langs": st.lists(st.sampled_from(OPTIONS), unique=True),
})  # fmt: skip
ADDRESS = _some(
    street=TEXT, city=TEXT, region=TEXT, postal_code=TEXT, country=st.sampled_from(["IT", "DE", "Atlantis"])
)
PERSON = _some(
    salutation=TEXT, first_name=TEXT, job_title=TEXT, website=URL, description=TEXT, emails=_points(EMAIL),
    phones=_points(PHONE), socials=_points(URL), tags=TAGS, do_not_call=st.booleans(),
    source=st.sampled_from(["form", "other"]),
    source_detail=TEXT, rating=st.sampled_from(["hot", "cold"]),
)  # fmt: skip


def _all(*parts: st.SearchStrategy[Values]) -> st.SearchStrategy[Values]:
    return st.tuples(*parts).map(lambda found: {key: value for part in found for key, value in part.items()})


def _with(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Values]:
    return st.fixed_dictionaries(fields)


ID = st.one_of(st.none(), st.integers(1, 2))
LINKS = st.lists(
    st.tuples(st.sampled_from(["organization", "contact", "deal"]), st.integers(1, 2)), unique=True, max_size=3
)
KINDS: Mapping[str, st.SearchStrategy[Values]] = {
    "organization": _all(
        _with(name=TEXT),
        _some(legal_name=TEXT, website=URL, description=TEXT, billing_city=TEXT, employees=st.integers(0, 10**6),
              annual_revenue=AMOUNT, emails=_points(EMAIL), phones=_points(PHONE), tags=TAGS,
              currency=st.sampled_from(["EUR", "USD"]), type=st.sampled_from(["customer", "partner"])),
    ),
    "contact": _all(
        _with(last_name=TEXT, organization=ID), PERSON, ADDRESS,
        _some(department=TEXT, birthdate=st.one_of(DAY, st.just("--06-15")), language=st.sampled_from(["it", "de"]),
              dates=st.lists(
                  _with(label=st.sampled_from(["name day", "x;y"]), day=DAY, remind=st.integers(0, 1)), max_size=2),
              next_contact_on=DAY),
    ),
    "lead": _all(
        _with(company_name=TEXT), PERSON, ADDRESS, CUSTOMS,
        _some(expected_amount=AMOUNT, status=st.sampled_from(["new", "contacted", "qualified"]), next_step=TEXT),
    ),
    "deal": _all(
        _with(name=TEXT, organization=ID, contact=ID),
        _some(amount=AMOUNT, expected_close=DAY, description=TEXT, next_step=TEXT, tags=TAGS,
              probability=st.integers(1, 99).map(Decimal), type=st.sampled_from(["new", "existing"])),
    ),
    "task": _all(
        _with(subject=TEXT),
        _some(due_at=MOMENT, priority=st.sampled_from(["low", "urgent"]), description=TEXT, tags=TAGS, links=LINKS,
              status=st.sampled_from(["todo", "waiting", "done", "cancelled"]), result=TEXT,
              reminders=st.just(["-PT15M", "-P1D"]), rrule=st.just("FREQ=WEEKLY;COUNT=3"),
              estimate_minutes=st.integers(1, 99)),
    ),
    "event": _all(
        _with(title=TEXT, start_at=MOMENT),
        _some(location=TEXT, description=TEXT, tags=TAGS, links=LINKS, join_url=TEXT,
              status=st.sampled_from(["planned", "held", "not_held", "cancelled"]), rrule=st.just("FREQ=DAILY;COUNT=9"),
              visibility=st.sampled_from(["public", "team", "private"]), reminders=st.just(["-PT15M"]),
              attendees=st.just([("user", 1), ("contact", 1)])),
    ),
    "interaction": _all(
        _with(kind=st.sampled_from(["call", "email", "note"]), occurred_at=PAST, body=TEXT),
        _some(subject=TEXT, direction=st.sampled_from(["in", "out"]), duration_seconds=st.integers(1, 9999),
              links=LINKS,
              pinned=st.booleans()),
    ),
    "ticket": _all(
        _with(subject=TEXT, contact=ID),
        _some(description=TEXT, priority=st.sampled_from(["low", "urgent"]), tags=TAGS, category=TEXT, resolution=TEXT),
    ),
}  # fmt: skip
RECORDS = st.fixed_dictionaries({name: st.lists(values, min_size=2, max_size=3) for name, values in KINDS.items()})


def fill(store: Path, records: Mapping[str, list[Values]]) -> None:
    """Store what of the records can be; links to records that are not there are left out."""

    def work(writer: Writer) -> None:
        for entity, found in records.items():
            wanted = [Wanted(_linked(writer, values)) for values in found]
            writer.save_many(entity, wanted, lambda *_: None)

    write(Context(store, SETTINGS, Command("crm test", allow_duplicate=True)), work)


def _linked(writer: Writer, values: Values) -> Values:
    linked = dict(values)
    for key in ("organization", "contact"):
        if key in values and not _is_there(writer, key, values[key]):
            del linked[key]
    for key in ("links", "attendees"):
        rows = [(entity, one) for entity, one in values.get(key, ()) if _is_there(writer, entity, one)]
        linked |= {key: [{"entity": entity, "record_id": one} for entity, one in rows]} if rows else {}
        if key in linked and not rows:
            del linked[key]
    return linked


def _is_there(writer: Writer, entity: str, record_id: int | None) -> bool:
    table = "app_user" if entity == "user" else entity
    return record_id is not None and writer.one(f"SELECT id FROM {table} WHERE id = ?", record_id) is not None
