"""How the stand-in refuses: a status, the vendor's kind of error and a sentence, in the vendor's shape.

Source: https://platform.claude.com/docs/en/api/errors
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

KINDS = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    405: "invalid_request_error",
    408: "timeout_error",
    409: "conflict_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    504: "timeout_error",
    529: "overloaded_error",
}

SENTENCES = {
    401: "invalid x-api-key",
    413: "Request exceeds the maximum size",
    429: "This request would exceed your organization's rate limit.",
    500: "Internal server error",
    529: "Overloaded",
}


class Problem(Exception):
    """A request that is refused with `status`; `kind` is the vendor's error type."""

    def __init__(self, status: int, message: str = "", headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.kind = KINDS.get(status, "api_error")
        self.message = message or SENTENCES.get(status, "Something went wrong")
        self.headers = dict(headers or {})


def refuse(message: str) -> Problem:
    """A 400 `invalid_request_error`, by far the most common refusal."""
    return Problem(400, message)


def error_body(kind: str, message: str, request_id: str | None) -> dict[str, Any]:
    """The body of every error answer, and the data of an `error` event in a stream."""
    return {"type": "error", "error": {"type": kind, "message": message}, "request_id": request_id}
