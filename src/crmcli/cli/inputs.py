"""What the words of a command mean for the records of one kind: refs to ids, ``KEY=VALUE`` and options to typed values.

Reading single values is the business of ``domain.inputs``, finding records that of ``queries.references``.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from crmcli.catalogue import ENTITIES
from crmcli.cli.session import current
from crmcli.domain.plurals import counted
from crmcli.errors import AmbiguousError, NotFoundError, UsageError

if TYPE_CHECKING:
    from crmcli.domain.dates import Moment
    from crmcli.domain.inputs import Reading
    from crmcli.domain.money import Amount, Currencies
    from crmcli.domain.schema import Entity, Field
    from crmcli.queries.references import Reference

_DATES = "crm help dates"
_POINTERS = frozenset({"links", "attendees"})  # lists of records of several kinds
_CREATED_BY_NAME = {"organization": "name", "contact": "full_name"}


def acting_user() -> int | None:
    """Return the id of the user at this keyboard, None when the store does not know them."""
    from crmcli.queries.scope import user_id

    session = current()
    return user_id(session.reader(), session.settings.user)


def find(entity: str | None, text: str, *, deleted: bool = False) -> "Reference":
    """Return the one record that a text names; on a terminal the user picks one of several.

    A note tells when a ref leads on to the survivor of a merge.
    """
    from crmcli.queries.references import find_reference

    session = current()
    country, me = session.settings.country, acting_user()
    try:
        found = find_reference(session.reader(), entity, text, country=country, me=me, deleted=deleted)
    except AmbiguousError as error:
        picked = pick(error.message.partition(":")[0], error.candidates)
        if picked is None:
            raise
        found = find_reference(session.reader(), entity, picked, country=country, me=me, deleted=deleted)
    if found.merged_from is not None:
        kind = ENTITIES[found.entity]
        session.streams.note(f"{kind.ref(found.merged_from)} was merged into {kind.ref(found.id)}")
    return found


def find_id(entity: str, text: str) -> int:
    """Return the id of the one record of a kind that a text names."""
    return find(entity, text).id


def find_ids(entity: str, words: Sequence[str], *, deleted: bool = False) -> list[int]:
    """Return the ids of the records that are named, each once; ``-`` stands for the lines of standard input."""
    return list(dict.fromkeys(find(entity, word, deleted=deleted).id for word in _named(words)))


def find_all(words: Sequence[str]) -> dict[str, list[int]]:
    """Return the ids of the records of any kind that are named, by entity; ``-`` as in ``find_ids``."""
    found: dict[str, list[int]] = {}
    for reference in dict.fromkeys(find(None, word)[:2] for word in _named(words)):
        found.setdefault(reference[0], []).append(reference[1])
    return found


def find_noun(word: str) -> "Entity":
    """Return the entity that a noun of the command line, or its name in conditions, stands for; else UsageError."""
    from crmcli.domain.schema import did_you_mean

    kinds = {name: kind for kind in ENTITIES.values() if kind.letter for name in (kind.noun, kind.name, kind.plural)}
    if word.casefold() not in kinds:
        nouns = list(dict.fromkeys(kind.noun for kind in kinds.values()))
        raise UsageError(f"there is no noun {word!r}", hint=did_you_mean(word, nouns) or f"one of {', '.join(nouns)}")
    return kinds[word.casefold()]


def pick(what: str, candidates: Sequence[tuple[str, str]]) -> str | None:
    """Let the user pick one of several by its number and return its ref; None when they do not or nobody is there.

    Candidates are refs with titles.
    """
    session = current()
    if not session.is_interactive:
        return None
    import typer

    session.streams.note(f"{what}:")
    for number, (ref, title) in enumerate(candidates, start=1):
        session.streams.note(f"  {number}  {ref}  {title}")
    session.close()  # nobody's write may wait while a person thinks
    word = typer.prompt("Which one", default="", show_default=False, err=True)
    fits = word.isdecimal() and 1 <= int(word) <= len(candidates)
    return candidates[int(word) - 1][0] if fits else None


def split_list(text: str | None) -> tuple[str, ...]:
    """Return the parts of ``ref,name,owner``."""
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())


def split_pairs(given: Sequence[str] | None, option: str, form: str) -> dict[str, str]:
    """Return what the texts of a repeated option such as ``OLD=NEW`` pair; UsageError names the form."""
    pairs = {}
    for text in given or ():
        left, equals, right = text.rpartition("=")
        if not equals or not left:
            raise UsageError(f"{option} takes {form}, not {text!r}", hint=f"{option} {form}")
        pairs[left.strip()] = right.strip()
    return pairs


def read_moment(text: str, label: str, prefer: Literal["future", "past"] = "future") -> "Moment":
    """Return the moment a text means, told back on a terminal; UsageError when it means none.

    ``prefer`` is the past for what has happened: there a bare weekday is the last one.
    """
    from crmcli.domain.dates import parse_moment

    reading = reading_now()
    try:
        moment = parse_moment(text, reading.now, reading.zone, reading.locale, prefer)
    except ValueError as error:
        raise UsageError(f"{label}: {error}", hint=_DATES, code="date.unreadable") from None
    echo(label, moment)
    return moment


def is_moment(text: str) -> bool:
    """Say whether a text means a moment."""
    from crmcli.domain.dates import parse_moment

    reading = reading_now()
    try:
        parse_moment(text, reading.now, reading.zone, reading.locale)
    except ValueError:
        return False
    return True


def instant_of(text: str | None) -> str | None:
    """Return the stored instant at which something was, as ``--at`` tells it; None where it tells nothing."""
    return None if text is None else read_moment(text, "at", prefer="past").utc


def reading_now() -> "Reading":
    """Return what the meaning of dates and amounts depends on in this run."""
    from crmcli import clock
    from crmcli.domain.inputs import Reading

    session = current()
    return Reading(clock.now(), session.zone, session.locale, session.settings.country)


def echo(label: str, moment: "Moment") -> None:
    """Tell on a terminal how a date was understood: ``due Mon 23 Nov 2026 09:00 Europe/Rome``."""
    from datetime import datetime

    wall = datetime.fromisoformat(moment.wall)
    text = f"{wall:%a %d %b %Y}" if moment.is_date else f"{wall:%a %d %b %Y %H:%M} {moment.zone}"
    tell(label, text)


class Inputs:
    """Reads words into typed values of one kind of record, as the services take them.

    With ``create`` a company or person that does not exist becomes one to be created in the same write. ``pipeline``
    is the id of the pipeline in which names of stages are looked up first, ``currency`` that of the records, empty
    where they differ and by default that of the settings.
    """

    def __init__(
        self, entity: str, *, create: bool = False, pipeline: int | None = None, currency: str | None = None
    ) -> None:
        from crmcli.queries.fields import entity_with_custom

        self.entity: Entity = entity_with_custom(current().reader(), entity)
        self._create = create
        self._pipeline = pipeline
        self._currency = current().settings.currency if currency is None else currency
        self._named: Currencies = ()  # that the words themselves name
        self._reading = reading_now()

    def values(
        self,
        options: Mapping[str, Any],
        assignments: Sequence[str] | None = None,
        unset: Sequence[str] | None = None,
    ) -> dict[str, Any]:
        """Return values by field key.

        ``options`` are texts, or lists of texts, by field key, ``+key`` or ``-key``, those not given being None;
        ``assignments`` are ``KEY=VALUE``; ``unset`` names fields to be emptied.
        """
        given = {key: text for key, text in options.items() if text is not None}
        for assignment in assignments or ():
            key, equals, text = assignment.partition("=")
            if not equals:
                hint = f"crm field list {self.entity.noun}"
                raise UsageError(f"--set takes KEY=VALUE, not {assignment!r}", hint=hint)
            given[self._writable(key.strip()).key] = text
        values = {key: self.value(key, given[key]) for key in sorted(given, key=_order)}
        for key in unset or ():
            field = self._writable(key)
            values[field.key] = [] if field.multi else None
        return values

    def value(self, key: str, given: Any) -> Any:
        """Return the typed value of one field for a text or a list of texts; UsageError when it has none."""
        from crmcli.domain.inputs import read_value

        field = self.entity.field(key.lstrip("+-"))
        try:
            if field.type == "ref":
                return self._reference(field, given)
            if field.key in _POINTERS:
                return [_pointer(field.key, text) for text in given]
            if not isinstance(given, str):
                values = [value for text in given for value in read_value(field, text, self._reading)]
                return list(map(_known_tag, values)) if key == "-tags" else values
            value = read_value(field, given, self._reading)
        except ValueError as error:
            hint = _DATES if field.type in ("date", "instant") else None
            raise UsageError(f"{field.key}: {error}", hint=hint, code="value.unreadable") from None
        self._settle_currency(field, value)
        self._tell(field, given, value)
        return value

    def _settle_currency(self, field: "Field", value: Any) -> None:
        """Remember the currency that a value names; UsageError when the words before it name another one."""
        from crmcli.domain.money import in_both

        named: Currencies = ()
        if value and field.key == "currency":
            named = (value.upper(),)
        elif value and field.type == "money":
            named = value.currencies
        if not named:
            return
        known, self._named = self._named, in_both(self._named, named)
        if not self._named:
            raise UsageError(
                f"{field.label.lower()}: {named[0]} contradicts {known[0]}",
                hint="a record has one currency: name it once",
                code="currency.contradiction",
            )
        if self._currency not in self._named:
            self._currency = self._named[0]

    def _writable(self, name: str) -> "Field":
        field = self.entity.field(name.removeprefix("custom."))
        if field.key == "name" and "full_name" in self.entity.fields:
            field = self.entity.fields["full_name"]  # of people: what they are called is made of it
        if not field.writable:
            hint = f"crm {self.entity.noun} --help shows the commands that set it"
            raise UsageError(f"{field.key} of {self.entity.noun} is not set by hand", hint=hint, code="field.readonly")
        return field

    def _reference(self, field: "Field", text: str) -> Any:
        if not text.strip():
            return None
        if field.ref == "stage":
            return self._stage(text)
        try:
            found = find_id(field.ref, text)
        except NotFoundError as error:
            if field.ref not in _CREATED_BY_NAME:
                raise
            if self._create:
                return _new(field.ref, text)
            error.hint = f"{error.hint} or --create adds it on the way"
            raise
        if field.ref == "pipeline":
            self._pipeline = found
        return found

    def _stage(self, text: str) -> int:
        from crmcli.queries.references import resolve_ids

        con = current().reader()
        found = resolve_ids(con, "stage", text)
        if len(found) > 1 and self._pipeline is not None:
            stages = con.execute("SELECT id FROM stage WHERE pipeline_id = ?", (self._pipeline,))
            here = {row[0] for row in stages}
            found = tuple(stage for stage in found if stage in here) or found
        return found[0] if len(found) == 1 else find_id("stage", text)

    def _tell(self, field: "Field", text: str, value: Any) -> None:
        """Tell back what could have been meant otherwise; refuse a guess where nobody reads along."""
        from crmcli.domain.dates import Moment
        from crmcli.domain.inputs import is_unclear
        from crmcli.domain.numbers import is_plain, parse_number

        if isinstance(value, Moment):
            echo(field.label.lower(), value)
        elif field.type == "date" and value and value != text.strip():
            echo(field.label.lower(), Moment(value, True, value, self._reading.zone))
        elif is_unclear(field, text):
            number = parse_number(field.type, text, self._reading.locale)
            shown = self._shown(field, number)
            tell_guess(field.label, text, shown, self._currency if field.type == "money" else "")
        elif field.type == "money" and value and not is_plain(text):
            tell(field.label.lower(), self._shown(field, value))

    def _shown(self, field: "Field", number: "Amount") -> str:
        """Return a number as people read it, money with the currency it will be in."""
        from crmcli.domain.money import format_amount, localise, to_minor

        currency = self._currency
        try:
            if field.type == "money" and currency:
                to_minor(number.value, currency)
                return format_amount(number.value, currency, self._reading.locale)
        except ValueError:
            pass  # an amount that its currency cannot hold is refused by the write, with the reason
        return localise(f"{number.value:,f}", self._reading.locale)


def tell(label: str, shown: str) -> None:
    """Tell on a terminal how something was understood."""
    if current().streams.is_terminal:
        current().streams.note(f"{label} {shown}")


def tell_guess(label: str, text: str, shown: str, currency: str = "") -> None:
    """Tell how a number was read that fits both conventions; UsageError where nobody reads along.

    ``currency``: the one of an amount, whose decimals may be too few for one of the readings.
    """
    from crmcli.domain.numbers import both_readings

    whole, decimals = both_readings(text)
    if current().streams.is_terminal:
        tell(label.lower(), f"{shown}: {text!r} can be read two ways, {whole} and {decimals} cannot")
        return
    raise UsageError(
        f"{label.lower()} {text!r} can be read two ways: as {whole}, or with decimals as {decimals}",
        hint=_too_fine(decimals, currency, f"write {whole}") or f"write {whole} or {decimals}",
        code="amount.ambiguous",
    )


def _too_fine(decimals: str, currency: str, otherwise: str) -> str | None:
    """Return the hint for a number that has more decimals than its currency; None where it fits."""
    from decimal import Decimal

    from crmcli.domain.money import exponent, half_up

    if not currency or half_up(Decimal(decimals), exponent(currency)) == Decimal(decimals):
        return None
    return f"{otherwise}; {currency} has {counted(exponent(currency), 'decimal')}"


def _known_tag(word: str) -> str:
    """Return the name of a tag that there is; NotFoundError names the nearest one."""
    from crmcli.queries.references import title_of

    return title_of(current().reader(), "tag", find_id("tag", word))


def _pointer(key: str, text: str) -> dict[str, Any]:
    """Return the row that points to the record of a ref; those who attend may be users, too."""
    try:
        found = find(None, text)
    except NotFoundError:
        if key != "attendees":
            raise
        found = find("user", text)
    return {"entity": found.entity, "record_id": found.id}


def _new(entity: str, text: str) -> Any:
    from crmcli.services.linked import New

    return New(entity, {_CREATED_BY_NAME[entity]: text})


def _order(key: str) -> bool:
    """Let the pipeline be read before the stage, and the currency before amounts."""
    return key not in ("pipeline", "currency")


def _named(words: Sequence[str]) -> Iterator[str]:
    for word in words:
        yield from _lines() if word == "-" else [word]


def _lines() -> Iterator[str]:
    from crmcli.formats.files import standard_input

    try:
        yield from (line.strip() for line in standard_input("refs") if line.strip())
    except UnicodeDecodeError:
        hint = "iconv -t UTF-8 translates it"
        raise UsageError("standard input is not valid text (not UTF-8?)", hint=hint, code="text.invalid") from None
