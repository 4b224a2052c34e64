"""Web hooks against real servers, and against everything a name may lead to that is not the public internet."""

import hmac
import shutil
import socket
import time
from pathlib import Path

import pytest

from crmcli.integrations.addresses import is_public
from crmcli.integrations.sent import DONE, Sent
from crmcli.integrations.webhook import MOST_BYTES, Hosts, post
from tests.unit.integrations.servers import behaving, make_authority, serving

NOW = "2026-03-18T12:00:00+01:00"
OWN = Hosts(plain={"localhost"}, private={"localhost"})
BODY = b'{"lead": "L1"}'


def send(url: str, hosts: Hosts = OWN, *, body: bytes = BODY, limit_s: float = 5.0, secret: str | None = None) -> Sent:
    return post(url, body, "key-1", time.monotonic() + limit_s, hosts, secret)


def test_a_body_arrives_with_its_key_and_its_signature(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRMCLI_NOW", NOW)
    with serving() as server:
        assert send(f"http://localhost:{server.port}/in?x=1", secret="s3cret") == DONE
    (request,) = server.requests
    assert (request.path, request.body) == ("/in?x=1", BODY)
    assert request.headers["Idempotency-Key"] == "key-1"
    assert request.headers["Host"] == f"localhost:{server.port}"
    seconds, digest = (part.partition("=")[2] for part in request.headers["X-Signature"].split(","))
    assert seconds == "1773831600"
    assert digest == hmac.new(b"s3cret", b"1773831600." + BODY, "sha256").hexdigest()


def test_without_a_secret_nothing_is_signed() -> None:
    with serving() as server:
        send(f"http://localhost:{server.port}/")
    assert "X-Signature" not in server.requests[0].headers


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(204, "done"), (302, "permanent"), (404, "permanent"), (429, "temporary"), (500, "temporary")],
)
def test_a_status_is_judged(status: int, outcome: str) -> None:
    with serving(status) as server:
        assert send(f"http://localhost:{server.port}/").status == outcome
    assert len(server.requests) == 1


def test_golden_r_a_redirect_is_not_followed() -> None:
    with serving() as inner, serving(302) as outer:
        outer.headers["Location"] = f"http://localhost:{inner.port}/"
        assert "redirect" in send(f"http://localhost:{outer.port}/").reason
    assert inner.requests == []


LOOPBACK = (
    "127.1", "0x7f.1", "0177.0.0.1", "2130706433", "127.0.0.1", "[::ffff:127.0.0.1]", "[::1]", "localhost", "0.0.0.0",
    "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "169.254.169.254", "10.0.0.1",
    "192.168.1.1", "[fe80::1]", "[fc00::1]", "100.64.0.1", "224.0.0.1",
)  # fmt: skip


@pytest.mark.parametrize("host", LOOPBACK)
def test_golden_r_no_name_of_this_machine_or_net_is_reached(host: str) -> None:
    """Even where the host itself is allowed: only ``private`` opens one's own net."""
    with serving() as server:
        allowed = {host.strip("[]")}
        sent = send(f"http://{host}:{server.port}/", Hosts(secure=allowed, plain=allowed), limit_s=2)
        assert sent.status in ("blocked", "temporary"), sent
        assert server.requests == []


@pytest.mark.parametrize(
    "answers",
    [
        [["93.184.216.34"], ["127.0.0.1"]],  # public when it is judged, and this machine when it is asked again
        [["93.184.216.34", "127.0.0.1"]],
        [["127.0.0.1", "93.184.216.34"]],
    ],
)
def test_66_a_name_that_changes_its_mind_reaches_nobody(
    monkeypatch: pytest.MonkeyPatch, answers: list[list[str]]
) -> None:
    asked: list[str] = []
    reached: list[str] = []

    def resolve(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        found = answers[min(len(asked), len(answers) - 1)]
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    def connect(address: tuple[str, int], *_: object) -> socket.socket:
        reached.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", connect)
    sent = send("http://rebound.example.com/", Hosts(plain={"rebound.example.com"}), limit_s=2)
    assert sent.status in ("blocked", "temporary")
    assert (asked, "127.0.0.1" in reached) == (["rebound.example.com"], False)


@pytest.mark.parametrize(
    "address",
    [
        "::ffff:10.0.0.1",
        "2002:7f00:1::",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "::7f00:1",
        "fe80::1%eth0",
        "::",
        "x",
        "ff02::1",
    ],
)
def test_an_address_that_carries_another_is_judged_by_it(address: str) -> None:
    assert not is_public(address)


def test_public_addresses_are_public() -> None:
    assert all(map(is_public, ("93.184.216.34", "2606:4700::1111", "::ffff:93.184.216.34", "64:ff9b::5db8:d822")))


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://other.example.com/", "not among"),
        ("http://secure.example.com/", "needs https"),
        ("file:///etc/passwd", "https://HOST"),
        ("gopher://localhost/", "https://HOST"),
        ("https://user:word@localhost/", "names a user"),
        ("https://localhost:99999/", "no port"),
        ("https://local\nhost/", "characters"),
        ("https://localhost\\@evil.example.com/", "characters"),
        ("localhost", "https://HOST"),
        ("https://[::1/", "Invalid IPv6"),
    ],
)
def test_what_may_not_be_asked_is_blocked(url: str, reason: str) -> None:
    sent = send(url, Hosts(secure={"secure.example.com", "localhost"}))
    assert sent.status == "blocked"
    assert reason in sent.reason


def test_a_body_that_is_too_large_is_not_sent() -> None:
    with serving() as server:
        assert send(f"http://localhost:{server.port}/", body=b"x" * (MOST_BYTES + 1)).status == "permanent"
    assert server.requests == []


def test_nobody_there_is_a_failure_that_may_pass() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert send(f"http://localhost:{port}/").status == "temporary"


def _drip(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while True:
        connection.sendall(b"a")
        time.sleep(0.1)


def _flood(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    for _ in range(10_000):
        connection.sendall(b"X-Much: " + b"a" * 1000 + b"\r\n")


def _reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


@pytest.mark.parametrize("temper", [_drip, _flood, _reset, lambda connection: connection.sendall(b"no HTTP\r\n\r\n")])
def test_a_server_of_bad_temper_is_left_in_time(temper: object) -> None:
    began = time.monotonic()
    with behaving(temper) as port:  # type: ignore[arg-type]  # one of the functions above
        assert send(f"http://localhost:{port}/", limit_s=0.5).status == "temporary"
    assert time.monotonic() - began < 30


needs_openssl = pytest.mark.skipif(not shutil.which("openssl"), reason="makes its certificates with openssl")


@needs_openssl
def test_tls_is_verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, tls = make_authority(tmp_path)
    hosts = Hosts(secure={"localhost"}, private={"localhost", "127.0.0.1"})
    with serving(tls=tls) as server:
        stranger = send(f"https://localhost:{server.port}/", hosts)
        monkeypatch.setenv("SSL_CERT_FILE", str(root))
        wrong_name = send(f"https://127.0.0.1:{server.port}/", hosts)
        assert (stranger.status, wrong_name.status) == ("permanent", "permanent")
        assert "certificate" in stranger.reason
        assert server.requests == []
        assert send(f"https://localhost:{server.port}/", hosts) == DONE


def test_a_silent_partner_in_a_tls_handshake_is_left_in_time() -> None:
    hosts = Hosts(private={"localhost"})
    with behaving(lambda connection: time.sleep(60)) as port:
        began = time.monotonic()
        assert send(f"https://localhost:{port}/", hosts, limit_s=0.4).status == "temporary"
        assert time.monotonic() - began < 30
