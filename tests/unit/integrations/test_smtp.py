"""Mail handed over to real servers, good and bad ones."""

import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from crmcli.config.sending import Account
from crmcli.domain.deliveries import UNKNOWN
from crmcli.errors import ExternalError
from crmcli.integrations.messages import Letter, build
from crmcli.integrations.sent import DONE, Sent
from crmcli.integrations.smtp import send
from tests.unit.integrations.servers import behaving, make_authority
from tests.unit.integrations.smtp_servers import Script, mail_server, scripted
from tests.unit.integrations.test_messages import AT, LETTER, said

PASSWORD = "c4nary-s3cret"
PATIENCE_S = 60  # how long a test waits for what must come
Tls = tuple[Path, ssl.SSLContext]


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    return make_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def tls(authority: Tls, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """What a server needs whose certificate this machine trusts."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority[0]))
    return authority[1]


def account(port: int, security: str = "none", user: str = "", host: str = "localhost") -> Account:
    return Account(
        "work", "Acme", "info@example.com", "127.0.0.1" if security == "none" else host, port, security, user
    )


def sent(account: Account, letter: Letter = LETTER, seconds: float = 20, password: str = PASSWORD) -> Sent:
    return send(build(letter, account, "a1b2", AT), account, lambda: password, time.monotonic() + seconds)


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_mail_goes_out_encrypted_and_logged_in(tls: ssl.SSLContext, security: str) -> None:
    with mail_server(tls, security, PASSWORD) as server:
        assert sent(account(server.port, security, "anna")) == DONE
    (taken,) = server.taken
    assert (taken.sender, taken.recipients) == ("info@example.com", ["luca@example.org"])
    assert taken.mail["Message-ID"] == "<a1b2@example.com>"
    assert said(taken.mail) == LETTER.text, "a line that begins with a dot is whole"
    assert server.log_ins == [(b"anna", PASSWORD.encode())]


def test_a_relay_on_this_machine_needs_neither() -> None:
    with mail_server() as server:
        assert sent(account(server.port)) == DONE
        assert sent(account(server.port), LETTER._replace(text="")) == DONE
    assert [len(taken.recipients) for taken in server.taken] == [1, 1]


def test_a_wrong_password_is_told_and_not_repeated(tls: ssl.SSLContext) -> None:
    with mail_server(tls, "tls", "other") as server:
        found = sent(account(server.port, "tls", "anna"))
    assert found == Sent("permanent", "localhost refused user or password (535)")
    assert server.taken == []


def test_a_password_that_cannot_be_said_is_told_and_not_repeated(tls: ssl.SSLContext) -> None:
    with mail_server(tls, "tls", PASSWORD) as server:
        found = sent(account(server.port, "tls", "anna"), password="pàssword")
    assert (found.status, "ASCII" in found.reason, "ssword" in found.reason.replace("password", "")) == (
        "permanent",
        True,
        False,
    )


def test_without_a_password_nothing_is_sent(tls: ssl.SSLContext) -> None:
    def none() -> str:
        raise ExternalError("no password for work", hint="crm secret set work")

    with mail_server(tls, "tls", PASSWORD) as server:
        where = account(server.port, "tls", "anna")
        found = send(build(LETTER, where, "a1b2", AT), where, none, time.monotonic() + 20)
    assert found == Sent("temporary", "no password for work; crm secret set work")
    assert server.taken == []


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_that_nobody_vouches_for_is_refused(tls: ssl.SSLContext, security: str, tmp_path: Path) -> None:
    _, stranger = make_authority(tmp_path)
    with mail_server(stranger, security, PASSWORD) as server:
        found = sent(account(server.port, security, "anna"))
    assert found.status == "permanent"
    assert "certificate is not trusted" in found.reason
    assert (server.taken, server.log_ins) == ([], [])


def test_a_certificate_of_another_name_is_refused(tls: ssl.SSLContext) -> None:
    with mail_server(tls, "tls", PASSWORD) as server:
        found = sent(account(server.port, "tls", "anna", host="127.0.0.1"))
    assert (found.status, "certificate" in found.reason, server.log_ins) == ("permanent", True, [])


def test_stripped_encryption_is_refused_before_a_byte_of_the_password(tls: ssl.SSLContext) -> None:
    script = Script(EHLO="250-test\r\n250 AUTH PLAIN LOGIN")
    with scripted(script) as port:
        found = sent(account(port, "starttls", "anna"))
    assert found == Sent("permanent", "localhost does not offer encryption (STARTTLS)")
    assert {line.split()[0] for line in script.lines} <= {b"ehlo", b"QUIT", b"quit"}
    script = Script(EHLO="250-test\r\n250-AUTH PLAIN LOGIN\r\n250 STARTTLS", STARTTLS="454 not now")
    with scripted(script) as port:
        assert sent(account(port, "starttls", "anna")).status == "temporary"
    assert not any(line.upper().startswith((b"AUTH", b"MAIL")) for line in script.lines)


def test_what_comes_before_the_encryption_counts_no_more(tls: ssl.SSLContext) -> None:
    """An answer that is slipped in behind the one to STARTTLS, and features that only the plain side offers."""
    talked: list[bytes] = []

    def talk(connection: socket.socket) -> None:
        connection.sendall(b"220 test\r\n")
        connection.recv(1000)
        connection.sendall(b"250-test\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n")
        connection.recv(1000)
        connection.sendall(b"220 go on\r\n250-slipped\r\n250 AUTH PLAIN\r\n")
        with tls.wrap_socket(connection, server_side=True) as secured:
            talked.append(secured.recv(1000))
            secured.sendall(b"250 test\r\n")
            talked.append(secured.recv(1000))

    with behaving(talk) as port:
        found = sent(account(port, "starttls", "anna"))
    assert (found.status, "no way to log in" in found.reason) == ("permanent", True)
    assert not any(b"AUTH" in part.upper() for part in talked)


VERBS = ("greeting", "EHLO", "MAIL", "RCPT", "DATA")


@pytest.mark.parametrize("verb", VERBS)
def test_a_server_that_hangs_up_is_tried_again(verb: str) -> None:
    more = {"HELO": None} if verb == "EHLO" else {}
    with scripted(Script(**{verb: None}, **more)) as port:
        assert sent(account(port)).status == "temporary"


def test_after_the_last_line_nobody_knows() -> None:
    with scripted(Script(body=None)) as port:
        assert sent(account(port)) == Sent("temporary", UNKNOWN)


@pytest.mark.parametrize(
    ("code", "status"), [(421, "temporary"), (451, "temporary"), (550, "permanent"), (554, "permanent")]
)
@pytest.mark.parametrize("verb", [*VERBS, "body"])
def test_an_answer_says_whether_to_try_again(verb: str, code: int, status: str) -> None:
    more = {"HELO": f"{code} no"} if verb == "EHLO" else {}
    with scripted(Script(**{verb: f"{code} not for you\a"}, **more)) as port:
        found = sent(account(port))
    assert (found.status, str(code) in found.reason) == (status, True)


def test_nobody_there_is_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert sent(account(port)).status == "temporary"
    nowhere = account(25, "tls", host="mail.invalid")
    assert sent(nowhere, seconds=5).status == "temporary"


@pytest.mark.parametrize(("verb", "answer"), [("", "220 hello"), ("RCPT", "250 well"), ("DATA", "354 go on")])
def test_a_slow_server_is_left_when_the_time_is_over(verb: str, answer: str) -> None:
    left, ended = threading.Event(), threading.Event()

    def slowly() -> str:
        left.wait(PATIENCE_S)
        return answer

    script = Script()
    script.answers[verb] = slowly

    def talk(connection: socket.socket) -> None:
        with suppress(OSError):
            script.talk(connection)
        ended.set()

    with behaving(talk) as port:
        found = sent(account(port), seconds=1)
        left.set()
        assert ended.wait(PATIENCE_S)
    assert (found.status, "no answer in time" in found.reason) == ("temporary", True)
    assert not any(line.startswith((b"From", b".")) for line in script.lines), (
        "what was called off is not sent after all"
    )


def test_a_body_that_was_begun_is_finished() -> None:
    def slowly() -> str:
        time.sleep(2.5)
        return "250 taken"

    with scripted(Script(body=slowly)) as port:
        assert sent(account(port), seconds=2) == DONE


def test_a_tarpit_does_not_hold_anybody() -> None:
    def drip(connection: socket.socket) -> None:
        while True:
            connection.sendall(b"2")
            time.sleep(0.02)

    with behaving(drip) as port:
        begun = time.monotonic()
        assert sent(account(port), seconds=0.3).status == "temporary"
        assert time.monotonic() - begun < PATIENCE_S


def test_a_password_program_that_hangs_does_not_hold_anybody(tls: ssl.SSLContext) -> None:
    with mail_server(tls, "tls", PASSWORD) as server:
        where = account(server.port, "tls", "anna")
        release = threading.Event()
        password: Callable[[], str] = lambda: str(release.wait(5))  # noqa: E731
        found = send(build(LETTER, where, "a1b2", AT), where, password, time.monotonic() + 0.5)
        release.set()
    assert (found, server.taken) == (Sent("temporary", "localhost: its password was not told in time"), [])


def test_a_server_that_repeats_the_password_does_not_get_it_into_the_reason(tls: ssl.SSLContext) -> None:
    with mail_server(tls, "tls", PASSWORD) as server:
        server.refusal = f"550 no, anna with {PASSWORD}"
        found = sent(account(server.port, "tls", "anna"))
    assert found == Sent("permanent", "localhost answered 550 no, anna with ***")
