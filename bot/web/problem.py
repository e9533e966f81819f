"""What a caller is told when it cannot be served: a status and one plain sentence."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import JSONResponse


class Problem(Exception):
    """`status` is an HTTP status below 500, or 503; `words` one sentence, without a secret and without the input."""

    def __init__(self, status: int, words: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(words)
        self.status, self.words, self.headers = status, words, dict(headers or {})

    def response(self) -> JSONResponse:
        """What goes out."""
        return JSONResponse({"error": self.words}, self.status, self.headers)
