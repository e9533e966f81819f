"""The figures for Prometheus: events by state, money and tokens, and whether each door works."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from bot.events import Health

if TYPE_CHECKING:
    from bot.payments import Payments
    from bot.receipts import Receipts


def metrics_text(receipts: Receipts, payments: Payments, doors: Mapping[str, Health], workers: int) -> bytes:
    """Prometheus text exposition, read fresh from the database at each scrape."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(receipts, payments, doors, workers))
    return generate_latest(registry)


class _Figures:
    def __init__(self, receipts: Receipts, payments: Payments, doors: Mapping[str, Health], workers: int) -> None:
        self._receipts, self._payments, self._doors, self._workers = receipts, payments, doors, workers

    def collect(self) -> Iterator[Metric]:
        events = GaugeMetricFamily("bellhop_events", "Events kept, by state.", labels=["state"])
        for state, count in self._receipts.counts().items():
            events.add_metric([state], count)
        yield events
        spent = CounterMetricFamily("bellhop_cost_usd", "Money spent on answers kept, in US dollars.")
        spent.add_metric([], self._payments.spent_usd(datetime.fromtimestamp(0, UTC)))
        yield spent
        door = GaugeMetricFamily("bellhop_door_up", "1 while the door works.", labels=["door"])
        heard = GaugeMetricFamily("bellhop_door_heard_seconds", "When it was last truly heard from.", labels=["door"])
        last = GaugeMetricFamily("bellhop_door_last_event_seconds", "When it last made an event.", labels=["door"])
        for name, health in self._doors.items():
            door.add_metric([name], int(health.ok))
            if health.heard_at is not None:
                heard.add_metric([name], health.heard_at.timestamp())
            if health.last_event_at is not None:
                last.add_metric([name], health.last_event_at.timestamp())
        yield door
        yield heard
        yield last
        yield GaugeMetricFamily("bellhop_workers", "Processes that answer events now.", value=self._workers)
