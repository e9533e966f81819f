"""SlackStandIn, the whole local Slack in one object: serve its `app`, then act as people through it."""

from __future__ import annotations

import dataclasses
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.routing import Route

from playground.listening import listen, url_of
from playground.serving import serve
from playground.slack import events
from playground.slack.calls import Data, Log
from playground.slack.clock import Clock, RunningClock
from playground.slack.control import ControlSite
from playground.slack.courier import Courier, Delivery
from playground.slack.crowd import Crowd, publish
from playground.slack.faults import Fault, Plan
from playground.slack.file_site import FileSite
from playground.slack.http_mode import Attempt, deliver_http
from playground.slack.messages import Message
from playground.slack.methods.assistant import status_of
from playground.slack.options import Options
from playground.slack.response_site import ResponseSite
from playground.slack.socket_control import SocketControl
from playground.slack.state import Workspace
from playground.slack.web import WebApi


class SlackStandIn:
    """A strict Slack on loopback.

    Web API below /api/<method>, files below /files, response_urls below /response, control below /_control; Socket Mode
    on a port of its own, told by apps.connections.open. Every method is safe from any thread.
    `crowd` acts as people (`say` and `click` stand here too), `sockets` makes trouble with sockets.
    """

    def __init__(self, *, clock: Clock | None = None, speed: float = 1.0, options: Options | None = None) -> None:
        self.workspace = Workspace(clock or RunningClock(speed), options or Options())
        self.courier = Courier(self.workspace)
        self.sockets = SocketControl(self.courier)
        self.crowd = Crowd(self.workspace, self.courier)
        self.say = self.crowd.say
        self.click = self.crowd.click
        self.workspace.publish = self.publish
        self.workspace.open_link = self.courier.sockets.issue
        self.app = self._app()

    # --- serving

    @contextmanager
    def serve(self, at: int | socket.socket = 0) -> Iterator[str]:
        """Serve on 127.0.0.1 until the block ends; yields the base URL without a slash. `at`: see `serving.serve`."""
        listener = listen(at) if isinstance(at, int) else at
        self.workspace.base_url = url_of(listener)  # before it serves: somebody may be waiting at the door
        with serve(self.app, listener) as base_url:
            yield base_url

    @property
    def api_url(self) -> str:
        """What SLACK_API_URL (or WebClient's base_url) is to be."""
        return f"{self.workspace.base_url}/api/"

    @property
    def bot_token(self) -> str:
        """The xoxb- token."""
        return self.workspace.options.bot_token

    @property
    def app_token(self) -> str:
        """The xapp- token of Socket Mode."""
        return self.workspace.options.app_token

    @property
    def signing_secret(self) -> str:
        """The secret of HTTP mode."""
        return self.workspace.options.signing_secret

    def change(self, **knobs: Any) -> None:
        """Set fields of Options while it runs."""
        with self.workspace.lock:
            self.workspace.options = dataclasses.replace(self.workspace.options, **knobs)

    # --- what happened

    def messages(self, channel: str) -> list[Message]:
        """Every message the channel ever had, deleted ones too, oldest first."""
        return self.workspace.everything(channel)

    def thread(self, channel: str, root_ts: str) -> list[Message]:
        """The replies that stand in a thread, oldest first."""
        with self.workspace.lock:
            return self.workspace.thread(channel, root_ts)

    def message(self, channel: str, ts: str) -> Message:
        """One message, deleted or not; raises KeyError."""
        return self.crowd.find(ts, channel)

    def status(self, channel: str, thread_ts: str) -> str:
        """The assistant status under a thread now, "" when none."""
        with self.workspace.lock:
            return status_of(self.workspace, channel, thread_ts)

    @property
    def calls(self) -> Log:
        """Every Web API call so far."""
        return self.workspace.log

    @property
    def deliveries(self) -> list[Delivery]:
        """Every payload for the app so far, with what became of it."""
        return list(self.courier.deliveries)

    def budgets(self) -> dict[str, dict[str, int | None]]:
        """For each method called: calls in the last minute, and its limit."""
        with self.workspace.lock:
            return self.workspace.budgets.used(self.workspace.options, self.workspace.now())

    def wait_for(self, condition: Callable[[], Any], timeout_s: float = 5.0) -> bool:
        """Whether `condition` came true within `timeout_s` real seconds."""
        give_up_at = time.monotonic() + timeout_s
        while time.monotonic() < give_up_at:
            if condition():
                return True
            time.sleep(0.005)
        return bool(condition())

    # --- trouble

    def fault(self, method: str, fault: Fault, times: int | None = 1) -> None:
        """The next `times` calls of `method` ("*": any) meet `fault`; None: all until `clear_faults`."""
        with self.workspace.lock:
            self.workspace.faults.add(method, fault, times)

    def plan_faults(self, plan: Plan | None) -> None:
        """Let `plan(method, args)` decide about every call that no single order meets."""
        with self.workspace.lock:
            self.workspace.faults.plan = plan

    def clear_faults(self) -> None:
        """No more trouble."""
        with self.workspace.lock:
            self.workspace.faults.clear()

    def block(self, method: str, seconds: float) -> None:
        """429 for every call of `method` from now on, for `seconds`."""
        with self.workspace.lock:
            self.workspace.budgets.block(method, seconds, self.workspace.now())

    # --- delivery

    def publish(self, *inner: Data) -> list[Delivery]:
        """Deliver inner events as they are, each wrapped in its event_callback."""
        return publish(self.workspace, self.courier, list(inner))

    def redeliver(self, delivery: Delivery) -> Delivery:
        """Deliver a payload once more, unchanged, as after a lost acknowledgement."""
        return self.courier.post(delivery.kind, [delivery.payload])[0]

    def rate_limit_events(self) -> Delivery:
        """Tell the app that it gets too many events: a payload without an inner event."""
        return self.courier.post("events_api", [events.rate_limited(self.workspace)])[0]

    def send_events_to(self, url: str | None) -> None:
        """HTTP mode: deliver to this Request URL from now on; None: back to sockets."""
        self.courier.deliver_to(url)

    def deliver_http(self, url: str, payload: Data, signing_secret: str | None = None) -> list[Attempt]:
        """Send one payload, signed, to a Request URL and wait for the end of all its retries."""
        options = self.workspace.options
        secret = signing_secret if signing_secret is not None else options.signing_secret
        return deliver_http(
            url, secret, payload, clock=self.workspace.clock, retry_after_s=options.retry_after_s, ack_s=options.ack_s
        )

    def verify_url(self, url: str) -> bool:
        """What Slack asks of a new Request URL: answer the challenge."""
        payload = {"token": "verification-token", "challenge": "3eZbrw1aB10", "type": "url_verification"}
        answer = self.deliver_http(url, payload)[0]
        return answer.acked and payload["challenge"] in answer.body

    def _app(self) -> Starlette:
        api = Route("/api/{method:path}", WebApi(self.workspace))
        files, responses = FileSite(self.workspace).routes(), ResponseSite(self.workspace).routes()
        return Starlette(routes=[api, *files, *responses, *ControlSite(self).routes()], lifespan=self._lifespan)

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        await self.courier.start()
        try:
            yield
        finally:
            await self.courier.stop()
