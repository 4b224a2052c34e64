"""The whole screen in a browser of the same machine: each page that is opened runs the application in a process.

The server listens on the loopback interface alone, and only at paths that begin with a random token: without it
nothing is answered, neither a page nor a script nor the connection through which keys and the screen go. The token is
in the link that is printed and in nothing else, so that no other program of the machine learns it from a list of
processes, nor another page from a cookie or the address it was reached from.
"""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from hmac import compare_digest
from pathlib import Path
from secrets import token_urlsafe

from aiohttp import web
from textual_serve.server import Server

from crmcli.errors import CrmError

_HOST = "127.0.0.1"
_HERE = Path(__file__).parent
_LEAVING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_PATIENCE_S = 1.0  # for pages that are open at the end
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (  # the styles are those that the terminal of the page makes for its cells
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; img-src data:;"
        " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def serve(command: str, port: int, tell: Callable[[str], None]) -> None:
    """Serve the application that a shell command starts, and tell the link, until this process is told to end.

    ``port`` 0 takes a free one. CrmError when a port cannot be had.
    """
    asyncio.run(_serve(GuardedServer(command), port, tell))


class GuardedServer(Server):
    """The server of pages, behind a token that every path begins with."""

    def __init__(self, command: str) -> None:
        super().__init__(command, host=_HOST, title="crmcli", templates_path=_HERE / "templates")
        self._token = token_urlsafe(32)

    @property
    def link(self) -> str:
        """The address of the page, token included."""
        return f"{self.public_url}/{self._token}/"

    async def make_app(self) -> web.Application:
        """Return what answers requests: everything of the server below the token, and nothing beside it."""
        app = web.Application(middlewares=[self._guard])
        app.on_response_prepare.append(_protect)
        pages = await self._make_app()
        pages.router.add_get("/page.js", _script)
        app.add_subapp(f"/{self._token}/", pages)
        return app

    async def on_startup(self, app: web.Application) -> None:
        """Say nothing: the link is told by whoever serves."""

    @web.middleware
    async def _guard(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Refuse whoever does not know the token, and pages of others that do."""
        given = request.path.split("/")[1].encode()
        if not compare_digest(given, self._token.encode()):
            raise web.HTTPForbidden(text="This address lacks its token: open the link that crm tui --serve printed.\n")
        if request.headers.get("Origin", self.public_url) != self.public_url:
            raise web.HTTPForbidden(text="Only the page that is served here may ask for this.\n")
        if request.path.endswith("/ws") and not web.WebSocketResponse().can_prepare(request):
            raise web.HTTPBadRequest(text="The page comes here by a WebSocket.\n")
        return await handler(request)


async def _script(_: web.Request) -> web.FileResponse:
    return web.FileResponse(_HERE / "page.js")


async def _protect(_: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(_HEADERS)


async def _serve(server: GuardedServer, port: int, tell: Callable[[str], None]) -> None:
    end = asyncio.Event()
    for number in _LEAVING:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
            asyncio.get_running_loop().add_signal_handler(number, end.set)
    runner = web.AppRunner(await server.make_app(), access_log=None, shutdown_timeout=_PATIENCE_S)
    await runner.setup()
    try:
        await web.TCPSite(runner, _HOST, port).start()
        server.public_url = f"http://{_HOST}:{runner.addresses[0][1]}"
        tell(server.link)
        await end.wait()
    except OSError as error:
        raise CrmError(f"port {port} cannot be had: {error.strerror}", code="port.taken") from error
    finally:
        await runner.cleanup()
