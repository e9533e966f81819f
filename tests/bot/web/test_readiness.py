"""/health and /ready: alive is not ready, and what is missing is said."""

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from bot.events import Health
from bot.settings import load_settings
from bot.web.house import House
from bot.web.server import web_app

NOW = datetime(2026, 11, 29, 11, 0, tzinfo=UTC)
WELL = Health(ok=True, words="Connected.", heard_at=NOW, last_event_at=NOW)


class Receipts:
    """As far as readiness needs them."""

    def __init__(self, fault=None):
        self.fault = fault

    def counts(self):
        if self.fault:
            raise self.fault
        return {}


def ask(path, doors, workers=1, fault=None):
    def count():
        return workers

    receipts: Any = Receipts(fault)
    events: Any = None
    house = House(load_settings(_env_file=None), receipts, receipts, lambda: doors, count, NOW, events)
    with TestClient(web_app(house)) as client:
        return client.get(path)


def test_ready_says_of_every_door_when_it_was_truly_heard():
    answer = ask("/ready", {"slack": WELL})
    assert answer.status_code == 200
    assert answer.json() == {
        "ready": True,
        "database": "ok",
        "worker": {"ok": True, "words": "1 at work."},
        "doors": {
            "slack": {
                "ok": True,
                "words": "Connected.",
                "heard_at": "2026-11-29T11:00:00+00:00",
                "last_event_at": "2026-11-29T11:00:00+00:00",
            }
        },
    }


def test_one_door_that_does_not_work_is_enough_not_to_be_ready():
    answer = ask("/ready", {"slack": WELL, "folder": Health(ok=False, words="Missing.")})
    assert answer.status_code == 503
    assert answer.json()["doors"]["folder"] == {
        "ok": False,
        "words": "Missing.",
        "heard_at": None,
        "last_event_at": None,
    }


def test_without_a_worker_events_are_still_accepted_and_that_nobody_answers_is_told():
    answer = ask("/ready", {"slack": WELL}, workers=0)
    assert answer.status_code == 200
    assert not answer.json()["worker"]["ok"]
    assert "No worker runs" in answer.json()["worker"]["words"]


@pytest.mark.parametrize("fault", [sa.exc.OperationalError("secret statement", {}, Exception()), OSError("gone")])
def test_without_the_database_nothing_is_ready_but_the_process_is_alive(fault):
    answer = ask("/ready", {"slack": WELL}, fault=fault)
    assert answer.status_code == 503
    assert answer.json()["database"].startswith("not reachable")
    assert "secret" not in answer.text
    assert ask("/health", {}, fault=fault).text == "ok"
