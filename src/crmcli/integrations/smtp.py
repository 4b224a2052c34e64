"""Hands a mail over to a server: encrypted and verified, or not at all, within limits of time.

Until the body is begun an attempt can be called off, and nothing was sent. A body that was begun is finished if it can
be: once its last line is out, only the server can say whether it was sent. A repetition has the same ``Message-ID``.
How often it is tried again is not this module's business.
"""

import re
import smtplib
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from email.message import EmailMessage
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from time import monotonic

from crmcli.config.sending import Account
from crmcli.domain.deliveries import UNKNOWN
from crmcli.errors import ExternalError
from crmcli.integrations.sent import DONE, Sent

BODY_LIMIT_S = 10.0
_SILENCE_S = 10.0  # of a server, in one step
_OURSELVES = "[127.0.0.1]"  # RFC 5321, 4.1.3: what a client says that has no name of its own
_TOLD = 200  # characters of a server's answer that a reason repeats
_LINE_OF_DOTS = re.compile(rb"(?m)^\.")
Password = Callable[[], str]


class _RefusedError(Exception):
    """The server cannot be talked to as it must be."""


class _CalledOffError(Exception):
    """Nobody waits for this attempt any more."""


def send(mail: EmailMessage, account: Account, password: Password, deadline: float) -> Sent:
    """Hand a mail over and return what came of it; ``deadline`` is a moment of ``time.monotonic``.

    By then the body is begun, or nothing was sent; the body may take another ten seconds. The password is asked for
    when the connection is encrypted, and not at all without a user. Answers 4xx and failures of the network are
    temporary, 5xx and missing encryption are permanent.
    """
    attempt = _Attempt(mail, account, password)
    Thread(target=attempt.run, daemon=True).start()  # a resolver or a keyring may hang, and takes no time limit
    return attempt.outcome(deadline)


class _Attempt:
    """One connection in a thread of its own. ``_lock`` guards who is first: the body, or the end of patience."""

    def __init__(self, mail: EmailMessage, account: Account, password: Password) -> None:
        self._mail = mail
        self._account = account
        self._password = password
        self._answers: SimpleQueue[Sent] = SimpleQueue()
        self._lock = Lock()
        self._begun_at: float | None = None
        self._is_out = False  # the last line of the body is on its way
        self._is_off = False
        self._socket: socket.socket | None = None
        self._secret: str | None = ""  # the password; None while it is asked for

    def outcome(self, deadline: float) -> Sent:
        """Wait until a moment for the body to be begun, and then for the server's answer to it."""
        with suppress(Empty):
            return self._answers.get(timeout=max(deadline - monotonic(), 0))
        with self._lock:
            begun_at, self._is_off = self._begun_at, self._begun_at is None
        if begun_at is None:
            self._hang_up()
            late = "its password was not told in time" if self._secret is None else "no answer in time"
            return Sent("temporary", f"{self._account.host}: {late}")
        with suppress(Empty):
            return self._answers.get(timeout=max(begun_at + BODY_LIMIT_S - monotonic(), 0))
        self._hang_up()
        return self._judged(TimeoutError("no answer in time"))

    def run(self) -> None:
        """Talk to the server and leave what came of it."""
        server = smtplib.SMTP(local_hostname=_OURSELVES, timeout=_SILENCE_S)
        try:
            self._connect(server)
            self._log_in(server)
            self._hand_over(server)
            self._answers.put(DONE)
        except Exception as error:  # whatever happens is an outcome
            self._answers.put(self._judged(error))
        with suppress(OSError):
            server.quit()
        server.close()

    def _connect(self, server: smtplib.SMTP) -> None:
        """Open a connection that is greeted and, but on this machine, encrypted and verified."""
        account = self._account
        plain = socket.create_connection((account.host, account.port), _SILENCE_S)
        self._keep(plain)
        server.sock = self._secured(plain) if account.security == "tls" else plain
        _expect(server.getreply(), 220)
        server.ehlo_or_helo_if_needed()
        if account.security == "starttls":
            if not server.has_extn("starttls"):
                raise _RefusedError("does not offer encryption (STARTTLS)")
            _expect(server.docmd("STARTTLS"), 220)
            server.sock = self._secured(plain)
            server.file = None  # what came before the encryption counts no more, RFC 3207, 4.2
            server.ehlo_resp = server.helo_resp = None
            server.esmtp_features = {}
            server.ehlo_or_helo_if_needed()

    def _secured(self, plain: socket.socket) -> ssl.SSLSocket:
        context = ssl.create_default_context()  # verifies certificate and name
        secured = context.wrap_socket(plain, server_hostname=self._account.host)
        self._keep(secured)
        return secured

    def _log_in(self, server: smtplib.SMTP) -> None:
        user = self._account.user
        if not user:
            return
        if not isinstance(server.sock, ssl.SSLSocket):
            raise _RefusedError("would get the password without encryption")
        self._secret = None
        self._secret = password = self._password()
        try:
            server.login(user, password)
        except UnicodeError:  # its text holds the password
            raise _RefusedError("cannot be told a password or user with other than ASCII characters") from None
        except (smtplib.SMTPResponseException, smtplib.SMTPServerDisconnected):
            raise
        except smtplib.SMTPException:
            raise _RefusedError("offers no way to log in that is known here") from None

    def _hand_over(self, server: smtplib.SMTP) -> None:
        body = _LINE_OF_DOTS.sub(b"..", self._mail.as_bytes())  # RFC 5321, 4.5.2
        _expect(server.mail(self._account.sender), 250)
        _expect(server.rcpt(str(self._mail["To"])), 250, 251)
        _expect(server.docmd("DATA"), 354)
        with self._lock:
            if self._is_off:
                raise _CalledOffError
            self._begun_at = monotonic()
        server.send(body)
        self._is_out = True
        server.send(b".\r\n" if body.endswith(b"\r\n") else b"\r\n.\r\n")
        _expect(server.getreply(), 250)

    def _keep(self, connected: socket.socket) -> None:
        """Remember the connection, to be able to hang up; at once if nobody waits any more."""
        with self._lock:
            self._socket = connected
            if self._is_off:
                raise _CalledOffError

    def _hang_up(self) -> None:
        with self._lock, suppress(OSError):  # it may have ended by itself
            if self._socket:
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)  # below TLS, whose own would wait

    def _judged(self, error: Exception) -> Sent:
        """Return what a failure means for the mail; no text of the server that may repeat a password."""
        host = self._account.host
        if isinstance(error, smtplib.SMTPAuthenticationError):
            return Sent(_lasting(error.smtp_code), f"{host} refused user or password ({error.smtp_code})")
        if isinstance(error, smtplib.SMTPResponseException):
            told = _first_line(error.smtp_error)
            told = told.replace(self._secret, "***") if self._secret else told
            return Sent(_lasting(error.smtp_code), f"{host} answered {error.smtp_code} {told}")
        if isinstance(error, ssl.SSLCertVerificationError):
            return Sent("permanent", f"{host}: its certificate is not trusted: {error.verify_message}")
        if isinstance(error, _RefusedError):
            return Sent("permanent", f"{host} {error}")
        if isinstance(error, ExternalError):
            return Sent("temporary", f"{error.message}; {error.hint}")
        if self._is_out:
            return Sent("temporary", UNKNOWN)
        if isinstance(error, OSError):  # those of smtplib too
            return Sent("temporary", f"{host}: {error.strerror or 'the connection broke off'}")
        return Sent("temporary", f"{host}: {type(error).__name__}")


def _expect(answer: tuple[int, bytes], *codes: int) -> None:
    if answer[0] not in codes:
        raise smtplib.SMTPResponseException(*answer)


def _lasting(code: int) -> str:
    return "permanent" if 500 <= code < 600 else "temporary"


def _first_line(answer: bytes | str) -> str:
    text = answer.decode(errors="replace") if isinstance(answer, bytes) else answer
    return text.partition("\n")[0][:_TOLD].strip()
