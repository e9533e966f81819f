"""The stand-in's endpoints: /v1/messages, its token count, and the models."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from playground.claude import admission
from playground.claude.body import CountBody, MessageBody, check_shape
from playground.claude.cache import prompt_tokens
from playground.claude.catalogue import MODELS, ModelSpec, model_info
from playground.claude.composing import check_signatures, compose, paused_key, with_fault
from playground.claude.door import Call, Door
from playground.claude.faults import Fault
from playground.claude.media import check_media
from playground.claude.pages import page_of
from playground.claude.playing import stream_steps, whole_steps
from playground.claude.problem import Problem
from playground.claude.schema import check_schema
from playground.claude.state import State
from playground.claude.turn import Turn, message_of
from playground.claude.turns import check_cache_marks, check_turns
from playground.claude.wire import Played, split_writes

BIG_BYTES = 100_000
"""From here on a body is checked in a thread, so that other streams keep flowing."""


def api_routes(api: Api, door: Door) -> list[BaseRoute]:
    """Messages, token count and models; whatever else is asked for is a 404 in the vendor's shape."""
    return [
        Route("/v1/messages", door.guarding(api.messages), methods=["POST"]),
        Route("/v1/messages/count_tokens", door.guarding(api.count_tokens), methods=["POST"]),
        Route("/v1/models", door.guarding(api.models), methods=["GET"]),
        Route("/v1/models/{model}", door.guarding(api.model), methods=["GET"]),
        Route("/v1/{rest:path}", door.guarding(api.unknown), methods=["GET", "POST", "PUT", "PATCH", "DELETE"]),
    ]


class Api:
    """The endpoints themselves."""

    def __init__(self, stand_in: State) -> None:
        self._stand_in = stand_in

    async def messages(self, _request: Request, call: Call) -> Any:
        """POST /v1/messages, streaming or not."""
        spec = await _off_loop(call.size_bytes, self._check, call.body)
        fault = self._stand_in.faults.take(call.path, call.body)
        if fault and (fault.kind == "status" or (fault.kind == "error_event" and not call.body.get("stream"))):
            raise status_problem(fault)
        turn = await _off_loop(call.size_bytes, self._turn, call.body, spec, fault)
        return self._played(turn, call, fault)

    async def count_tokens(self, _request: Request, call: Call) -> Response:
        """POST /v1/messages/count_tokens."""
        tokens = await _off_loop(call.size_bytes, self._count, call.body)
        self._fail_if_due(call)
        return JSONResponse({"input_tokens": tokens}, headers=call.headers)

    async def models(self, request: Request, call: Call) -> Response:
        """GET /v1/models, all on one page unless `limit` or a cursor says otherwise."""
        self._fail_if_due(call)
        newest_first = sorted(MODELS.values(), key=lambda spec: spec.created, reverse=True)
        page = page_of([model_info(spec) for spec in newest_first], request.query_params)
        return JSONResponse(page, headers=call.headers)

    async def model(self, request: Request, call: Call) -> Response:
        """GET /v1/models/{model}."""
        self._fail_if_due(call)
        return JSONResponse(model_info(admission.find_model(request.path_params["model"])), headers=call.headers)

    async def unknown(self, _request: Request, _call: Call) -> Response:
        """Any other path."""
        raise Problem(404, "Not Found")

    def batched(self, body: dict[str, Any]) -> dict[str, Any]:
        """The answer to one request of a batch."""
        turn = replace(self._turn(body, self._check(body), None), tier="batch")
        self._stand_in.bill.charge(turn)
        return message_of(turn)

    def fault_of(self, call: Call) -> Fault | None:
        """The fault that waits for this call."""
        return self._stand_in.faults.take(call.path, call.body)

    def _fail_if_due(self, call: Call) -> None:
        fault = self._stand_in.faults.take(call.path, call.body)
        if fault:
            raise status_problem(fault)

    def _check(self, body: dict[str, Any]) -> ModelSpec:
        check_shape(MessageBody, body)
        spec = admission.find_model(body["model"])
        admission.check_output_limit(body, spec)
        self._check_prompt(body, spec)
        return spec

    def _count(self, body: dict[str, Any]) -> int:
        check_shape(CountBody, body)
        self._check_prompt(body, admission.find_model(body["model"]), counting=True)
        return prompt_tokens(body)

    def _check_prompt(self, body: dict[str, Any], spec: ModelSpec, *, counting: bool = False) -> None:
        check_turns(body, spec, resumed=self._rest_of_paused(body) is not None)
        admission.check_thinking(body, spec)
        admission.check_effort(body, spec)
        admission.check_tools(body, spec)
        check_cache_marks(body)
        check_signatures(body)
        check_schema(body)
        check_media(body, self._stand_in.max_pdf_pages)
        if not counting:
            admission.check_window(prompt_tokens(body), self._window(spec))

    def _window(self, spec: ModelSpec) -> int:
        return self._stand_in.window_tokens or spec.window_tokens

    def _turn(self, body: dict[str, Any], spec: ModelSpec, fault: Fault | None) -> Turn:
        rest = self._rest_of_paused(body)
        text = self._stand_in.say(body) if rest is None else rest
        prompt = self._stand_in.cache.account(body, self._stand_in.pace.first_token_s)
        whole = compose(text, body, spec, prompt, self._window(spec))
        turn = with_fault(replace(whole, id=self._message_id()), fault)
        if turn.stop_reason == "pause_turn":
            self._stand_in.paused[paused_key(turn.text)] = whole.text[len(turn.text) :]
        self._stand_in.count(calls=1, input_tokens=prompt_tokens(body), output_tokens=turn.output_tokens)
        return turn

    def _rest_of_paused(self, body: dict[str, Any]) -> str | None:
        last = body["messages"][-1] if body["messages"] else {"role": "user"}
        return self._stand_in.paused.get(paused_key(last["content"])) if last["role"] == "assistant" else None

    def _message_id(self) -> str:
        serial = self._stand_in.next_serial()
        return "msg_" + hashlib.sha256(f"message {serial}".encode()).hexdigest()[:24]

    def _played(self, turn: Turn, call: Call, fault: Fault | None) -> Played:
        shape = stream_steps if call.body.get("stream") else whole_steps
        steps = shape(turn, call.headers, fault, self._stand_in.pace)
        if self._stand_in.split_seed is not None:
            steps = split_writes(steps, self._stand_in.split_seed)
        self._stand_in.count(in_flight=1)

        def done(chars: int) -> None:
            self._stand_in.bill.charge(turn, chars)
            self._stand_in.count(in_flight=-1)

        return Played(steps, left=lambda chars: self._stand_in.caller_left(chars, len(turn.text)), done=done)


def status_problem(fault: Fault) -> Problem:
    """The refusal that a `status` fault asks for."""
    headers = {} if fault.retry_after_s is None else {"retry-after": f"{fault.retry_after_s:g}"}
    return Problem(fault.status, fault.message, headers)


async def _off_loop(size_bytes: int, work: Callable[..., Any], *args: Any) -> Any:
    return await asyncio.to_thread(work, *args) if size_bytes > BIG_BYTES else work(*args)
