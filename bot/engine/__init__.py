"""The durable engine: what `emit` has accepted is answered once, in order, whatever dies in between."""

from __future__ import annotations

from bot.engine.engine import Engine, retry
from bot.retry import RetryPolicy

__all__ = ["Engine", "RetryPolicy", "retry"]
