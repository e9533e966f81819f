"""The key of each event: whoever has it may look at this one event, and stop it; at nothing else."""

from __future__ import annotations

import base64
import hashlib
import hmac

import sqlalchemy as sa

from bot.store.own_secrets import own_secret

BYTES = 20


class EventKeys:
    """Derived from a secret of this database, which is read here: nothing is stored, and no id tells its key."""

    def __init__(self, database: sa.Engine) -> None:
        self._secret = own_secret(database, "event keys")

    def key_of(self, event_id: str) -> str:
        """Letters that may stand in a URL."""
        digest = hmac.digest(self._secret, event_id.encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(digest[:BYTES]).decode().rstrip("=")

    def opens(self, event_id: str, key: str) -> bool:
        """Whether this is the event's key; takes as long for every key."""
        return hmac.compare_digest(self.key_of(event_id).encode(), key.encode())
