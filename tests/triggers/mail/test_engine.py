"""The mail trigger with the real engine, on both databases: a mail's row and its event are kept together."""

import asyncio
import contextlib

import pytest

from bot.doors.mail.mail_store import MailStore
from bot.settings import load_settings
from bot.store.database import open_database
from playground.mail import MailStandIn
from tests.bot import engines
from tests.triggers.mail.rig import QUICK, event_from, mail
from triggers.mail.trigger import MailTrigger

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("store", ["sqlite", "postgres"])
async def test_a_mail_is_answered_once_over_restarts_and_a_new_uidvalidity(tmp_path, store):
    handler = engines.Told()

    async def take(raw, emit, record):
        await emit(event_from(raw), record)
        return True

    @contextlib.asynccontextmanager
    async def listening(url, post):
        own = {name.lower(): value for name, value in post.settings().items()}
        settings = load_settings(_env_file=None, imap_tls="none", **own)
        database = open_database(url)
        async with engines.running(url, handler) as engine:
            trigger = MailTrigger(settings, database, take, timing=QUICK)
            task = asyncio.create_task(trigger.run(engine.emit))
            await engines.until(lambda: trigger.health().ok)
            try:
                yield MailStore(database)
            finally:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
                database.dispose()

    ids = [f"mail:<{number}@example.com>" for number in (1, 2, 3)]
    with MailStandIn().serve() as post, engines.throwaway_database(store, tmp_path) as url:
        async with listening(url, post) as kept:
            post.deliver(mail(1))
            await engines.until(lambda: handler.times("deliver", ids[0]))
            assert kept.seen_uids("bot@example.com@127.0.0.1/INBOX", post.folder().uid_validity, [1]) == {1}
        post.deliver(mail(2))
        post.renumber()
        post.deliver(mail(3))
        async with listening(url, post):
            await engines.until(lambda: all(handler.times("deliver", each) for each in ids))
        assert [handler.times("answer", each) for each in ids] == [1, 1, 1]
