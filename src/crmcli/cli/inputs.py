"""What the words of a command mean for the records of one kind: ``KEY=VALUE`` and options to typed values.

Reading single values is the business of ``domain.inputs``, finding records that of ``finding``, telling back what was
understood that of ``readings``.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crmcli.cli.finding import find, find_id
from crmcli.cli.readings import DATES, echo, reading_now, tell, tell_guess
from crmcli.cli.session import current
from crmcli.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from crmcli.domain.money import Amount, Currencies
    from crmcli.domain.schema import Entity, Field

_POINTERS = frozenset({"links", "attendees"})  # lists of records of several kinds
_CREATED_BY_NAME = {"organization": "name", "contact": "full_name"}


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
            hint = DATES if field.type in ("date", "instant") else None
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
