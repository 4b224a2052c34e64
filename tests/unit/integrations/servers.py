"""Real servers on the loopback interface, each with a temper of its own, and a certificate authority for tests."""

import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


class Request:
    """What a server was asked."""

    def __init__(self, handler: BaseHTTPRequestHandler) -> None:
        self.path = handler.path
        self.headers = dict(handler.headers.items())
        self.body = handler.rfile.read(int(handler.headers.get("Content-Length", "0")))


class Server:
    """An HTTP server that keeps what it is asked and answers with the statuses it is given, the last one for ever."""

    def __init__(self, statuses: tuple[int, ...] = (200,), tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[Request] = []
        self.statuses = list(statuses)
        self.headers: dict[str, str] = {}
        self.before_answer: Callable[[], object] = lambda: None
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer.requests.append(Request(self))
                outer.before_answer()
                status = outer.statuses.pop(0) if len(outer.statuses) > 1 else outer.statuses[0]
                self.send_response(status)
                for name, value in outer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        class Quiet(ThreadingHTTPServer):
            request_queue_size = 64

            def handle_error(self, request: Any, client_address: Any) -> None:
                """A client that hangs up is part of the tests."""

        self.http = Quiet(("127.0.0.1", 0), Handler)
        if tls:
            self.http.socket = tls.wrap_socket(self.http.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self.http.server_address[1]

    @property
    def keys(self) -> list[str]:
        return [request.headers["Idempotency-Key"] for request in self.requests]


@contextmanager
def serving(*statuses: int, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    server = Server(statuses or (200,), tls)
    thread = threading.Thread(target=server.http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.http.shutdown()
        server.http.server_close()


@contextmanager
def behaving(talk: Callable[[socket.socket], object]) -> Iterator[int]:
    """Serve raw connections by a function and yield the port; it sees a closed socket when the client goes."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=_once, args=(connection,), daemon=True).start()

    def _once(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            talk(connection)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)  # closing alone would not wake the thread that waits
        listener.close()


def make_authority(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """Return the certificate of an authority made for tests, and what a server at ``localhost`` needs to use it."""
    key, request, certificate, root = (folder / name for name in ("key.pem", "ask.pem", "cert.pem", "root.pem"))
    extension = folder / "names.cnf"
    extension.write_text("subjectAltName = DNS:localhost\n")
    _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
             "-subj", "/CN=Test authority", "-keyout", folder / "root-key.pem", "-out", root)  # fmt: skip
    _openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=localhost",
             "-keyout", key, "-out", request)  # fmt: skip
    _openssl("x509", "-req", "-in", request, "-CA", root, "-CAkey", folder / "root-key.pem", "-CAcreateserial",
             "-days", "2", "-extfile", extension, "-out", certificate)  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return root, context


def _openssl(*arguments: object) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)
