"""Delivery: every payload goes to one open socket, or to a URL, and again until it is acknowledged.

Source: docs.slack.dev/apis/events-api (retries: at once, after a minute, after five minutes).
"""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass, field
from typing import Literal

import structlog

from playground.slack.calls import Data
from playground.slack.http_mode import deliver_http
from playground.slack.sockets import Sockets
from playground.slack.state import Workspace

log = structlog.get_logger()

Kind = Literal["events_api", "interactive", "slash_commands"]
Outcome = Literal["pending", "acked", "given_up"]


@dataclass(slots=True, eq=False)
class Delivery:
    """One payload on its way. `response` is what came back with the acknowledgement."""

    kind: Kind
    payload: Data
    accepts_response: bool = False
    attempts: int = 0
    missed: int = 0
    held: bool = False
    outcome: Outcome = "pending"
    envelope_id: str | None = None
    next_at: float = 0.0
    response: Data | None = None
    at: list[float] = field(default_factory=list)


class Courier:
    """Hands out payloads. `post` may be called from any thread; everything else runs on the server's event loop."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.sockets = Sockets(workspace, self._heard, self._release)
        self.deliveries: list[Delivery] = []
        self.events_url: str | None = None
        self.loop: asyncio.AbstractEventLoop | None = None
        self._due: list[Delivery] = []
        self._held: list[Delivery] = []
        self._by_envelope: dict[str, Delivery] = {}
        self._awake = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Open the socket port and begin to deliver."""
        self.loop = asyncio.get_running_loop()
        await self.sockets.start()
        self.keep(asyncio.create_task(self._run()))

    async def stop(self) -> None:
        """Stop delivering and cut all sockets."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.sockets.stop()
        self.loop = None

    def post(self, kind: Kind, payloads: list[Data], *, accepts_response: bool = False) -> list[Delivery]:
        """Deliver these payloads as soon as possible, in this order."""
        fresh = [Delivery(kind, payload, accepts_response, next_at=self.workspace.now()) for payload in payloads]
        with self.workspace.lock:
            self.deliveries += fresh
            self._due += fresh
        self._wake_from_anywhere()
        return fresh

    def deliver_to(self, url: str | None) -> None:
        """Deliver to this Request URL from now on, what was held as well; None: to sockets."""
        self.events_url = url
        if self.loop is not None:
            self.loop.call_soon_threadsafe(self._release)

    async def _run(self) -> None:
        while True:
            self._awake.clear()
            now = self.workspace.now()
            with self.workspace.lock:
                ready = [one for one in self._due if one.next_at <= now]
                self._due = [one for one in self._due if one.next_at > now and one.outcome == "pending"]
            for delivery in ready:
                await self._step(delivery)
            await self._rest()

    async def _rest(self) -> None:
        with self.workspace.lock:
            soonest = min((one.next_at for one in self._due), default=self.workspace.now() + 3600)
        pause_s = self.workspace.clock.real_s(soonest - self.workspace.now())
        try:
            async with asyncio.timeout(max(0.001, min(pause_s, 0.5))):
                await self._awake.wait()
        except TimeoutError:
            return

    async def _step(self, delivery: Delivery) -> None:
        if delivery.outcome != "pending":
            return
        if delivery.envelope_id is not None:
            self._missed(delivery)
        elif self.events_url:
            self.keep(asyncio.create_task(self._send_http(delivery, self.events_url)))
        else:
            await self._send(delivery)

    async def _send(self, delivery: Delivery) -> None:
        link = self.sockets.pick()
        if link is None:
            self._hold(delivery)
            return
        delivery.attempts += 1
        delivery.at.append(self.workspace.now())
        delivery.envelope_id = str(uuid.uuid4())
        self._by_envelope[delivery.envelope_id] = delivery
        self._later(delivery, self.workspace.options.ack_s)
        await self.sockets.send(link, _envelope(delivery, self._retry_attempt(delivery)))

    def _hold(self, delivery: Delivery) -> None:
        if delivery.kind != "events_api":
            delivery.outcome = "given_up"
            return
        delivery.held = True
        self._held.append(delivery)

    def _release(self) -> None:
        """A socket opened: what was held goes out first."""
        with self.workspace.lock:
            self._due = [*self._held, *self._due]
        self._held = []
        self._awake.set()

    def _retry_attempt(self, delivery: Delivery) -> int:
        return delivery.missed or int(delivery.held and self.workspace.options.held_as_retry)

    def _missed(self, delivery: Delivery) -> None:
        retries = self.workspace.options.retry_after_s
        self._by_envelope.pop(str(delivery.envelope_id), None)
        delivery.envelope_id = None
        if delivery.kind != "events_api" or delivery.missed >= len(retries):
            delivery.outcome = "given_up"
            log.info("stand-in gave up a delivery", kind=delivery.kind, attempts=delivery.attempts)
            return
        delivery.missed += 1
        self._later(delivery, retries[delivery.missed - 1])

    def _later(self, delivery: Delivery, seconds: float) -> None:
        delivery.next_at = self.workspace.now() + seconds
        with self.workspace.lock:
            self._due.append(delivery)

    def _heard(self, message: Data) -> None:
        delivery = self._by_envelope.pop(str(message.get("envelope_id")), None)
        if delivery is not None and delivery.outcome == "pending":
            delivery.response = message.get("payload")
            delivery.outcome = "acked"

    async def _send_http(self, delivery: Delivery, url: str) -> None:
        workspace = self.workspace
        attempts = await asyncio.to_thread(
            deliver_http, url, workspace.options.signing_secret, delivery.payload, kind=delivery.kind,
            clock=workspace.clock, retry_after_s=workspace.options.retry_after_s, ack_s=workspace.options.ack_s,
        )  # fmt: skip
        delivery.attempts = len(attempts)
        delivery.outcome = "acked" if attempts[-1].acked else "given_up"

    def keep(self, task: asyncio.Task[None]) -> None:
        """Hold on to a task until it is done; `stop` cancels it."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _wake_from_anywhere(self) -> None:
        if self.loop is not None:
            self.loop.call_soon_threadsafe(self._awake.set)


def _envelope(delivery: Delivery, retry_attempt: int) -> Data:
    body: Data = {"envelope_id": delivery.envelope_id, "payload": delivery.payload, "type": delivery.kind}
    body["accepts_response_payload"] = delivery.accepts_response
    if delivery.kind == "events_api":
        body["retry_attempt"] = retry_attempt
        body["retry_reason"] = "timeout" if retry_attempt else ""
    return body
