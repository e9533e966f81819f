"""What an app posts to a response_url: a new message, a replaced one, or a deletion."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from playground.slack import events
from playground.slack.calls import ApiError, Args
from playground.slack.interactions import use_response_url
from playground.slack.messages import Message, message_to_api
from playground.slack.methods.writing import Content, bot_message, pings_of, read_content
from playground.slack.state import ResponseUrl, Workspace


class ResponseSite:
    """The route below /response."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def routes(self) -> list[Route]:
        """What the stand-in's app mounts."""
        return [Route("/response/{key}", self.respond, methods=["POST"])]

    async def respond(self, request: Request) -> Response:
        """Answers {"ok": true}; a 404 for an address that is used up or expired."""
        body: Any = await request.json()
        with self._workspace.lock:
            try:
                target = use_response_url(self._workspace, request.path_params["key"])
                self._apply(target, Args(body))
            except ApiError as error:
                return JSONResponse(error.body, 404 if error.error.endswith("_url") else 200)
        return JSONResponse({"ok": True})

    def _apply(self, target: ResponseUrl, args: Args) -> None:
        message = self._original(target)
        if args.flag("delete_original") and message:
            message.deleted = True
            message.remember(self._workspace.now(), "delete")
            return
        content = read_content(self._workspace, args)
        if args.flag("replace_original") and message:
            self._replace(message, args, content)
        else:
            self._post(target, args, content)

    def _original(self, target: ResponseUrl) -> Message | None:
        if target.ts is None:
            return None
        standing = self._workspace.messages.get(target.channel, {}).get(target.ts)
        hidden = [one for one in self._workspace.ephemerals if one.ts == target.ts]
        return standing or (hidden[0] if hidden else None)

    def _replace(self, message: Message, args: Args, content: Content) -> None:
        before = message_to_api(message, metadata=True)
        message.blocks = content.blocks or []
        message.text = content.text or ""
        pings = pings_of(self._workspace, args, message.text, message.blocks)
        message.remember(self._workspace.now(), "response_url", pings)
        self._workspace.publish(events.message_changed(self._workspace, message, before))

    def _post(self, target: ResponseUrl, args: Args, content: Content) -> None:
        thread_ts = args.text("thread_ts") or None
        message = bot_message(self._workspace, args, target.channel, content, thread_ts)
        if args.text("response_type", "ephemeral") == "in_channel":
            pings = pings_of(self._workspace, args, message.text, message.blocks)
            self._workspace.add(message, "response_url", pings)
            self._workspace.publish(events.message_event(self._workspace, message))
            return
        message.only_for = target.user
        message.remember(self._workspace.now(), "response_url")
        self._workspace.ephemerals.append(message)
