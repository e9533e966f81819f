"""POST /hooks/<hook>: what is genuine becomes an event, and the caller gets it the way it asked for."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable, Mapping, Sequence

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.doors.webhook.deliveries import Deliveries, Delivery, Forgotten, OtherBody
from bot.doors.webhook.door import secrets_of
from bot.doors.webhook.rule import MOST_WAIT_S, WebhookRule
from bot.doors.webhook.signatures import Forged, Proof, verified
from bot.errors import Refused, TryAgain
from bot.events import Receipt
from bot.rules.rule import Rule
from bot.settings import Settings
from bot.store.group_commit import ENVIRONMENT
from bot.web.body import drain, media_type, read_body, worked_on
from bot.web.event_access import EventAccess
from bot.web.event_stream import stream_response, wants_stream
from bot.web.headers import listed
from bot.web.problem import Problem
from triggers.webhook.content import content_of
from triggers.webhook.delivery import delivery_of
from triggers.webhook.rates import Rates

log = structlog.get_logger()

NO_HOOK = "There is no such hook."
NOT_YOU = "This hook needs its secret."
OTHER = "This delivery came before with another body; give it an id of its own."
LONG_AGO = "This delivery came before and was answered; its receipt is kept no more."
STORED_AGAIN_S = 5
"""When nothing can be stored, so many seconds later may be tried."""
_WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*\"?(\d+)\"?(?=$|[,;\s])", re.IGNORECASE)


class Hooks:
    """The route. `on_event` is called for each event that was accepted here."""

    def __init__(
        self,
        rules: Sequence[Rule],
        settings: Settings,
        access: EventAccess,
        on_event: Callable[[], None],
        *,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rules = {rule.of(WebhookRule).hook: rule for rule in rules}
        self._secrets = {hook: secrets_of(rule, settings) for hook, rule in self._rules.items()}
        self._access, self._on_event, self._clock = access, on_event, clock
        self._rates = Rates(monotonic)

    def route(self, deliveries: Deliveries) -> Route:
        """POST /hooks/<hook>; every other method is 405."""

        async def hook(request: Request) -> Response:
            try:
                return await self._receive(request, deliveries)
            except Problem as problem:
                if problem.status == 413:
                    await drain(request)
                return problem.response()

        return Route("/hooks/{hook}", hook, methods=["POST"])

    async def _receive(self, request: Request, deliveries: Deliveries) -> Response:
        rule = self._rules.get(request.path_params["hook"])
        if rule is None:
            raise Problem(404, NO_HOOK)
        body = await read_body(request, takes_files=True)
        proof = self._verified(rule, request, body)
        content = await content_of(media_type(request), request.headers.get("content-type", ""), body)
        delivery = await worked_on(len(body), delivery_of, rule, content, proof)
        await self._demand_rate(rule, delivery, deliveries)
        receipt = await _accepted(deliveries, delivery)
        self._on_event()
        return await self._answer(request, rule, receipt)

    def _verified(self, rule: Rule, request: Request, body: bytes) -> Proof:
        keys = rule.of(WebhookRule)
        headers: Mapping[str, str] = dict(request.headers)
        try:
            return verified(keys.verify, headers, body, self._secrets[keys.hook], self._clock())
        except Forged:
            log.info("delivery refused: its secret or signature is wrong", hook=keys.hook)
            challenge = {"www-authenticate": "Bearer"} if keys.verify == "bearer" else {}
            raise Problem(401, NOT_YOU, challenge) from None

    async def _demand_rate(self, rule: Rule, delivery: Delivery, deliveries: Deliveries) -> None:
        keys = rule.of(WebhookRule)
        after_s = self._rates.take(keys.hook, keys.rate_per_minute)
        if after_s and not await _is_known(deliveries, delivery):
            words = f"This hook takes {keys.rate_per_minute} calls a minute; try again in {after_s} s."
            raise Problem(429, words, {"retry-after": str(after_s)})

    async def _answer(self, request: Request, rule: Rule, receipt: Receipt) -> Response:
        accepted = {"id": receipt.id, "state": receipt.state, "status_url": self._access.status_url(receipt.id)}
        if wants_stream(listed(request.headers, "accept")):
            first = {"id": receipt.id, "status_url": accepted["status_url"]}
            return stream_response(self._access, receipt.id, first)
        wait_s = wanted_wait_s(listed(request.headers, "prefer"), rule.of(WebhookRule).wait_s)
        headers = {"location": accepted["status_url"], "cache-control": "no-store"}
        if receipt.finished_at is None and wait_s:
            headers["preference-applied"] = f"wait={wait_s:g}"
            async with self._access.look(receipt.id) as look:
                await look.over(wait_s)
                receipt = look.receipt or receipt
        if receipt.finished_at is not None:
            with contextlib.suppress(*ENVIRONMENT):  # it is accepted, whatever has become of the database since
                return JSONResponse(await self._access.shown(receipt), 200, headers)
        return JSONResponse({**accepted, "state": receipt.state}, 202, headers)


def wanted_wait_s(prefer: str, otherwise_s: float) -> float:
    """Seconds that a caller waits for the answer: what it prefers, at most 60, else what its rule says. Pure.

    Source: https://www.rfc-editor.org/rfc/rfc7240#section-4.3
    """
    found = _WAIT.search(prefer)
    return min(float(found[1]), MOST_WAIT_S) if found else otherwise_s


async def _is_known(deliveries: Deliveries, delivery: Delivery) -> bool:
    with contextlib.suppress(*ENVIRONMENT):
        return bool(delivery.delivery_id) and await deliveries.is_known(delivery)
    return False


async def _accepted(deliveries: Deliveries, delivery: Delivery) -> Receipt:
    try:
        return await deliveries.accept(delivery)
    except OtherBody:
        raise Problem(409, OTHER) from None
    except Forgotten:
        raise Problem(409, LONG_AGO) from None
    except Refused as error:
        raise Problem(400, error.reason) from None
    except TryAgain as error:
        log.warning("delivery not stored", hook=delivery.hook, reason=error.reason)
        words = "Nothing can be stored just now; send it again."
        raise Problem(503, words, {"retry-after": str(STORED_AGAIN_S)}) from None
