"""The tests of what is forgotten with old events, whichever part of Bellhop kept it."""

import asyncio
from functools import partial

import pytest
import sqlalchemy as sa

from bot.ceilings import Ceiling
from bot.doors.mail.outbox import Outbox
from bot.engine import Engine
from bot.reservations import Standing, warn_once
from bot.store.database import open_database
from handlers.replies.sheet_tab.journal import Journal
from tests.bot.engines import Told, event, running, state_of, throwaway_database, until

pytestmark = pytest.mark.anyio
DAY_S = 86_400.0


@pytest.fixture(params=["sqlite", "postgres"])
def url(request, tmp_path):
    with throwaway_database(request.param, tmp_path) as address:
        yield address


async def test_what_was_begun_for_an_event_is_forgotten_with_it_and_not_before(url):
    handler, never = Told(), asyncio.Event()
    handler.on_answer = lambda one: never.wait() if one.id == event(2).id else None
    database = open_database(url)
    async with running(url, handler) as engine:
        for number, state in ((1, "answered"), (2, "working")):
            await engine.emit(event(number, f"c{number}"))
            await until(partial(is_in, engine, number, state))
        outbox, journal = Outbox(database), Journal(database)
        for named, begun_s in (("of 1", 10.0), ("of 2", 10.0), ("of nobody, old", 10.0), ("of nobody, young", 5e9)):
            event_id = event(int(named[-1])).id if named[-1].isdigit() else ""
            outbox.begin(named, event_id, begun_s)
            journal.begin({named: event_id}, begun_s)
        await asyncio.to_thread(engine.purge, 4e9)
        assert names(database, "mail_outbox", "message_id") == {"of 2", "of nobody, young"}
        assert names(database, "sheet_added", "token") == {"of 2", "of nobody, young"}
    database.dispose()


def test_warnings_of_ceilings_are_forgotten_with_their_day(url):
    database, now_s = open_database(url), 1_000 * DAY_S
    engine, one = Engine(url, listen=False), Standing(Ceiling(1.0, "this bot"), 1.0, 0.0)
    for days in (31, 0):
        with database.begin() as connection:
            assert warn_once(connection, one, now_s - days * DAY_S)
    engine.purge(now_s - 30 * DAY_S)
    assert names(database, "budget_warnings", "day") == {"1972-09-27"}
    with database.begin() as connection:
        assert not warn_once(connection, one, now_s)
    engine.close()
    database.dispose()


def is_in(engine, number, state):
    return state_of(engine, number) == state


def names(database, table, column):
    with database.connect() as connection:
        return set(connection.execute(sa.text(f"SELECT {column} FROM {table}")).scalars())
