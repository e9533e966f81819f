"""The page's server: one page, its live changes, and the acts of whoever plays, on loopback only."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, select_autoescape
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from playground.page.acts import Acts
from playground.page.board import Board
from playground.page.connect import connections, marked
from playground.page.guard import Guard
from playground.page.mails import PEOPLE, page_of
from playground.page.outcome import Outcomes
from playground.page.program import Program
from playground.page.sights import FOLDERS, Sights
from playground.page.strikes import Strikes
from playground.page.trouble import Troubles
from playground.serving import serve
from playground.stage import Stage
from playground.stage.hooks import FORM, PROGRAM
from playground.stage.inbox import SAMPLES

HERE = Path(__file__).parent
PORTS_TRIED = 20


class Page:
    """The page of one stage. `app` is guarded: see `guard.refusal`."""

    def __init__(self, stage: Stage) -> None:
        self.token = secrets.token_urlsafe(24)
        self._stage = stage
        self._troubles = Troubles(Strikes(stage).by_name(), Outcomes(stage))
        self._sights = Sights(stage, self._troubles)
        self._board: Board | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self.app: ASGIApp = Guard(self._routed(), self.token, frames=stage.web_url)

    def end_streams(self) -> None:
        """Let every open page go, so that the server can stop at once."""
        if self._board is not None and self._loop is not None:
            asyncio.run_coroutine_threadsafe(self._board.close(), self._loop).result(5)

    def _routed(self) -> Starlette:
        routes = [
            Route("/", self._page),
            Route("/live", self._live),
            Route("/mail/{person}/{folder}/{uid:int}", self._letter),
            Mount("/static", StaticFiles(directory=HERE / "static")),
            Program(self._stage.web_url).route(),
            *Acts(self._stage, self._troubles).routes(),
        ]
        return Starlette(routes=routes, lifespan=self._lifespan)

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        self._loop, self._board = asyncio.get_running_loop(), Board(self._sights.look)
        keeping = asyncio.create_task(self._board.keep())
        try:
            yield
        finally:
            keeping.cancel()
            with suppress(asyncio.CancelledError):
                await keeping

    async def _page(self, _: Request) -> HTMLResponse:
        templates = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=select_autoescape())
        templates.filters["marked"] = marked
        html = templates.get_template("page.html").render(
            token=self.token,
            form_url=f"{self._stage.web_url}/forms/{FORM}",
            hook_url=f"{self._stage.web_url}/hooks/{PROGRAM}",
            stand_in=self._stage.claude is not None,
            troubles=self._troubles.kinds(),
            connections=connections(),
            samples=tuple(SAMPLES),
            inbox=str(self._stage.inbox.path),
        )
        return HTMLResponse(html)

    async def _letter(self, request: Request) -> HTMLResponse:
        """The page that came in a mail, for a frame without scripts."""
        person, folder, uid = (request.path_params[name] for name in ("person", "folder", "uid"))
        mails = self._stage.mail.mails(folder, PEOPLE[person][1]) if person in PEOPLE and folder in FOLDERS else []
        found = next((mail.content for mail in mails if mail.uid == uid), None)
        if found is None:
            return HTMLResponse("There is no such mail.\n", 404)
        return HTMLResponse(page_of(found, with_quote="quoted" in request.query_params))

    async def _live(self, request: Request) -> StreamingResponse:
        """Server-sent events; each id is this start's token and the number of the last change in it."""
        start, _, number = request.headers.get("last-event-id", "").rpartition(".")
        since = int(number) if start == self._start and number.isdigit() else 0
        return StreamingResponse(self._events(since), media_type="text/event-stream")

    async def _events(self, since: int) -> AsyncIterator[str]:
        assert self._board is not None
        yield "retry: 1000\n\n"
        async for version, data in self._board.changes(since):
            yield f"id: {self._start}.{version}\ndata: {data}\n\n"

    @property
    def _start(self) -> str:
        """Tells this start from others, without giving the token away."""
        return self.token[:6]


@contextmanager
def serve_page(stage: Stage, port: int = 0) -> Iterator[str]:
    """Serve the page on 127.0.0.1 until the block ends; a busy port picks the next one. Yields its address."""
    page = Page(stage)
    with ExitStack() as stack:
        url = _first_free(stack, page.app, port)
        stack.callback(page.end_streams)
        yield f"{url}/"


def _first_free(stack: ExitStack, app: ASGIApp, port: int) -> str:
    for tried in range(port, min(port + PORTS_TRIED, 65_536)) if port else ():
        with suppress(OSError):
            return stack.enter_context(serve(app, tried))
    return stack.enter_context(serve(app))
