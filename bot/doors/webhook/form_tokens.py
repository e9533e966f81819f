"""The token in each form's page: it proves that the form came from here, and names the one time it is sent.

It needs no cookie, so a form works in a frame of another site, where browsers withhold cookies. With the check of the
Origin header it keeps other sites from sending forms in their visitors' name.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable

import sqlalchemy as sa

from bot.store.own_secrets import own_secret

LIFE_S = 12 * 3_600.0
"""Whoever opened the page in the morning can send it in the afternoon."""


class FormTokens:
    """Made and opened with a secret of this database, which is read here. `clock` in seconds since 1970."""

    def __init__(self, database: sa.Engine, clock: Callable[[], float] = time.time) -> None:
        self._secret, self._clock = own_secret(database, "form tokens"), clock

    def new(self, hook: str) -> str:
        """A token for one page of this form."""
        said = f"{int(self._clock())}.{secrets.token_hex(12)}"
        return f"{said}.{self._signature(hook, said)}"

    def opened(self, hook: str, token: str) -> str:
        """The name of that page; "" when the token is not ours, is another form's, or too old."""
        said, _, signature = token.rpartition(".")
        if not token.isascii() or not hmac.compare_digest(self._signature(hook, said), signature):
            return ""
        made_at, _, name = said.partition(".")
        return name if 0 <= self._clock() - int(made_at) + 60 <= LIFE_S + 60 else ""

    def _signature(self, hook: str, said: str) -> str:
        return hmac.digest(self._secret, f"{hook}\n{said}".encode(), hashlib.sha256).hex()[:40]
