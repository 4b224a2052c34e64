"""Talks HTTP with one host: at an address that was checked, over verified TLS, with limits to time and size.

The name is resolved once, and the connection goes to the very address that was checked. A redirect is told and not
followed, since whoever answers would choose where the data goes. Who may be talked to is decided by the callers.
"""

import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse
from threading import Timer
from time import monotonic
from types import MappingProxyType
from typing import Any, NamedTuple, Self
from urllib.parse import SplitResult, urlsplit

from crmcli.integrations.addresses import is_public, resolve

Addresses = list[tuple[Any, ...]]
_PORTS = {"https": 443, "http": 80}
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class Target(NamedTuple):
    """Where a URL leads. ``name`` is how a request names the host."""

    scheme: str
    host: str
    port: int
    path: str
    name: str


class Answer(NamedTuple):
    """What a server answered; the names of headers in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class TalkError(Exception):
    """That nothing was answered, with the reason; ``is_final`` where another time would not help."""

    def __init__(self, told: str, *, is_final: bool = False) -> None:
        super().__init__(told)
        self.is_final = is_final


def target_of(url: str) -> Target:
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
    return Target(parts.scheme, parts.hostname.rstrip("."), port, path, _name(parts, port))


def _name(parts: SplitResult, port: int) -> str:
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    return host if port == _PORTS[parts.scheme] else f"{host}:{port}"


def addresses_of(target: Target, deadline: float, *, private: bool) -> Addresses:
    """Return the addresses of a host; TalkError when there are none, or one that is not public and not ``private``."""
    try:
        addresses = resolve(target.host, target.port, deadline - monotonic())
    except OSError as error:
        raise TalkError(f"{target.host}: {error.strerror or error}") from None
    if not private and not all(is_public(str(address[0])) for address in addresses):
        raise PrivateError(f"{target.host} leads to an address that is not public", is_final=True)
    return addresses


class PrivateError(TalkError):
    """That a host is on one's own net or machine, and was not allowed to be."""


class Talk:
    """A conversation with one host, kept open from answer to answer; use as a context manager."""

    def __init__(self, target: Target, addresses: Addresses) -> None:
        self._target = target
        self._addresses = addresses
        self._open: HTTPConnection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._hang_up()

    def ask(
        self,
        method: str,
        path: str,
        deadline: float,
        headers: Mapping[str, str] = _NO_HEADERS,
        body: bytes = b"",
        most_bytes: int = 0,
    ) -> Answer:
        """Return what is answered by ``deadline``, a moment of ``time.monotonic``; TalkError for none.

        Without ``most_bytes`` the body is not read, and the conversation ends. A line that was left open and is dead is
        opened anew.
        """
        if self._open is not None:
            try:
                return self._ask(self._open, method, path, deadline, headers, body, most_bytes)
            except TalkError as error:
                if error.is_final or monotonic() >= deadline:
                    raise
        self._open = self._connect(deadline)
        return self._ask(self._open, method, path, deadline, headers, body, most_bytes)

    def _connect(self, deadline: float) -> HTTPConnection:
        """Return a connection to the first of the addresses that answers."""
        host = self._target.host
        failure: OSError = TimeoutError("no connection in time")
        for address, port, *_ in self._addresses:
            left = deadline - monotonic()
            if left <= 0:
                break
            try:
                plain = socket.create_connection((address, port), left)
            except OSError as error:
                failure = error
                continue
            talk = HTTPConnection(host, self._target.port)
            talk.sock = plain if self._target.scheme == "http" else _secured(plain, host)
            return talk
        raise TalkError(f"{host}: {failure.strerror or failure or 'no connection in time'}")

    def _ask(
        self,
        talk: HTTPConnection,
        method: str,
        path: str,
        deadline: float,
        headers: Mapping[str, str],
        body: bytes,
        most_bytes: int,
    ) -> Answer:
        host, connected, keeps = self._target.host, talk.sock, False
        alarm = Timer(max(deadline - monotonic(), 0), _cut, [connected])  # a socket's own limit begins anew with each
        alarm.daemon = True  # read
        alarm.start()
        try:
            if isinstance(connected, ssl.SSLSocket):
                connected.do_handshake()
            talk.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in {"Host": self._target.name, "Content-Length": str(len(body)), **headers}.items():
                talk.putheader(name, value)
            talk.endheaders(body)
            answer = _answer(talk.getresponse(), most_bytes, host)
            if monotonic() >= deadline:
                raise TalkError(f"{host}: no answer in time")
            keeps = bool(most_bytes) and talk.sock is not None
            return answer
        except ssl.SSLCertVerificationError as error:
            told = f"{host}: its certificate is not trusted: {error.verify_message}"
            raise TalkError(told, is_final=True) from None
        except (OSError, HTTPException) as error:
            late = monotonic() >= deadline
            raise TalkError(f"{host}: {'no answer in time' if late else _told(error)}") from None
        finally:
            alarm.cancel()
            if not keeps:
                self._hang_up()

    def _hang_up(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None


def _answer(response: HTTPResponse, most_bytes: int, host: str) -> Answer:
    headers = {name.lower(): value for name, value in response.getheaders()}
    body = response.read(most_bytes + 1) if most_bytes else b""
    if len(body) > most_bytes:
        raise TalkError(f"{host}: the answer is larger than {most_bytes} bytes", is_final=True)
    if most_bytes:
        response.read()  # its end, after which the next one may be asked for
    return Answer(response.status, headers, body)


def _secured(plain: socket.socket, host: str) -> ssl.SSLSocket:
    context = ssl.create_default_context()
    return context.wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)


def _cut(connected: socket.socket) -> None:
    with suppress(OSError):  # it ended by itself in this very moment
        socket.socket.shutdown(connected, socket.SHUT_RDWR)  # below TLS, whose own would wait for the other thread


def _told(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
