"""What stands before every endpoint: size, key, version; and the shape of every refusal."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from playground.claude import admission
from playground.claude.problem import Problem, error_body
from playground.claude.state import State


@dataclass(frozen=True, slots=True)
class Call:
    """One request that passed the door: its JSON body, and the headers its answer carries."""

    path: str
    body: dict[str, Any]
    size_bytes: int
    headers: dict[str, str]


Endpoint = Callable[[Request, Call], Awaitable[Any]]


class Door:
    """What stands before every endpoint: size, key, version; and the vendor's shape for whatever is refused."""

    def __init__(self, stand_in: State) -> None:
        self._stand_in = stand_in

    def guarding(self, endpoint: Endpoint) -> Callable[[Request], Awaitable[Any]]:
        """The endpoint behind the door."""

        async def guarded(request: Request) -> Any:
            headers = self._answer_headers()
            try:
                call = await self._admit(request, headers)
                return await endpoint(request, call)
            except Problem as problem:
                self._stand_in.count(refused=1)
                return refusal(problem, headers)

        return guarded

    async def _admit(self, request: Request, answer_headers: dict[str, str]) -> Call:
        headers = dict(request.headers)
        content = await _read(request)
        body: dict[str, Any] = {}
        broken: Problem | None = None
        if content:
            try:
                body = admission.parse_body(content, headers)
            except Problem as problem:
                broken = problem
        self._stand_in.record(request.method, request.url.path, headers, body)
        admission.check_key(headers, self._stand_in.keys)
        admission.check_version(headers)
        if broken:
            raise broken
        return Call(request.url.path, body, len(content), answer_headers)

    def _answer_headers(self) -> dict[str, str]:
        serial = self._stand_in.next_serial()
        return {
            "request-id": "req_" + hashlib.sha256(f"request {serial}".encode()).hexdigest()[:24],
            "anthropic-organization-id": "00000000-0000-4000-8000-000000000000",
            "anthropic-ratelimit-requests-limit": "4000",
            "anthropic-ratelimit-requests-remaining": "3999",
        }


def refusal(problem: Problem, headers: dict[str, str]) -> Response:
    """The answer to a request that is refused."""
    body = error_body(problem.kind, problem.message, headers.get("request-id"))
    return JSONResponse(body, problem.status, headers={**headers, **problem.headers})


async def _read(request: Request) -> bytes:
    most = admission.max_body_bytes(request.url.path)
    content, size_bytes = bytearray(), 0
    async for chunk in request.stream():
        size_bytes += len(chunk)
        # What is too much is still read, and dropped: a caller in the middle of sending would not see the refusal.
        content += chunk if size_bytes <= most else b""
    if size_bytes > most:
        raise Problem(413)
    return bytes(content)
