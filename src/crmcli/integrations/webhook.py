"""Posts JSON to a web address: to allowed hosts and public addresses only, signed, once, within a time limit.

A redirect is refused, since whoever answers would choose where the data goes. The name is resolved once, and the
connection goes to the very address that was checked. How often it is tried again is not this module's business.
"""

import socket
import ssl
from collections.abc import Collection
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from threading import Timer
from time import monotonic
from typing import Any, NamedTuple
from urllib.parse import SplitResult, urlsplit

from crmcli import clock
from crmcli.integrations.addresses import is_public, resolve
from crmcli.integrations.sent import DONE, Sent
from crmcli.version import VERSION

MOST_BYTES = 2**20
_PORTS = {"https": 443, "http": 80}
_LATER = frozenset({408, 421, 425, 429})  # answers that ask to come again


class Hosts(NamedTuple):
    """Where web hooks may go: to hosts that are named, to those that may do without TLS, to those of one's own net."""

    secure: Collection[str] = ()
    plain: Collection[str] = ()
    private: Collection[str] = ()


class _Target(NamedTuple):
    scheme: str
    host: str
    port: int
    path: str
    name: str  # as the request names the host


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
    target = _target(url)
    try:
        addresses = resolve(target.host, target.port, deadline - monotonic())
    except OSError as error:
        return Sent("temporary", f"{target.host}: {error.strerror or error}")
    if target.host not in hosts.private and not all(is_public(str(address[0])) for address in addresses):
        return Sent("blocked", f"{target.host} leads to an address that is not public")
    return _exchange(target, addresses, _headers(target, body, key, secret, token), body, deadline)


def objection(url: str, hosts: Hosts) -> str:
    """Return why nothing may go to a URL, as far as that can be told without asking who it is; empty when it may."""
    try:
        return _objection(_target(url), hosts)
    except ValueError as error:
        return str(error)


def _target(url: str) -> _Target:
    """Return where a URL leads; ValueError without its text, which may hold a secret."""
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise ValueError("the URL holds characters that do not belong into one")
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError("the URL is not of the form https://HOST/PATH")
    if parts.username is not None or parts.password is not None:
        raise ValueError("the URL names a user; that does not belong into it")
    try:
        port = parts.port or _PORTS[parts.scheme]
    except ValueError:
        raise ValueError("the port of the URL is no port") from None
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return _Target(parts.scheme, parts.hostname.rstrip("."), port, path, _name(parts, port))


def _name(parts: SplitResult, port: int) -> str:
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    return host if port == _PORTS[parts.scheme] else f"{host}:{port}"


def _objection(target: _Target, hosts: Hosts) -> str:
    """Return why nothing may be sent to a host, empty when it may."""
    if not any(target.host in allowed for allowed in hosts):
        return f"the host {target.host} is not among those of [rules] in the configuration"
    if target.scheme == "http" and target.host not in hosts.plain:
        return f"{target.host} is not among the http_hosts of [rules], so it needs https"
    return ""


def _headers(target: _Target, body: bytes, key: str, secret: str | None, token: str | None) -> dict[str, str]:
    headers = {
        "Host": target.name,
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
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


def _exchange(
    target: _Target, addresses: list[tuple[Any, ...]], headers: dict[str, str], body: bytes, deadline: float
) -> Sent:
    try:
        plain = _connect(addresses, deadline)
    except OSError as error:
        return Sent("temporary", f"{target.host}: {error.strerror or error or 'no connection in time'}")
    with plain if target.scheme == "http" else _secured(plain, target.host) as connected:
        alarm = Timer(max(deadline - monotonic(), 0), _hang_up, [connected])  # a socket's own limit begins anew
        alarm.daemon = True  # with each read
        alarm.start()
        try:
            if isinstance(connected, ssl.SSLSocket):
                connected.do_handshake()
            sent = _answer(connected, target, headers, body)
            return sent if monotonic() < deadline else Sent("temporary", f"{target.host}: no answer in time")
        except ssl.SSLCertVerificationError as error:
            return Sent("permanent", f"{target.host}: its certificate is not trusted: {error.verify_message}")
        except (OSError, HTTPException) as error:
            late = monotonic() >= deadline
            return Sent("temporary", f"{target.host}: {'no answer in time' if late else _told(error)}")
        finally:
            alarm.cancel()


def _connect(addresses: list[tuple[Any, ...]], deadline: float) -> socket.socket:
    """Return a connection to the first of these addresses that answers; OSError when none does."""
    failure: OSError = TimeoutError("no connection in time")
    for host, port, *_ in addresses:
        left = deadline - monotonic()
        if left <= 0:
            break
        try:
            return socket.create_connection((host, port), left)
        except OSError as error:
            failure = error
    raise failure


def _secured(plain: socket.socket, host: str) -> ssl.SSLSocket:
    context = ssl.create_default_context()
    return context.wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)


def _answer(connected: socket.socket, target: _Target, headers: dict[str, str], body: bytes) -> Sent:
    """Send the request and judge the status; what else is answered is not read."""
    talk = HTTPConnection(target.host, target.port)
    talk.sock = connected
    talk.putrequest("POST", target.path, skip_host=True, skip_accept_encoding=True)
    for name, value in headers.items():
        talk.putheader(name, value)
    talk.endheaders(body)
    answer = talk.getresponse()
    status = answer.status
    if 200 <= status < 300:
        return DONE
    told = f"{target.host} answered {status}"
    if 300 <= status < 400:
        return Sent("permanent", f"{told}, a redirect, which is not followed")
    return Sent("temporary" if status in _LATER or status >= 500 else "permanent", told)


def _hang_up(connected: socket.socket) -> None:
    with suppress(OSError):  # it ended by itself in this very moment
        socket.socket.shutdown(connected, socket.SHUT_RDWR)  # below TLS, whose own would wait for the other thread


def _told(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
