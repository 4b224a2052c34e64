"""How typed values become stored columns and child rows: one way for each field.

Here and only here does a value change its form; what a whole record must satisfy stands in ``services.invariants``.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import cache, partial
from typing import Any

from crmcli.catalogue import ENTITIES
from crmcli.domain.columns import OneEach, mapped
from crmcli.domain.countries import FIELDS as COUNTRIES
from crmcli.domain.countries import country_code
from crmcli.domain.dates import Moment
from crmcli.domain.forms import choose_option, conform, form_of
from crmcli.domain.money import Amount, from_minor, percent_to_bp, to_minor
from crmcli.domain.names import split_name
from crmcli.domain.schema import Field
from crmcli.domain.text import check_text
from crmcli.domain.zones import to_wall
from crmcli.errors import RefusedError
from crmcli.services.as_it_was import decimal_as_it_was, text_as_it_was
from crmcli.services.drafts import Draft, World, canonical, clean, custom_text
from crmcli.services.points import POINTS, make_primary, merge_points, plain_point_rows, point_rows

Way = Callable[[Draft, Any, World], None]
CUSTOM = "custom."  # before the key of a custom field


def assign(draft: Draft, values: Mapping[str, Any], world: World) -> None:
    """Put typed values into a draft; what cannot be understood becomes a problem of the draft.

    Keys are field keys. ``+key`` adds to a multi-valued field and ``-key`` takes away from it.
    """
    ways = _ways(draft.entity.name)
    for key in sorted(values, key="currency".__ne__) if "currency" in values else values:  # amounts need it
        try:
            ways[key](draft, values[key], world)
        except ValueError as error:
            draft.refuse(key.lstrip("+-"), str(error))
        except RefusedError as error:  # of a record that is created on the way, such as a tag
            reasons = dict.fromkeys(problem.reason for problem in error.problems)
            draft.refuse(key.lstrip("+-"), "; ".join(reasons) or error.message)
    if draft.custom is not None:
        draft.record["custom"] = custom_text(draft.custom)
    if "currency" in draft.given and draft.was("currency") not in (None, draft.record["currency"]):
        _keep_amounts(draft, world)


class _Ways(dict[str, Way]):
    """How values of the fields of an entity go into a draft; found once per field, since bulk loads assign millions."""

    def __init__(self, entity: str) -> None:
        self._entity = entity

    def __missing__(self, key: str) -> Way:
        way = self[key] = _way_of(self._entity, key)
        return way


_ways = cache(_Ways)


def _way_of(entity: str, key: str) -> Way:
    sign, name = (key[0], key[1:]) if key[0] in "+-" else ("", key)
    if special := _SPECIAL.get((entity, name)) or _SPECIAL.get(("", name)):
        return special
    found = ENTITIES[entity].find(name)
    if found is None:
        return partial(_assign_custom, name.removeprefix(CUSTOM))
    if found.multi:
        return _into_collection(found, sign)
    if not found.column:
        return lambda *_: _refuse_derived()
    return _into_column(found)


def _into_column(found: Field) -> Way:
    column, form = found.column, form_of(found)
    store = _country if found.key in COUNTRIES else _STORED.get(found.type)

    def put(draft: Draft, value: Any, world: World) -> None:
        stored = value if store is None or value is None else store(draft, found, value)
        if stored is None and found.required and draft.before is not None:
            raise ValueError("is required")  # what is missing on a new record may follow from the rest of it
        draft.record[column] = conform(form, stored, world.country) if form and stored else stored
        draft.given.add(column)

    def put_text(draft: Draft, value: str | None, world: World) -> None:
        if draft.before is None and value is not None:  # most of what bulk loads bring, and nothing to compare with
            draft.record[column] = clean(value)
            draft.given.add(column)
        else:
            put(draft, value, world)

    return put_text if store is _text and not form else put


def _refuse_derived() -> None:
    raise ValueError("is computed from other fields")


def _text(draft: Draft, field: Field, value: str) -> str | None:
    text = clean(value)
    if draft.before is None or draft.intent != "import":
        return text
    kept: str | None = text_as_it_was(draft.before.get(field.column), text)
    return kept


def _country(draft: Draft, field: Field, value: str) -> str | None:
    return country_code(value) or _text(draft, field, value)


def _money(draft: Draft, _field: Field, value: Amount | Decimal) -> int:
    if isinstance(value, Amount):
        if value.currencies and draft.record["currency"] not in value.currencies:
            _change_currency(draft, value.currency)
        value = value.value
    return to_minor(value, draft.record["currency"])


def _change_currency(draft: Draft, currency: str | None, _world: World | None = None) -> None:
    code = conform("currency", currency, "") if currency and currency.strip() else None
    draft.record["currency"] = code
    draft.given.add("currency")


def _keep_amounts(draft: Draft, world: World) -> None:
    """Give the amounts that stay the minor units of the record's new currency; one that does not fit is a problem."""
    old, new = draft.was("currency"), draft.record["currency"]
    if new is None:
        draft.refuse("currency", "is required")
        return
    custom = json.loads(draft.record.get("custom") or "{}")
    for fields, values in ((draft.entity.fields, draft.record), (world.custom_fields(draft.entity.name), custom)):
        for key, found in fields.items():
            place = key if values is custom else found.column
            if found.type != "money" or place in draft.given or values.get(place) is None:
                continue
            try:
                values[place] = to_minor(from_minor(values[place], old), new)
            except ValueError as error:
                draft.refuse(key, str(error))
    if custom:
        draft.custom, draft.record["custom"] = custom, custom_text(custom)


def _moment(draft: Draft, found: Field, value: str | Moment) -> str:
    return value.utc if isinstance(value, Moment) else value


def _day(_draft: Draft, _field: Field, value: str | Moment) -> str:
    return (value.wall if isinstance(value, Moment) else value)[:10]


def _json(_draft: Draft, _field: Field, value: Any) -> str | None:
    return None if value in (None, [], {}) else check_text(canonical(value))


_STORED: dict[str, Callable[[Draft, Field, Any], Any]] = {
    "text": _text,
    "money": _money,
    "percent": lambda _draft, _field, value: percent_to_bp(value),
    "bool": lambda _draft, _field, value: int(value),
    "instant": _moment,
    "date": _day,
    "json": _json,
}


def _into_collection(found: Field, sign: str) -> Way:
    key = found.key
    merge: Callable[[list[Any], list[Any], str], list[Any]] = merge_points if key in POINTS else _merged

    def rows_of(value: Any, world: World) -> list[dict[str, Any]]:
        if key in POINTS:
            return point_rows(key, value or [], world.country)
        if key == "tags":
            return [{"tag_id": tag_id} for tag_id in world.tag_ids(list(value or []), create=sign != "-")]
        return list(value or [])

    def put(draft: Draft, value: Any, world: World) -> None:
        rows = rows_of(value, world)
        draft.record[key] = merge(draft.record.get(key) or [], rows, sign) if sign or len(rows) > 1 else rows
        draft.given.add(key)

    return put


def _merged(present: list[dict[str, Any]], wanted: list[dict[str, Any]], sign: str) -> list[dict[str, Any]]:
    if sign == "-":
        return [row for row in present if not any(gone.items() <= row.items() for gone in wanted)]
    rows = list(present) if sign == "+" else []
    return rows + [row for number, row in enumerate(wanted) if row not in rows and row not in wanted[:number]]


_IN_JSON = _STORED | {  # where a custom value differs from that of a column
    "decimal": lambda _draft, _field, value: str(value),
    "json": lambda _draft, _field, value: value or None,
}


def _assign_custom(name: str, draft: Draft, value: Any, world: World) -> None:
    found = world.custom_fields(draft.entity.name).get(name)
    if found is None:
        raise ValueError(f"{draft.entity.noun} has no such field")
    if draft.custom is None:
        draft.custom = json.loads(draft.record["custom"]) if draft.record["custom"] else {}
    custom = draft.custom
    store = _IN_JSON.get(found.type)
    settled = value if store is None or value is None else store(draft, found, value)
    if name in custom and draft.intent == "import":
        keep = decimal_as_it_was if found.type == "decimal" else text_as_it_was
        settled = keep(custom[name], settled)
    if settled is not None and (found.form or found.options):
        settled = _as_defined(found, settled, world.country)
    if settled is None:
        custom.pop(name, None)
    else:
        if type(settled) is not int:
            check_text(settled if isinstance(settled, str) else canonical(settled))
        custom[name] = settled
    draft.given.update(("custom", name))


def _as_defined(found: Field, stored: Any, country: str) -> Any:
    """Return a stored value in the normal form of its field, or as the option it names; else ValueError."""
    if found.form:
        return conform(found.form, stored, country)
    if found.options:
        choose = partial(choose_option, found.options)
        return [choose(str(item)) for item in stored] if isinstance(stored, list) else choose(str(stored))
    return stored


def _full_name(draft: Draft, value: str | None, _world: World) -> None:
    draft.record["first_name"], draft.record["last_name"] = split_name((clean(value) if value else None) or "")
    draft.given |= {"first_name", "last_name"}


def _primary_point(kind: str) -> Callable[[Draft, str | None, World], None]:
    def put(draft: Draft, value: str | None, world: World) -> None:
        rows = point_rows(kind, [value] if value else [], world.country)
        draft.record[kind] = make_primary(draft.record.get(kind) or [], rows)
        draft.given.add(kind)

    return put


def _employer(draft: Draft, value: int | None, _world: World) -> None:
    present = next((row for row in draft.record.get("organizations") or () if row["is_primary"]), None)
    if draft.intent == "import" and present and present["organization_id"] == value:
        return  # a file that names the employer again does not speak of the role
    known = draft.record.get("organizations") or []
    others = [row | {"is_primary": 0} for row in known if row["organization_id"] != value] if known else []
    draft.record["organizations"] = [_employment(value, draft.record.get("job_title")), *others] if value else others
    draft.given.add("organizations")


def _employment(organization_id: int, role: str | None) -> dict[str, Any]:
    return {"organization_id": organization_id, "role": role, "is_primary": 1, "is_active": 1}


def _other(entity: str, name: str) -> Callable[[Draft, str | None, World], None]:
    """Return the way of a field that stands for another one."""
    return lambda draft, value, world: _way_of(entity, name)(draft, value, world)


def _ban(column: str) -> Way:
    """Return the way of a field that forbids: an import may set it, and never lifts it."""

    def put(draft: Draft, value: bool | None, _world: World) -> None:
        if not (draft.intent == "import" and draft.was(column)):
            draft.record[column] = int(bool(value))
        draft.given.add(column)

    return put


def _zoned(at: str, wall: str, zone: str, is_date: str) -> Callable[[Draft, str | Moment | None, World], None]:
    def put(draft: Draft, value: str | Moment | None, world: World) -> None:
        if value is None:
            moment: tuple[Any, ...] = (None, None, None, 0)
        elif draft.intent == "import" and _says_the_same(draft, value, at, wall, is_date):
            return  # it keeps the zone it was meant in
        elif isinstance(value, Moment):
            moment = (value.utc, value.wall, value.zone, int(value.is_date))
        else:
            moment = (value, to_wall(value, world.zone), world.zone, 0)
        draft.record[at], draft.record[wall], draft.record[zone], draft.record[is_date] = moment
        draft.given |= {at, wall, zone, is_date}

    return put


def _says_the_same(draft: Draft, value: str | Moment, at: str, wall: str, is_date: str) -> bool:
    """Say whether an instant is the stored one, or a day the stored day: what files tell without a zone."""
    if isinstance(value, Moment):
        return value.is_date and bool(draft.was(is_date)) and value.wall == draft.was(wall)
    return value == draft.was(at) and not draft.was(is_date)


_SPECIAL: dict[tuple[str, str], Callable[[Draft, Any, World], None]] = {
    ("", "currency"): _change_currency,
    ("", "full_name"): _full_name,
    ("", "do_not_call"): _ban("do_not_call"),
    ("", "do_not_email"): _ban("do_not_email"),
    ("lead", "name"): _full_name,
    ("contact", "name"): _full_name,
    ("lead", "email"): _primary_point("emails"),
    ("contact", "email"): _primary_point("emails"),
    ("organization", "email"): _primary_point("emails"),
    ("lead", "phone"): _primary_point("phones"),
    ("contact", "phone"): _primary_point("phones"),
    ("organization", "phone"): _primary_point("phones"),
    ("organization", "country"): _other("organization", "billing_country"),
    ("organization", "city"): _other("organization", "billing_city"),
    ("contact", "organization"): _employer,
    ("task", "due_at"): _zoned("due_at", "due_wall", "due_zone", "due_is_date"),
    ("event", "start_at"): _zoned("start_at", "start_wall", "zone", "all_day"),
    ("event", "end_at"): _zoned("end_at", "end_wall", "zone", "all_day"),
}


def target_of(entity: str, key: str) -> str:
    """Return the column, collection or ``custom.`` field that a field of a new record fills.

    Empty where what is stored does not follow from the value alone: amounts need the currency, and some fields fill
    several columns.
    """
    if (entity, key) in _SPECIAL or ("", key) in _SPECIAL or key[0] in "+-":
        return ""
    found = ENTITIES[entity].find(key)
    if found is None:
        return f"{CUSTOM}{key.removeprefix(CUSTOM)}"
    return "" if found.type == "money" else found.column or (found.key if found.multi else "")


def column_of(draft: Draft, key: str, values: Sequence[Any], world: World) -> Sequence[Any]:
    """Return what new records store for the values of a field that has a ``target_of`` its own; None stays None.

    The values are tried on an empty draft. ValueError or RefusedError for one that cannot be understood.
    """
    way, place = _ways(draft.entity.name)[key], target_of(draft.entity.name, key)
    is_custom, name = place.startswith(CUSTOM), place.removeprefix(CUSTOM)
    if isinstance(values, OneEach):
        return plain_point_rows(values)
    if name in POINTS:  # which differ from record to record
        return [None if points is None else point_rows(name, points, world.country) for points in values]

    def stored(value: Any) -> Any:
        if value is None:
            return None
        way(draft, value, world)
        return (draft.custom or {}).get(name) if is_custom else draft.record[name]

    return mapped(stored, values)


def employers_of(organizations: Sequence[int | None], titles: Sequence[str | None]) -> OneEach:
    """Return the employers of new contacts, who work there under their job titles."""
    each = [1] * len(organizations)
    return OneEach({"organization_id": organizations, "role": titles, "is_primary": each, "is_active": each})
