"""Posts JSON to a web address: to allowed hosts and public addresses only, signed, once, within a time limit.

How one talks to a server is told by ``web``; how often it is tried again is not this module's business.
"""

from collections.abc import Collection
from typing import NamedTuple

from crmcli import clock
from crmcli.integrations.sent import DONE, Sent
from crmcli.integrations.web import PrivateError, Talk, TalkError, Target, addresses_of, target_of
from crmcli.version import VERSION

MOST_BYTES = 2**20
_LATER = frozenset({408, 421, 425, 429})  # answers that ask to come again


class Hosts(NamedTuple):
    """Where web hooks may go: to hosts that are named, to those that may do without TLS, to those of one's own net."""

    secure: Collection[str] = ()
    plain: Collection[str] = ()
    private: Collection[str] = ()


def post(
    url: str, body: bytes, key: str, deadline: float, hosts: Hosts, secret: str | None = None, token: str | None = None
) -> Sent:
    """Post a body and return what came of it; ``deadline`` is a moment of ``time.monotonic`` at which all ends.

    ``key`` goes along as ``Idempotency-Key``, so that the other side can tell a repetition. With a secret the request
    carries ``X-Signature: t=SECONDS,v1=HEX``, the HMAC-SHA256 of ``SECONDS.BODY`` (seconds since 1970); with a token it
    carries ``Authorization: Bearer`` (RFC 6750).
    """
    if len(body) > MOST_BYTES:
        return Sent("permanent", f"the body is larger than {MOST_BYTES} bytes")
    if reason := objection(url, hosts):
        return Sent("blocked", reason)
    target = target_of(url)
    try:
        addresses = addresses_of(target, deadline, private=target.host in hosts.private)
        with Talk(target, addresses) as talk:
            answer = talk.ask("POST", target.path, deadline, _headers(body, key, secret, token), body)
    except PrivateError as error:
        return Sent("blocked", str(error))
    except TalkError as error:
        return Sent("permanent" if error.is_final else "temporary", str(error))
    return _judged(target.host, answer.status)


def objection(url: str, hosts: Hosts) -> str:
    """Return why nothing may go to a URL, as far as that can be told without asking who it is; empty when it may."""
    try:
        return _objection(target_of(url), hosts)
    except ValueError as error:
        return str(error)


def _objection(target: Target, hosts: Hosts) -> str:
    """Return why nothing may be sent to a host, empty when it may."""
    if not any(target.host in allowed for allowed in hosts):
        return f"the host {target.host} is not among those of [rules] in the configuration"
    if target.scheme == "http" and target.host not in hosts.plain:
        return f"{target.host} is not among the http_hosts of [rules], so it needs https"
    return ""


def _headers(body: bytes, key: str, secret: str | None, token: str | None) -> dict[str, str]:
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"crmcli/{VERSION}",
        "Idempotency-Key": key,
        "Connection": "close",
    }
    headers |= {"X-Signature": signature(body, secret)} if secret else {}
    return headers | ({"Authorization": f"Bearer {token}"} if token else {})


def signature(body: bytes, secret: str) -> str:
    """Return the value of ``X-Signature`` for a body at this moment."""
    import hmac

    seconds = int(clock.now().timestamp())
    digest = hmac.new(secret.encode(), f"{seconds}.".encode() + body, "sha256").hexdigest()
    return f"t={seconds},v1={digest}"


def _judged(host: str, status: int) -> Sent:
    if 200 <= status < 300:
        return DONE
    told = f"{host} answered {status}"
    if 300 <= status < 400:
        return Sent("permanent", f"{told}, a redirect, which is not followed")
    return Sent("temporary" if status in _LATER or status >= 500 else "permanent", told)
