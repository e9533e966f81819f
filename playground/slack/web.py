"""The Web API over HTTP: every way a client may send a call, checked in Slack's order, and answered.

The order: unknown method, token, scopes, rate limit, arguments, then the method itself. Faults come first of all.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from playground.slack.answers import Reply, cut, reply_error, reply_ok, reply_ratelimited, server_error
from playground.slack.calls import ApiError, Args, Data, Record, invalid_arguments
from playground.slack.faults import Fault
from playground.slack.methods import METHODS
from playground.slack.methods.method import Method
from playground.slack.state import Workspace

SECRET = ("token",)


@dataclass(frozen=True, slots=True)
class Call:
    """One request as it came: arguments of query, form or JSON, the token, and warnings for the answer."""

    method: str
    args: Mapping[str, Any]
    token: str | None
    is_json: bool = False
    warnings: tuple[str, ...] = ()


class WebApi:
    """An ASGI app for /api/<method>. It answers 200 even to errors, as Slack does, except for 429 and faults."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        self._learn_address(scope)
        try:
            call = await read_call(request)
        except ApiError as error:
            await reply_error(error)(scope, receive, send)
            return
        fault = self._fault(call)
        if fault and fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        if fault and fault.kind in ("drop", "hang"):
            await self._break_off(fault, call, receive)
            return
        reply = server_error() if fault and fault.kind == "server_error" else self._answer(call, fault)
        self._record(call, reply, fault)
        if fault and fault.kind in ("lost", "hang_applied"):
            await self._break_off(fault, None, receive)
            return
        await reply(scope, receive, send)

    def _learn_address(self, scope: Scope) -> None:
        if not self._workspace.base_url:
            host, port = scope["server"]
            self._workspace.base_url = f"http://{host}:{port}"

    def _fault(self, call: Call) -> Fault | None:
        workspace = self._workspace
        with workspace.lock:
            fault = workspace.faults.next(call.method, call.args)
            if fault and fault.kind == "ratelimited":
                workspace.budgets.block(call.method, max(1.0, fault.seconds), workspace.now())
            return fault

    def _answer(self, call: Call, fault: Fault | None) -> Reply:
        with self._workspace.lock:
            try:
                body = self._run(call, fault)
            except _RateLimited as limited:
                return reply_ratelimited(limited.wait_s, self._workspace.options.ratelimited_status)
            except ApiError as error:
                return reply_error(error, call.warnings)
            return reply_ok(body, self._workspace.options.scopes, call.warnings)

    def _run(self, call: Call, fault: Fault | None) -> Data:
        workspace = self._workspace
        method = METHODS.get(call.method)
        if method is None:
            raise ApiError("unknown_method", req_method=call.method)
        if fault and fault.kind == "error":
            raise ApiError(fault.error)
        check_access(workspace, method, call.token)
        args = call.args if method.json or not call.is_json else {}
        wait_s = workspace.budgets.spend(call.method, args, workspace.options, workspace.now())
        if wait_s is not None:
            raise _RateLimited(wait_s)
        _check_needs(call.method, method, Args(args))
        return method.run(workspace, Args(args))

    async def _break_off(self, fault: Fault, unanswered: Call | None, receive: Receive) -> None:
        if unanswered:
            self._record(unanswered, Reply(0, {}, {"error": "no_answer"}), fault)
        if fault.kind in ("hang", "hang_applied"):
            await asyncio.sleep(fault.seconds)
        await cut(receive)

    def _record(self, call: Call, reply: Reply, fault: Fault | None) -> None:
        args = {name: value for name, value in call.args.items() if name not in SECRET}
        kind = fault.kind if fault else None
        workspace = self._workspace
        with workspace.lock:
            record = Record(workspace.now(), call.method, args, reply.status, reply.body.get("error"), kind)
            workspace.log.records.append(record)


class _RateLimited(Exception):
    def __init__(self, wait_s: int) -> None:
        super().__init__(wait_s)
        self.wait_s = wait_s


async def read_call(request: Request) -> Call:
    """The call as it was sent: GET query, form, multipart or JSON; a token in the header, query or form."""
    args: dict[str, Any] = dict(request.query_params)
    kind, _, parameters = request.headers.get("content-type", "").partition(";")
    is_json = kind.strip() == "application/json"
    warnings = () if not is_json or "charset" in parameters else ("missing_charset",)
    if is_json:
        args.update(await _json_body(request))
    elif kind.strip() in ("application/x-www-form-urlencoded", "multipart/form-data"):
        args.update({name: value for name, value in (await request.form()).items() if isinstance(value, str)})
    token = _bearer(request) or (None if is_json else args.get("token"))
    return Call(request.path_params["method"], args, token, is_json, warnings)


async def _json_body(request: Request) -> Data:
    raw = await request.body()
    if not raw:
        return {}
    try:
        body = json.loads(raw)
    except ValueError:
        raise ApiError("invalid_json") from None
    if not isinstance(body, dict):
        raise ApiError("json_not_object")
    return body


def _bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def check_access(workspace: Workspace, method: Method, token: str | None) -> None:
    """Raise not_authed, invalid_auth, not_allowed_token_type or missing_scope."""
    options = workspace.options
    if method.token == "none":
        return
    if not token:
        raise ApiError("not_authed")
    if token not in (options.bot_token, options.app_token):
        raise ApiError("invalid_auth")
    kind = "bot" if token == options.bot_token else "app"
    if method.token not in (kind, "any"):
        raise ApiError("not_allowed_token_type")
    if kind == "bot" and method.scopes and not set(method.scopes) & set(options.scopes):
        raise ApiError("missing_scope", needed=",".join(method.scopes), provided=",".join(options.scopes))


def _check_needs(name: str, method: Method, args: Args) -> None:
    missing = [need for need in method.needs if not args.has(need)]
    if not missing:
        return
    if "channel" in missing and name.startswith("chat."):
        raise ApiError("channel_not_found")
    raise invalid_arguments(*(f"missing required field: {need}" for need in missing))
