"""An OAuth token endpoint (RFC 6749, 4.4 and 6): refresh tokens and client credentials in, access tokens out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


@dataclass
class TokenSite:
    """`app` is served with `playground.serving.serve`. `allow` hears of every token that is given out.

    `error`: said instead of a token, as RFC 6749, 5.2 has it.
    """

    allow: Callable[[str], None]
    client_id: str = "client-1"
    client_secret: str = "client-secret-1"
    refresh_token: str = "refresh-1"
    lifetime_s: int = 3600
    error: str = ""
    description: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)

    @property
    def app(self) -> Starlette:
        """Its ASGI application; the endpoint is /token."""
        return Starlette(routes=[Route("/token", self._token, methods=["POST"])])

    async def _token(self, request: Request) -> JSONResponse:
        form = {name: str(value) for name, value in (await request.form()).items()}
        self.asked.append(form)
        error = self.error or self._error_of(form)
        if error:
            return JSONResponse({"error": error, "error_description": self.description}, 400)
        token = f"access-{len(self.asked)}"
        self.allow(token)
        return JSONResponse({"access_token": token, "token_type": "Bearer", "expires_in": self.lifetime_s})

    def _error_of(self, form: dict[str, str]) -> str:
        if form.get("client_id") != self.client_id or form.get("client_secret") != self.client_secret:
            return "invalid_client"
        if form.get("grant_type") == "refresh_token":
            return "" if form.get("refresh_token") == self.refresh_token else "invalid_grant"
        return "" if form.get("grant_type") == "client_credentials" and form.get("scope") else "unsupported_grant_type"
