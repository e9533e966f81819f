"""The stand-in of a program that is called back: it takes signed receipts, and tells a genuine one from a forged one.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

TOLERANCE_S = 300.0
MOST_KEPT = 20


@dataclass(frozen=True, slots=True)
class Callback:
    """One call that came in: its `webhook-id`, whether its signature is genuine, and what it said."""

    name: str
    is_genuine: bool
    body: Mapping[str, Any]
    at_s: float


class CallbackReceiver:
    """Serve `app`; `received` are the newest calls, oldest first. `secret`: whsec_ and base64."""

    def __init__(self, secret: str) -> None:
        self._key = base64.b64decode(secret.removeprefix("whsec_"))
        self._received: list[Callback] = []
        self._lock = threading.Lock()
        self.app = Starlette(routes=[Route("/answers", self._take, methods=["POST"])])

    @property
    def received(self) -> tuple[Callback, ...]:
        """Every call that was kept."""
        with self._lock:
            return tuple(self._received)

    async def _take(self, request: Request) -> Response:
        raw = await request.body()
        call = Callback(request.headers.get("webhook-id", ""), self._is_genuine(request, raw), _json(raw), time.time())
        with self._lock:
            self._received = [*self._received, call][-MOST_KEPT:]
        return PlainTextResponse("", 204 if call.is_genuine else 401)

    def _is_genuine(self, request: Request, raw: bytes) -> bool:
        name, sent_at = request.headers.get("webhook-id", ""), request.headers.get("webhook-timestamp", "")
        if not sent_at.isdigit() or abs(time.time() - int(sent_at)) > TOLERANCE_S:
            return False
        digest = hmac.digest(self._key, f"{name}.{sent_at}.".encode() + raw, hashlib.sha256)
        expected = f"v1,{base64.b64encode(digest).decode()}"
        return any(hmac.compare_digest(one, expected) for one in request.headers.get("webhook-signature", "").split())


def _json(raw: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(raw)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
