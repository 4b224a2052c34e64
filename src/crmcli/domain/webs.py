"""Web addresses reduced to the domain by which an organization is recognised."""

import re

_DOMAIN = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])")


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


def _ascii(host: str) -> str:
    if host.isascii():
        return host
    from idna import IDNAError, encode  # comes with the validator of e-mail addresses, so both agree

    try:
        return encode(host, uts46=True).decode("ascii")
    except IDNAError:
        return ""
