"""One mail of the outbox on its way: asked once more, built, sent, and what the server says."""

from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from crmcli.config.paths import Paths, locate
from crmcli.config.sending import Account, Mail
from crmcli.config.settings import Settings
from crmcli.integrations import hidden
from crmcli.integrations.sent import DONE, Sent
from crmcli.services.delivery.messaging import message_sender
from crmcli.services.results import Command, Context
from tests.services.test_recipients import ADDRESS, LUCA, went
from tests.services.world import SETTINGS, Store
from tests.unit.integrations.servers import make_authority
from tests.unit.integrations.smtp_servers import mail_server

VALUES = {"to": ADDRESS, "purpose": "service", "subject": "Hello", "text": "Dear Luca", "html": ""}
Send = Callable[..., Sent]


def asking(store: Store, settings: Settings, paths: Paths) -> Context:
    return Context(store.path, settings, Command("crm test"), paths=paths)


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return locate({"CRMCLI_HOME": str(tmp_path)})


@pytest.fixture
def send(store: Store, paths: Paths) -> Send:
    def sent(port: int, values: Any = VALUES, key: str = "k1", mail: Mail | None = None, **account: Any) -> Sent:
        work = Account("work", "", "info@example.com", "127.0.0.1", port, "none")._replace(**account)
        settings = SETTINGS._replace(accounts={"work": work}, mail=mail)
        return message_sender(asking(store, settings, paths), "email")(values, key, monotonic() + 10)

    return sent


def test_a_mail_goes_out_with_its_key(send: Send) -> None:
    with mail_server() as server:
        assert (send(server.port), send(server.port)) == (DONE, DONE)
    assert {taken.mail["Message-ID"] for taken in server.taken} == {"<k1@example.com>"}


def test_without_an_account_nothing_goes_out(store: Store, paths: Paths) -> None:
    sent = message_sender(asking(store, SETTINGS, paths), "email")(VALUES, "k1", monotonic() + 10)
    assert sent == Sent("blocked", "no_account")


def test_7e_it_is_asked_again_when_it_is_sent(store: Store, send: Send) -> None:
    with mail_server() as server:
        store.add("contact", {"last_name": "Bianchi", "do_not_email": True, **LUCA})
        assert send(server.port) == Sent("blocked", "do_not_email")
        assert send(server.port, {**VALUES, "to": "x@example.org", "purpose": "marketing"}) == Sent(
            "blocked", "no_consent"
        )
    assert server.taken == []


def test_what_is_over_the_limit_waits_for_the_next_day(store: Store, send: Send) -> None:
    store.add("lead", last_name="Bianchi")
    went(store, 1, "a@example.org", "2026-03-18T10:00:00Z")
    with mail_server() as server:
        waits = send(server.port, mail=Mail("", 1, 1))
        assert waits == Sent("temporary", "daily_limit", "2026-03-18T23:00:00Z")
        assert send(server.port, mail=Mail("", 2, 2)) == DONE


def test_what_cannot_stand_in_a_mail_never_goes_out(send: Send) -> None:
    with mail_server() as server:
        for change in ({"subject": "x\r\nBcc: e@example.net"}, {"to": "a@example.org, e@example.net"}):
            assert send(server.port, {**VALUES, **change}).status == "permanent"
    assert server.taken == []


def test_the_password_comes_from_where_it_is_kept(
    store: Store, send: Send, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, tls = make_authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(root))
    secure = {"host": "localhost", "security": "tls", "user": "anna"}
    hidden.forget()
    with mail_server(tls, "tls", "s3cret") as server:
        missing = send(server.port, **secure)
        assert (missing.status, "crm secret set work" in missing.reason) == ("temporary", True)
        hidden.take({"CRMCLI_WORK_PASSWORD": "s3cret"})
        assert send(server.port, **secure) == DONE
        hidden.forget()
        assert send(server.port, password_command=("echo", "s3cret"), **secure) == DONE
    assert [password for _, password in server.log_ins] == [b"s3cret"] * 2
