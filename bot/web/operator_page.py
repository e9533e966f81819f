"""The operator's page: the doors, the workers and the newest events, at one glance."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from bot.events import Health, Receipt, State
from bot.money import usd_words
from bot.web.house import House, closed, house_of, may_look
from bot.web.readiness import NO_WORKER

if TYPE_CHECKING:
    from jinja2 import Template

    from bot.reservations import Standing


@dataclass(frozen=True, slots=True)
class Sight:
    """What the page shows; `schedules` in words by their rules, with a button each where one `may_fire`."""

    doors: Mapping[str, Health]
    workers: int
    receipts: tuple[Receipt, ...]
    counts: Mapping[State, int]
    started_at: datetime
    now: datetime
    money: tuple[Standing, ...] = ()
    schedules: Mapping[str, str] = field(default_factory=dict)
    may_fire: bool = False

    @property
    def is_well(self) -> bool:
        """Whether every door works and somebody answers."""
        return self.workers > 0 and all(door.ok for door in self.doors.values())


async def operator_page(request: Request) -> Response:
    """GET /: needs WEB_TOKEN when it is set; `?token=` is kept in a cookie and need not stand in the next address."""
    house = house_of(request)
    if not may_look(request, house.settings):
        return closed()
    response = HTMLResponse(await asyncio.to_thread(lambda: html_of(_look(house), house.root)))
    if request.query_params.get("token"):
        response.set_cookie("bellhop", request.query_params["token"], httponly=True, samesite="strict")
    return response


async def fire(request: Request) -> Response:
    """POST /fire: run the schedule whose rule the form's field `rule` names, then show the page again."""
    house = house_of(request)
    if house.settings.web_token is None or not may_look(request, house.settings):
        return closed()
    name = str((await request.form(max_files=0, max_fields=1)).get("rule", ""))
    if house.schedules is None or name not in house.schedules.words():
        return PlainTextResponse("There is no schedule of this name.\n", 404)
    await house.schedules.fire(name)
    return RedirectResponse(f"{house.root}/", 303)


def html_of(sight: Sight, root: str = "") -> str:
    """The page, from what it shows alone; `root` is the path below which this server is reached."""
    return _template().render(
        sight=sight, root=root, ago=lambda moment: ago(moment, sight.now), sentence=sentence, no_worker=NO_WORKER
    )


def ago(moment: datetime, now: datetime) -> str:
    """How long it is since then, in words: "just now", "3 s ago", "5 min ago", "2 h ago", else the day and time."""
    seconds = (now - moment).total_seconds()
    if seconds < 1:
        return "just now"
    for limit, unit, name in ((90, 1, "s"), (5_400, 60, "min"), (86_400, 3_600, "h")):
        if seconds < limit:
            return f"{seconds // unit:.0f} {name} ago"
    return f"on {moment:%d %b %Y at %H:%M} UTC"


def sentence(words: str) -> str:
    """The words of a door as a sentence of their own."""
    return words[:1].upper() + words[1:] + ("." if words and words[-1] not in ".!?" else "")


def _look(house: House) -> Sight:
    return Sight(
        doors=house.doors(),
        workers=house.workers(),
        receipts=tuple(house.receipts.newest(limit=50)),
        counts=house.receipts.counts(),
        started_at=house.started_at,
        now=datetime.now(UTC),
        money=tuple(house.money()),
        schedules=house.schedules.words() if house.schedules else {},
        may_fire=house.settings.web_token is not None,
    )


@cache
def _template() -> Template:
    from jinja2 import Environment, select_autoescape  # the page may never be opened

    environment = Environment(autoescape=select_autoescape(default=True, default_for_string=True))
    environment.globals["usd_words"] = usd_words
    return environment.from_string(files("bot.web").joinpath("pages/operator.html").read_text(encoding="utf-8"))
