"""A real CalDAV and CardDAV server (Radicale) on the loopback interface, and short ways to be its other client."""

import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import pytest

USER, PASSWORD = "anna", "s3cret-word"
_CALENDAR = (
    '<mkcol xmlns="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><set><prop><resourcetype><collection/><c:calendar/>'
    "</resourcetype></prop></set></mkcol>"
)
_BOOK = (
    '<mkcol xmlns="DAV:" xmlns:a="urn:ietf:params:xml:ns:carddav"><set><prop><resourcetype><collection/>'
    "<a:addressbook/></resourcetype></prop></set></mkcol>"
)


class DavServer:
    """The server; ``asked`` keeps methods and paths, ``before`` is called with each of them."""

    def __init__(self, folder: Path) -> None:
        radicale = pytest.importorskip("radicale", reason="the CalDAV server of the tests is not installed")
        from radicale import config

        users = folder / "users"
        users.write_text(f"{USER}:{PASSWORD}\n")
        configuration = config.load()
        login = {"type": "htpasswd", "htpasswd_filename": str(users), "htpasswd_encryption": "plain", "delay": "0"}
        configuration.update(
            {
                "auth": login,
                "storage": {"filesystem_folder": str(folder / "collections"), "_filesystem_fsync": "False"},
                "rights": {"type": "owner_only"},
                "logging": {"level": "critical"},
            },
            "test",
            privileged=True,
        )
        application = radicale.Application(configuration)
        self.asked: list[tuple[str, str]] = []
        self.before: Any = lambda method, path: None
        outer = self

        def watched(environ: dict[str, Any], start: Any) -> Any:
            outer.asked.append((environ["REQUEST_METHOD"], environ["PATH_INFO"]))
            outer.before(*outer.asked[-1])
            return application(environ, start)

        class Quiet(WSGIRequestHandler):
            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        class Server(ThreadingMixIn, WSGIServer):
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None:
                """A client that dies is part of the tests."""

        self.http = Server(("127.0.0.1", 0), Quiet)
        self.http.set_app(watched)
        self.port = self.http.server_address[1]

    def ask(self, method: str, path: str, body: str = "", **headers: str) -> tuple[int, dict[str, str], str]:
        """Ask as the other client does; return status, headers and body."""
        pair = b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        said = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body.encode(), {"Authorization": f"Basic {pair}", **said})
        answer = connection.getresponse()
        found = answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode()
        connection.close()
        return found

    def make(self, path: str, *, book: bool = False) -> str:
        """Make a collection and return its address."""
        status, _, text = self.ask("MKCOL", path, _BOOK if book else _CALENDAR, Content_Type="application/xml")
        assert status == 201, text
        return f"http://127.0.0.1:{self.port}{path}"

    def put(self, path: str, *components: str) -> None:
        """Write a calendar file of these components."""
        text = "".join(["BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//other//EN\r\n", *components, "END:VCALENDAR\r\n"])
        status, _, told = self.ask("PUT", path, text, Content_Type="text/calendar")
        assert status in (201, 204), told

    def put_card(self, path: str, *lines: str) -> None:
        """Write a card."""
        text = "\r\n".join(["BEGIN:VCARD", "VERSION:3.0", *lines, "END:VCARD", ""])
        status, _, told = self.ask("PUT", path, text, Content_Type="text/vcard")
        assert status in (201, 204), told

    def text(self, path: str) -> str:
        """Return an item, unfolded."""
        status, _, text = self.ask("GET", path)
        assert status == 200, text
        return text.replace("\r\n ", "").replace("\r\n", "\n")

    def edit(self, path: str, old: str, new: str) -> None:
        """Change a piece of an item."""
        text = self.text(path)
        assert old in text, text
        kind = "text/vcard" if path.endswith(".vcf") else "text/calendar"
        status, _, told = self.ask("PUT", path, text.replace(old, new).replace("\n", "\r\n"), Content_Type=kind)
        assert status in (201, 204), told

    def names(self, path: str) -> list[str]:
        """Return the names of the items of a collection."""
        _, _, text = self.ask("PROPFIND", path, Depth="1")
        from xml.etree.ElementTree import fromstring

        hrefs = [element.text or "" for element in fromstring(text).iter("{DAV:}href")]
        return sorted(href.rpartition("/")[2] for href in hrefs if not href.endswith("/"))


@contextmanager
def serving_dav(folder: Path) -> Iterator[DavServer]:
    """Serve until the block ends."""
    server = DavServer(folder)
    thread = threading.Thread(target=server.http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.http.shutdown()
        server.http.server_close()
