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
from bot.web.event_access import EventAccess, root_of

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

    @property
    def root(self) -> str:
        """The path of PUBLIC_URL: where a proxy serves this server below one; "" elsewhere."""
        return root_of(self.settings)


def house_of(request: Request) -> House:
    """The house that this application serves."""
    house: House = request.app.state.house
    return house


PROXIED = ("x-forwarded-for", "x-forwarded-host", "x-real-ip", "forwarded", "via")
"""What a proxy writes of whom it speaks for."""


def may_look(request: Request, settings: Settings) -> bool:
    """With WEB_TOKEN: whoever knows it. Without: only this machine, and not through somebody else's page.

    Where others reach this server, what comes from this machine may be anybody's, by a proxy: there it takes the token.
    """
    if settings.web_token is not None:
        known = settings.web_token.get_secret_value().encode()
        return any(hmac.compare_digest(offered.encode(), known) for offered in _offered(request))
    if settings.public_url or any(name in request.headers for name in PROXIED):
        return False
    host = (request.headers.get("host") or "").rsplit(":", 1)[0].strip("[]")
    near = request.client is not None and request.client.host in {"127.0.0.1", "::1"}
    return near and host in {"127.0.0.1", "localhost", "::1"}


def _offered(request: Request) -> tuple[str, ...]:
    # A proxy may ask for a password of its own: its header is no word for us.
    words = request.headers.get("authorization", "").removeprefix("Bearer ")
    return words, request.query_params.get("token", ""), request.cookies.get("bellhop", "")


def closed() -> Response:
    """The answer to whoever may not look."""
    return PlainTextResponse("This page needs WEB_TOKEN: open it with ?token=… or an Authorization header.\n", 401)
