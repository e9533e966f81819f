"""The books of the tests: payments and reservations in a real database, and a note of who was called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import sqlalchemy as sa

from bot.engine import transitions
from bot.engine.transitions import Ending
from bot.events import Event, Usage
from bot.payments import Payment, Payments, book
from bot.reservations import reservations
from bot.store.database import open_database

T = TypeVar("T")


class Books:
    """What `Budget` needs of the engine."""

    def __init__(self, url: str) -> None:
        self.database = open_database(url)
        self.payments = Payments(self.database)
        self.waiting: dict[str, dict[str, dict[str, Any]]] = {}
        self.woken: list[str] = []

    async def keep(self, change: Callable[[sa.Connection], T]) -> T:
        with self.database.begin() as connection:
            return change(connection)

    async def wake(self, event_id: str) -> bool:
        self.woken.append(event_id)
        return True

    def parked(self, waits_for: str) -> dict[str, dict[str, Any]]:
        return self.waiting.get(waits_for, {})

    def spend(self, event: Event, usd: float, now_s: float) -> None:
        """Book a payment of this event."""
        with self.database.begin() as connection:
            transitions.add(connection, event, Ending("received"), now_s)
            book(connection, Payment(f"spent {event.id} {usd}", event.id, "claude-test", Usage(1), usd), now_s)

    def reserved(self) -> list[str]:
        """The events of all that is reserved."""
        with self.database.connect() as connection:
            return list(connection.execute(sa.select(reservations.c.event)).scalars())

    def paid(self) -> list[tuple[str, float]]:
        """Every payment: its event's id, and US dollars."""
        return [(row["event"], row["cost_pico"] / 1e12) for row in self.rows()]

    def rows(self) -> list[Any]:
        """Every payment as it stands in the table."""
        from bot.store.schema import payments

        with self.database.connect() as connection:
            return list(connection.execute(sa.select(payments).order_by(payments.c.paid_at)).mappings())
