"""Real SMTP servers on the loopback interface: one that takes mail as any does, and one that does what it is told."""

import asyncio
import socket
import ssl
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, NamedTuple, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from tests.unit.integrations.servers import behaving


class Taken(NamedTuple):
    """A mail as a server took it."""

    sender: str
    recipients: list[str]
    mail: EmailMessage
    raw: bytes
    is_encrypted: bool


class MailServer:
    """What a server took, and what it was told to log in."""

    def __init__(self, password: str) -> None:
        self.password = password
        self.taken: list[Taken] = []
        self.log_ins: list[tuple[bytes, bytes]] = []
        self.port = 0
        self.refusal = ""  # what it answers instead of taking a mail

    @property
    def keys(self) -> list[str]:
        """The keys of the messages, as their ``Message-ID`` tells them."""
        return [str(taken.mail["Message-ID"]).strip("<>").partition("@")[0] for taken in self.taken]

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.refusal:
            return self.refusal
        raw = bytes(cast(bytes, envelope.content))
        mail = message_from_bytes(raw, policy=default)
        encrypted = session.ssl is not None
        self.taken.append(Taken(str(envelope.mail_from), list(envelope.rcpt_tos), mail, raw, encrypted))
        return "250 OK"

    def authenticate(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        self.log_ins.append((data.login, data.password))
        return AuthResult(success=data.password == self.password.encode(), handled=False)


@contextmanager
def mail_server(tls: ssl.SSLContext | None = None, security: str = "none", password: str = "") -> Iterator[MailServer]:
    """Run a server: ``tls`` from the first byte, ``starttls`` on demand, or ``none``; with a password it wants one."""
    server = MailServer(password)
    loop = asyncio.new_event_loop()

    def make() -> SMTP:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # it does not know that it is encrypted from the first byte
            return SMTP(
                server,
                loop=loop,
                hostname="localhost",
                tls_context=tls if security == "starttls" else None,
                require_starttls=security == "starttls",
                authenticator=server.authenticate if password else None,
                auth_required=bool(password),
                auth_require_tls=security == "starttls",
            )

    on_connect = tls if security == "tls" else None
    running = loop.run_until_complete(loop.create_server(make, "127.0.0.1", 0, ssl=on_connect))
    server.port = running.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(_shut(running), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _shut(running: asyncio.Server) -> None:
    """Close a server and end whatever still talks to it."""
    running.close()
    talking = asyncio.all_tasks() - {asyncio.current_task()}
    for task in talking:
        task.cancel()
    await asyncio.gather(*talking, return_exceptions=True)


Words = str | None  # what to say, or to hang up
Answer = Words | Callable[[], Words]
POLITE: Mapping[str, Answer] = {
    "": "220 test", "EHLO": "250 test", "HELO": "250 test", "MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go on",
    ".": "250 taken", "QUIT": "221 bye",
}  # fmt: skip


class Script:
    """A server that answers each verb as it is told; ``lines`` is all that it was sent."""

    def __init__(self, **answers: Answer) -> None:
        names = {"greeting": "", "body": "."}
        self.answers = {**POLITE, **{names.get(name, name): answer for name, answer in answers.items()}}
        self.lines: list[bytes] = []

    def talk(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as lines:
            is_body = False
            if not self._answer(connection, ""):
                return
            for line in lines:
                self.lines.append(line)
                verb = line.split()[0].decode(errors="replace").upper() if line.strip() else ""
                if is_body and line != b".\r\n":
                    continue
                is_body = verb == "DATA"
                if not self._answer(connection, verb):
                    return

    def _answer(self, connection: socket.socket, verb: str) -> bool:
        answer = self.answers.get(verb, "500 what")
        if callable(answer):
            answer = answer()
        if answer is None:
            return False
        connection.sendall(f"{answer}\r\n".encode())
        return True


@contextmanager
def scripted(script: Script, tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """Run a script for every connection and yield the port."""

    def talk(connection: socket.socket) -> None:
        if tls is None:
            script.talk(connection)
            return
        with tls.wrap_socket(connection, server_side=True) as secured:
            script.talk(secured)

    with behaving(talk) as port:
        yield port
