"""E-mail addresses in the form in which they are compared, and what their two halves tell about the owner.

Trimmed, case-folded, domain in IDNA; dots and plus-suffixes are kept, since only the owner knows what they mean.
Whether an address can be delivered to, or may be written to, is decided elsewhere.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from crmcli.domain.naming import has_control

_ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]"
_LABEL = r"(?!xn--)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_PLAIN = re.compile(rf"{_ATOM}+(?:\.{_ATOM}+)*@(?:{_LABEL}\.)+(?=[a-z]){_LABEL}")  # RFC 5321, ASCII
_MOST_CHARACTERS = 254  # RFC 5321, 4.5.3.1.3

_FREE_MAIL = """
    126.com 163.com alice.it aol.com aruba.it bk.ru btinternet.com comcast.net email.it fastmail.com fastwebnet.it
    free.fr freenet.de gmail.com gmx.at gmx.ch gmx.com gmx.de gmx.net googlemail.com hey.com hotmail.co.uk hotmail.com
    hotmail.de hotmail.es hotmail.fr hotmail.it icloud.com inbox.ru inwind.it iol.it laposte.net legalmail.it libero.it
    list.ru live.co.uk live.com live.fr live.it mac.com mail.com mail.ru me.com msn.com o2.pl orange.fr outlook.com
    outlook.de outlook.es outlook.fr outlook.it pec.it pm.me posteo.de proton.me protonmail.com qq.com rediffmail.com
    rocketmail.com seznam.cz sfr.fr t-online.de tim.it tin.it tiscali.it tutanota.com tuta.com verizon.net virgilio.it
    vodafone.it wanadoo.fr web.de wp.pl yahoo.co.in yahoo.co.uk yahoo.com yahoo.de yahoo.es yahoo.fr yahoo.it yandex.com
    yandex.ru ymail.com zoho.com
"""

_ROLES = """
    abuse accounting accounts acquisti admin administration administrator amministrazione assistenza billing booking
    bookings commerciale contabilita contact contacts contatti contatto customerservice direzione donotreply enquiries
    fatturazione fatture feedback finance hello help helpdesk hostmaster hr info informazioni inquiries invoices it jobs
    lavoro mail marketing news newsletter noreply office orders ordini ordine postmaster prenotazioni press privacy
    purchasing reception recruiting reservations risorseumane root sales security segreteria service services
    servizioclienti shop staff stampa store support supporto team ufficio vendite webmaster
"""

_FREE_MAIL_DOMAINS = frozenset(_FREE_MAIL.split())
_JOINTS = dict.fromkeys(map(ord, "._-"))
_ROLE_NAMES = frozenset(_ROLES.split())  # RFC 2142 and what companies use besides


@lru_cache(maxsize=8192)  # a bulk load asks for an address at each of its steps
def normalise(text: str) -> str:
    """Return the normal form of an address; ValueError with the reason when it is none."""
    address = text.strip()
    plain = address.lower()
    if len(plain) <= _MOST_CHARACTERS and address.isascii() and _PLAIN.fullmatch(plain):
        return plain
    if len(address) > _MOST_CHARACTERS:
        raise ValueError(f"an e-mail address has at most {_MOST_CHARACTERS} characters")
    return _normalise_any(address)


def plain_forms(texts: Sequence[str]) -> list[str] | None:
    """Return the normal forms of trimmed addresses; None where one of them is not plain ASCII, or is none."""
    found = list(map(str.lower, texts))
    is_plain = all(map(str.isascii, texts)) and all(map(_PLAIN.fullmatch, found))
    return found if is_plain and max(map(len, found), default=0) <= _MOST_CHARACTERS else None


class UndeliverableError(ValueError):
    """An address that is one, and cannot be written to."""


def deliverable(text: str) -> str:
    """Return one address in normal form; ValueError when it is none, or one that not every server takes."""
    if has_control(text):
        raise ValueError(f"the address {text!r} holds a control character")
    address = normalise(text)
    if not address.isascii():
        raise UndeliverableError(f"the address {address} has letters before the @ that not every server takes")
    return address


def domain_of(email: str) -> str:
    """Return the domain of a normal address, empty when there is none."""
    return email.rpartition("@")[2] if "@" in email else ""


def is_free_mail(domain: str) -> bool:
    """Say whether a domain is that of a mail provider, so that it identifies no organization."""
    return domain.lower() in _FREE_MAIL_DOMAINS


def is_role_address(email: str) -> bool:
    """Say whether an address belongs to a function (``info@``, ``sales@``) and not to one person."""
    local = email.rpartition("@")[0].lower()
    if local.isalnum():
        return local in _ROLE_NAMES
    return local.partition("+")[0].translate(_JOINTS) in _ROLE_NAMES


def _normalise_any(address: str) -> str:
    from unicodedata import normalize

    from email_validator import EmailNotValidError, validate_email

    try:  # the test environment allows the names that RFC 2606 reserves for tests
        valid = validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise ValueError(f"{address!r} is not an e-mail address: {error}") from None
    domain = valid.ascii_domain.lower()
    if "." not in domain:
        raise ValueError(f"{address!r} is not an e-mail address: its domain has no dot")
    return f"{normalize('NFC', valid.local_part.casefold())}@{domain}"
