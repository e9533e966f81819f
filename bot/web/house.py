"""What the pages speak of, and who may look at them."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from bot.events import Health, Receipt
from bot.settings import Settings
from bot.web.event_access import EventAccess

if TYPE_CHECKING:
    from bot.payments import Payments
    from bot.receipts import Receipts
    from bot.reservations import Standing


@dataclass(frozen=True, slots=True)
class Schedules:
    """`words` says each schedule's rhythm and next instants, by its rule; `fire` runs one of them now."""

    words: Callable[[], Mapping[str, str]]
    fire: Callable[[str], Awaitable[Receipt]]


@dataclass(frozen=True, slots=True)
class House:
    """The receipts and payments, the open doors, the workers, since when this process runs, the way to a single event.

    `doors` tells how every open door does, whichever process runs it; `workers` how many processes answer events;
    `money` how the ceilings stand. They ask the database, so they block; all but `doors` raise when it does not answer.
    """

    settings: Settings
    receipts: Receipts
    payments: Payments
    doors: Callable[[], Mapping[str, Health]]
    workers: Callable[[], int]
    started_at: datetime
    events: EventAccess
    money: Callable[[], Sequence[Standing]] = tuple
    schedules: Schedules | None = None


def house_of(request: Request) -> House:
    """The house that this application serves."""
    house: House = request.app.state.house
    return house


def may_look(request: Request, settings: Settings) -> bool:
    """With WEB_TOKEN: whoever knows it. Without: only this machine, and not through somebody else's page."""
    if settings.web_token is not None:
        offered = (
            request.headers.get("authorization", "").removeprefix("Bearer ")
            or request.query_params.get("token", "")
            or request.cookies.get("bellhop", "")
        )
        return hmac.compare_digest(offered.encode(), settings.web_token.get_secret_value().encode())
    host = (request.headers.get("host") or "").rsplit(":", 1)[0].strip("[]")
    near = request.client is not None and request.client.host in {"127.0.0.1", "::1"}
    return near and host in {"127.0.0.1", "localhost", "::1"}


def closed() -> Response:
    """The answer to whoever may not look."""
    return PlainTextResponse("This page needs WEB_TOKEN: open it with ?token=… or an Authorization header.\n", 401)
