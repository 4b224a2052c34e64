"""Servers of calendars that answer in their own way, or with malice."""

import socket
from collections.abc import Callable

import pytest

from crmcli.config.calendars import Synced
from crmcli.errors import ExternalError
from crmcli.integrations.dav import Collection
from crmcli.integrations.dav_xml import parse
from tests.unit.integrations.servers import behaving

HEAD = '<?xml version="1.0"?><D:multistatus xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">'
ITEM = (
    "<D:response><D:href>{0}</D:href><D:propstat><D:prop><D:getetag>{1}</D:getetag></D:prop>"
    "<D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>"
)
GONE = "<D:response><D:href>{0}</D:href><D:status>HTTP/1.1 404 Not Found</D:status></D:response>"


def answering(*answers: tuple[int, str]) -> Callable[[socket.socket], None]:
    """Answer so, one after the other; the last one for ever."""
    left = list(answers)

    def talk(connected: socket.socket) -> None:
        asked = b""
        while b"\r\n\r\n" not in asked:
            asked += connected.recv(65536)
        status, body = left.pop(0) if len(left) > 1 else left[0]
        connected.sendall(f"HTTP/1.0 {status} X\r\nContent-Length: {len(body.encode())}\r\n\r\n{body}".encode())

    return talk


def collection(port: int) -> Collection:
    return Collection(Synced("calendar", "work", f"http://127.0.0.1:{port}/c/"), "")


def test_pages_of_changes_are_followed_to_their_end() -> None:
    cut = "<D:response><D:href>/c/</D:href><D:status>HTTP/1.1 507 X</D:status></D:response>"
    first = HEAD + ITEM.format("/c/a%20b.ics", '"1"') + cut + "<D:sync-token>t1</D:sync-token></D:multistatus>"
    second = (
        HEAD
        + ITEM.format("/c/d.ics", '"2"')
        + GONE.format("/c/e.ics")
        + "<D:sync-token>t2</D:sync-token></D:multistatus>"
    )
    with behaving(answering((207, first), (207, second))) as port, collection(port) as server:
        found = server.changes("t0")
    assert (dict(found.etags), found.gone, found.token, found.is_whole) == (
        {"/c/a%20b.ics": '"1"', "/c/d.ics": '"2"'}, frozenset({"/c/e.ics"}), "t2", False,
    )  # fmt: skip


def test_a_server_without_marks_is_listed() -> None:
    listed = HEAD + ITEM.format("/c/a.ics", '"1"') + ITEM.format("/elsewhere.ics", '"1"') + "</D:multistatus>"
    listed = listed.replace("</D:multistatus>", ITEM.format("http://other.example/c/x.ics", '"1"') + "</D:multistatus>")
    with behaving(answering((403, ""), (501, ""), (207, listed))) as port, collection(port) as server:
        found = server.changes("old")
    assert (dict(found.etags), found.token, found.is_whole) == ({"/c/a.ics": '"1"'}, "", True)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<html>",
        "nonsense",
        '<!DOCTYPE x [<!ENTITY a "b">]>' + HEAD + "</D:multistatus>",
        "\ufeff<a",
        HEAD + "<D:x>" * 5,
    ],
)
def test_what_is_no_answer_is_told(body: str) -> None:
    with (
        behaving(answering((207, body))) as port,
        collection(port) as server,
        pytest.raises(ExternalError, match="cannot be read"),
    ):
        server.components()


@pytest.mark.parametrize(("status", "told"), [(401, "refuses user"), (302, "redirect"), (500, "answered 500")])
def test_refusals_are_told(status: int, told: str) -> None:
    with (
        behaving(answering((status, ""))) as port,
        collection(port) as server,
        pytest.raises(ExternalError, match=told),
    ):
        server.components()


def test_one_s_own_net_must_be_allowed() -> None:
    with pytest.raises(ExternalError, match="not public") as refused:
        Collection(Synced("calendar", "work", "https://10.0.0.1/c/"), "")
    assert "private = true" in (refused.value.hint or "")


def test_deep_answers_end() -> None:
    body = (HEAD + "<D:x>" * 50_000 + "</D:x>" * 50_000 + "</D:multistatus>").encode()
    assert parse(body).found == []
