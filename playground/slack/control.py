"""The stand-in's remote control over HTTP, for the playground's page and for other processes.

GET /_control/state · GET /_control/messages/<channel>/<ts> · POST /_control/<verb> with the verb's arguments as JSON.
Only pages of this machine may call it: other Hosts and Origins are refused.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any, Protocol
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from playground.slack.calls import ApiError, Data, Log
from playground.slack.courier import Delivery
from playground.slack.crowd import Crowd
from playground.slack.faults import Fault
from playground.slack.messages import Message, message_to_json
from playground.slack.methods.assistant import status_of
from playground.slack.socket_control import SocketControl
from playground.slack.state import Workspace

LOCAL = ("127.0.0.1", "localhost", "[::1]", "::1")
Verb = Callable[..., Any]


class Controlled(Protocol):
    """What of the stand-in can be steered from outside."""

    workspace: Workspace
    crowd: Crowd
    sockets: SocketControl

    @property
    def calls(self) -> Log: ...

    def budgets(self) -> dict[str, dict[str, int | None]]: ...

    def fault(self, method: str, fault: Fault, times: int | None = 1) -> None: ...

    def clear_faults(self) -> None: ...

    def block(self, method: str, seconds: float) -> None: ...

    def change(self, **knobs: Any) -> None: ...


class ControlSite:
    """The routes below /_control."""

    def __init__(self, slack: Controlled) -> None:
        self._slack = slack
        self._verbs = _verbs(slack)

    def routes(self) -> list[Route]:
        """What the stand-in's app mounts."""
        return [
            Route("/_control/state", self.state),
            Route("/_control/messages/{channel}/{ts}", self.message),
            Route("/_control/{verb}", self.act, methods=["POST"]),
        ]

    async def state(self, request: Request) -> Response:
        """People, channels with their messages, statuses, budgets and sockets; `?channel=` narrows the messages."""
        if refusal := _refusal(request):
            return refusal
        with self._slack.workspace.lock:
            return JSONResponse(state_of(self._slack, request.query_params.get("channel")))

    async def message(self, request: Request) -> Response:
        """One message with all its versions."""
        if refusal := _refusal(request):
            return refusal
        try:
            found = self._slack.crowd.find(request.path_params["ts"], request.path_params["channel"])
        except KeyError:
            return JSONResponse({"error": "no such message"}, 404)
        with self._slack.workspace.lock:
            return JSONResponse(message_to_json(found))

    async def act(self, request: Request) -> Response:
        """Do something as a person, or make trouble; answers {"result": …} or {"error": …} with 400."""
        if refusal := _refusal(request):
            return refusal
        verb = self._verbs.get(request.path_params["verb"])
        if verb is None:
            return JSONResponse({"error": f"no such verb; there are {', '.join(sorted(self._verbs))}"}, 404)
        try:
            arguments = await request.json() if await request.body() else {}
            result = await run_in_threadpool(verb, **arguments)
        except (TypeError, ValueError, KeyError, ApiError) as error:
            return JSONResponse({"error": str(error)}, 400)
        return JSONResponse({"result": _plain(result)})


def state_of(slack: Controlled, channel: str | None = None) -> Data:
    """Everything a page needs to draw this Slack, without the versions of messages."""
    workspace = slack.workspace
    wanted = [channel] if channel else list(workspace.channels)
    return {
        "now": workspace.now(),
        "people": [person.to_api() for person in workspace.people.values()],
        "channels": [one.to_api() for one in workspace.channels.values()],
        "messages": {name: [_short(one) for one in workspace.in_channel(name)] for name in wanted},
        "ephemerals": [_short(one) for one in workspace.ephemerals],
        "statuses": _statuses(workspace),
        "prompts": [{"channel": c, "thread_ts": ts, "prompts": p} for (c, ts), p in workspace.prompts.items()],
        "budgets": slack.budgets(),
        "calls": len(slack.calls.records),
        "ratelimited": slack.calls.ratelimited(),
        "sockets": slack.sockets.open_count,
    }


def _verbs(slack: Controlled) -> dict[str, Verb]:
    crowd, sockets = slack.crowd, slack.sockets

    def say(files: dict[str, str] | None = None, **arguments: Any) -> str:
        contents = {name: base64.b64decode(content) for name, content in (files or {}).items()}
        return crowd.say(**arguments, files=contents or None)

    def fault(
        method: str, kind: Any, seconds: float = 0.0, error: str = "internal_error", times: int | None = 1
    ) -> None:
        slack.fault(method, Fault(kind, seconds, error), times)

    return {
        "say": say, "say_as_bot": crowd.say_as_bot, "forward": crowd.forward, "paste_table": crowd.paste_table,
        "unfurl": crowd.unfurl, "record_clip": crowd.record_clip, "share_page": crowd.share_page,
        "edit": crowd.edit, "delete": crowd.delete, "react": crowd.react,
        "click": crowd.click, "shortcut": crowd.shortcut, "open_assistant": crowd.open_assistant, "join": crowd.join,
        "open_home": crowd.open_home, "slash": crowd.slash, "stop_stream": crowd.stop_stream, "fault": fault,
        "clear_faults": slack.clear_faults, "block": slack.block, "change": slack.change, "refuse": sockets.refuse,
        "refresh": sockets.refresh, "half_open": sockets.half_open, "drop": sockets.drop, "deafen": sockets.deafen,
    }  # fmt: skip


def _short(message: Message) -> Data:
    data = message_to_json(message)
    data["versions"] = len(message.versions)
    return data


def _statuses(workspace: Workspace) -> list[Data]:
    return [
        {"channel": channel, "thread_ts": ts, "status": status}
        for channel, ts in workspace.statuses
        if (status := status_of(workspace, channel, ts))
    ]


def _plain(result: Any) -> Any:
    return {"outcome": result.outcome} if isinstance(result, Delivery) else result


def _refusal(request: Request) -> Response | None:
    origin = request.headers.get("origin")
    if request.url.hostname not in LOCAL or (origin and urlsplit(origin).hostname not in LOCAL):
        return JSONResponse({"error": "only pages of this machine may do that"}, 403)
    return None
