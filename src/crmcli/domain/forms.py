"""The form that the text of some fields has: e-mail and web addresses, phones, time zones, currencies, birth dates,
recurrence rules, cadences.

Every way in asks here, so that a command, a file and a rule refuse the same texts and store the same normal form. What
depends on other fields or records belongs to the services.
"""

from collections.abc import Callable

from crmcli.domain.schema import Field

_OURS = {  # fields of ours by their key
    key: key for key in ("email", "domain", "timezone", "currency", "birthdate", "rrule")
}
_OURS |= {"website": "url", "follow_every": "cadence"}


def form_of(field: Field) -> str:
    """Return the name of the form that a field's text must have, empty when any text will do."""
    return field.form or (_OURS.get(field.key, "") if field.type == "text" else "")


def conform(form: str, text: str, country: str) -> str:
    """Return a text in the normal form called so; ValueError says what it is not.

    ``country`` (ISO 3166 alpha-2) is where phone numbers without a prefix belong.
    """
    return _FORMS[form](text.strip(), country)


def choose_option(options: tuple[str, ...], text: str) -> str:
    """Return the option of a custom choice that a text names, case and accents folded; ValueError lists them."""
    from crmcli.domain.schema import did_you_mean
    from crmcli.domain.text import fold

    if text in options:
        return text
    found = next((option for option in options if fold(option) == fold(text)), None)
    if found is None:
        near = did_you_mean(text, list(options))
        raise ValueError(f"{text!r} is not one of {', '.join(options)}{f'; {near}' if near else ''}")
    return found


def _email(text: str, _country: str) -> str:
    from crmcli.domain.emails import normalise

    return normalise(text)


def _phone(text: str, country: str) -> str:
    from crmcli.domain.phones import normalise

    number, extension = normalise(text, country)
    if number is None:
        raise ValueError(f"{text!r} is not a phone number")
    return f"{number} ext. {extension}" if extension else number


def _domain(text: str, _country: str) -> str:
    from crmcli.domain.webs import domain_of_url

    domain = domain_of_url(text)
    if domain is None:
        raise ValueError(f"{text!r} is not a domain")
    return domain


def _url(text: str, _country: str) -> str:
    from crmcli.domain.webs import is_url

    if not is_url(text):
        raise ValueError(f"{text!r} is not a web address")
    return text


def _timezone(text: str, _country: str) -> str:
    from crmcli.domain.zones import zone_of

    zone_of(text)
    return text


def _currency(text: str, _country: str) -> str:
    from crmcli.domain.money import exponent

    exponent(text.upper())
    return text.upper()


def _birthdate(text: str, _country: str) -> str:
    from datetime import date

    try:
        date.fromisoformat(f"2000{text[1:]}" if text.startswith("--") else text)
    except ValueError:
        raise ValueError(f"{text!r} is not a day such as 1980-06-15 or --06-15") from None
    return text


def _cadence(text: str, _country: str) -> str:
    from crmcli.domain.cadences import parse_cadence

    return parse_cadence(text)


def _rule(text: str, _country: str) -> str:
    from crmcli.domain.recurrence import normalise

    return normalise(text)


_FORMS: dict[str, Callable[[str, str], str]] = {
    "email": _email,
    "phone": _phone,
    "url": _url,
    "domain": _domain,
    "timezone": _timezone,
    "currency": _currency,
    "birthdate": _birthdate,
    "rrule": _rule,
    "cadence": _cadence,
}
