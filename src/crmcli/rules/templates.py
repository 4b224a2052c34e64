"""Texts with ``{{ record.name | upper }}`` in them: a closed language of fields and filters, no code.

A text is parsed and its fields are checked when the rules are loaded; rendering only puts presented values in. Where
those come from is the caller's business.
"""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from crmcli.conditions.operands import Operand, resolve
from crmcli.conditions.scope import Fields
from crmcli.conditions.tokens import Source
from crmcli.conditions.tree import Path
from crmcli.domain.schema import Entity, Field, did_you_mean
from crmcli.errors import ConditionError

_OPEN, _CLOSE = "{{", "}}"
ENV = "env"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FILTER = re.compile(r"""(?P<name>[a-z]+)(?:\((?:"(?P<double>[^"]*)"|'(?P<single>[^']*)')\))?""")
_PLAIN = ("date", "money", "upper", "lower")
_TYPES = {"date": ("date", "instant"), "money": ("money",)}
Values = Mapping[tuple[str, str], object]  # presented values by root and path of a variable, currencies too
_PIECE = re.compile(r"""\||[^|"']+|"[^"]*"|'[^']*'|["']""")  # of what stands in braces; bars in quotes are text
_MOST_SOURCE = 100_000  # characters of a template
_MOST_VARIABLES = 100
_MOST_FILTERS = 8  # of one variable
MOST_RENDERED = 200_000  # characters of what a template may grow to


class Filter(NamedTuple):
    """What is done to a value; ``text`` is the argument of ``default``."""

    name: str
    text: str = ""


class Variable(NamedTuple):
    """A value to be put in: of the ``record``, the record as it was (``old``), ``now``, or the environment (``env``).

    The last is read when the text is sent, and never before, so that it is stored nowhere.

    ``path`` is what to read: for a reference the name of the record, for a user the handle. ``currency`` is the path of
    the currency of an amount.
    """

    text: str
    root: str
    path: str
    field: Field
    currency: str
    filters: tuple[Filter, ...]


class Template(NamedTuple):
    """A text in parts: literal ones, and variables."""

    parts: tuple[str | Variable, ...]

    @property
    def variables(self) -> tuple[Variable, ...]:
        """The variables of the text."""
        return tuple(part for part in self.parts if isinstance(part, Variable))

    @property
    def lone(self) -> Variable | None:
        """The variable that is the whole text, as it is; None when there is more."""
        only = self.parts[0] if len(self.parts) == 1 else None
        return only if isinstance(only, Variable) and not only.filters else None


class Language(NamedTuple):
    """How values are written for people: an IANA zone, ``en`` or ``it``."""

    zone: str
    locale: str


def written(variable: Variable) -> str:
    """Return a variable as it stands in a text."""
    return f"{_OPEN} {variable.text} {_CLOSE}"


def has_variables(text: str) -> bool:
    """Say whether a text is a template; without ``{{`` it is taken literally."""
    return _OPEN in text


def parse_template(text: str, entity: Entity, fields: Fields, *, late: bool = False) -> Template:
    """Return the template that a text is; ValueError says what is wrong with it and names the nearest field.

    Only a ``late`` one, which is finished when it is sent, may name variables of the environment.
    """
    if len(text) > _MOST_SOURCE or text.count(_OPEN) > _MOST_VARIABLES:
        raise ValueError(f"has more than {_MOST_VARIABLES} variables or {_MOST_SOURCE:,} characters")
    parts: list[str | Variable] = []
    rest = text
    while _OPEN in rest:
        literal, rest = rest.split(_OPEN, 1)
        inside, closed, rest = rest.partition(_CLOSE)
        if not closed:
            raise ValueError(f"{_OPEN} is not closed in {text!r}")
        parts += [literal, _variable(inside.strip(), entity, fields, late)]
    return Template((*(part for part in parts if part), *((rest,) if rest else ())))


def render(template: Template, values: Values, language: Language) -> str:
    """Return the text with the presented values of its variables.

    What stands in a value is text, braces too. ValueError when one is empty and has no default, or the text too long.
    """
    return "".join(map(str, render_early(template, values, language)))


def render_early(
    template: Template, values: Values, language: Language, write: Callable[[str], str] = str
) -> tuple[str | Variable, ...]:
    """Return a text of which the variables of the environment still stand out; ValueError as ``render``.

    ``write`` makes what comes from a record fit the place where it will stand.
    """
    parts: list[str | Variable] = []
    length = 0
    for part in template.parts:
        if isinstance(part, Variable) and part.root == ENV:
            parts.append(part)
            continue
        text = part if isinstance(part, str) else write(_rendered(part, values, language))
        length += len(text)
        if length > MOST_RENDERED:
            raise ValueError(f"the text grows to more than {MOST_RENDERED:,} characters")
        parts[-1:] = [parts[-1] + text] if parts and isinstance(parts[-1], str) else [*parts[-1:], text]
    return tuple(parts)


def _variable(text: str, entity: Entity, fields: Fields, late: bool) -> Variable:
    source, *filters = (part.strip() for part in _split(text))
    if len(filters) > _MOST_FILTERS:
        raise ValueError(f"has more than {_MOST_FILTERS} filters")
    root, _, path = source.partition(".")
    if root == ENV:
        return _of_environment(text, "" if filters else path, late)
    if root == "now" and not path:
        variable = Variable(text, root, "", Field("now", "instant", "Now"), "", ())
    elif root in ("record", "old") and path:
        variable = _of_record(text, root, path, entity, fields)
    else:
        raise ValueError(f"{source!r} is no value; write record.FIELD, old.FIELD or now")
    return variable._replace(filters=tuple(_filter(part, variable) for part in filters))


def _split(text: str) -> list[str]:
    """Return the parts between the bars that stand outside quotes."""
    parts = [""]
    for piece in _PIECE.findall(text):
        if piece == "|":
            parts.append("")
        else:
            parts[-1] += piece
    return parts


def _of_environment(text: str, name: str, late: bool) -> Variable:
    if not late:
        raise ValueError("env. is only for what is sent: the URL and body of a webhook, the stdin of run")
    if not _NAME.fullmatch(name):
        raise ValueError(f"{text!r} is no variable of the environment; write env.NAME, without filters")
    return Variable(text, ENV, name, Field(name, "text", name), "", ())


def _of_record(text: str, root: str, path: str, entity: Entity, fields: Fields) -> Variable:
    try:
        operand = resolve(Path(tuple(path.split(".")), 0), entity, fields, Source(path))
    except ConditionError as error:
        raise ValueError(error.problem + (f"; {error.hint}" if error.hint else "")) from None
    if operand.field.type in ("rows", "links"):
        raise ValueError(f"{operand.path} cannot be written in a text")
    currency = operand.currency.path if operand.currency else ""
    return Variable(text, root, _readable(operand), operand.field, currency, ())


def _readable(operand: Operand) -> str:
    """Return the path of what a person reads: of a reference the handle or the name."""
    if operand.field.type != "ref":
        return operand.path
    return f"{operand.path}.handle" if operand.field.ref == "user" else f"{operand.path}.title"


def _filter(text: str, variable: Variable) -> Filter:
    found = _FILTER.fullmatch(text)
    name = found["name"] if found else text
    argument = (found["double"] if found["double"] is not None else found["single"]) if found else None
    if name == "default" and argument is not None:
        return Filter(name, argument)
    if found is None or name not in _PLAIN or argument is not None:
        known = [*_PLAIN, "default"]
        raise ValueError(
            f"there is no filter {text!r}; {did_you_mean(name, known) or 'date, money, upper, lower, default(...)'}"
        )
    if name in _TYPES and variable.field.type not in _TYPES[name]:
        raise ValueError(f"the filter {name} does not fit {variable.text.partition('|')[0].strip()}")
    return Filter(name)


def _rendered(variable: Variable, values: Values, language: Language) -> str:
    value = values[variable.root, variable.path]
    shown: str | None = None if value in (None, "", []) else _text(value)
    for step in variable.filters:
        if step.name == "default":
            shown = step.text if shown is None else shown
        elif shown is not None:
            shown = _filtered(step.name, shown, variable, values, language)
    if shown is None:
        raise ValueError(f"{_OPEN} {variable.text} {_CLOSE} is empty; give it a default")
    return shown


def _filtered(name: str, shown: str, variable: Variable, values: Values, language: Language) -> str:
    if name in ("upper", "lower"):
        return shown.upper() if name == "upper" else shown.lower()
    if values[variable.root, variable.path] in (None, ""):
        return shown  # the default
    if name == "date":
        from crmcli.domain.zones import local_date

        return shown if variable.field.type == "date" else local_date(shown, language.zone)
    from decimal import Decimal

    from crmcli.domain.money import format_amount

    return format_amount(Decimal(shown), str(values[variable.root, variable.currency]), language.locale)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)
