"""Web addresses: whether a text is one, and the domain by which an organization is recognised."""

import re

_DOMAIN = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])")
_PROFILE_PARTS = frozenset({"", "in", "pub", "company", "profile", "user", "people"})


def domain_of_url(text: str) -> str | None:
    """Return the host of a web address: lower case, IDNA, without ``www.``, port and path; None when there is none.

    ``https://www.example.com/shop`` and ``Example.com`` both give ``example.com``. Numeric addresses and names
    without a dot identify no organization.
    """
    from urllib.parse import urlsplit  # only writes and imports need it

    trimmed = text.strip()
    try:
        host = urlsplit(trimmed if "//" in trimmed else f"//{trimmed}").hostname or ""
    except ValueError:  # such as a half-open IPv6 bracket
        return None
    host = _ascii(host.lower()).rstrip(".")
    bare = host.removeprefix("www.")
    if "." in bare:
        host = bare
    return host if len(host) <= 253 and _DOMAIN.fullmatch(host) else None


def is_url(text: str) -> bool:
    """Whether a text is a web address: one with its scheme, of any host, or a domain with or without a path."""
    from urllib.parse import urlsplit

    if any(letter.isspace() or not letter.isprintable() for letter in text):
        return False
    if "://" not in text:
        return "@" not in text and domain_of_url(text) is not None
    try:
        return bool(urlsplit(text).hostname)
    except ValueError:
        return False


def profile_of(text: str, label: str | None = None) -> str | None:
    """Return the profile that an address or a name on a social network means: ``linkedin.com/anna-rossi``.

    Languages, tracking and the parts of an address that every profile has (``/in/``) are left out. A bare name needs
    the network as its label; None where no network is told.
    """
    trimmed = text.strip().casefold().removeprefix("@")
    host, _, path = trimmed.partition("//")[2 if "//" in trimmed else 0].partition("/")
    domain = domain_of_url(host) if "." in host and path else None
    if domain is None:
        network = (label or "").strip().casefold()
        return f"{network}.com/{trimmed}" if network.isalpha() and trimmed and "/" not in trimmed else None
    parts = [part for part in path.partition("?")[0].partition("#")[0].split("/") if part not in _PROFILE_PARTS]
    network = ".".join(domain.rsplit(".", 2)[-2:])
    return f"{network}/{parts[0].removeprefix('@')}" if parts else None


def _ascii(host: str) -> str:
    if host.isascii():
        return host
    from idna import IDNAError, encode  # comes with the validator of e-mail addresses, so both agree

    try:
        return encode(host, uts46=True).decode("ascii")
    except IDNAError:
        return ""
