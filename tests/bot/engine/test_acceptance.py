"""Tests of what an event is made to be as it is accepted, whichever door it came through."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from bot.engine import Engine
from bot.errors import Refused, TryAgain
from bot.events import Attachment
from tests.bot.engines import event, throwaway_database

pytestmark = pytest.mark.anyio


async def test_half_a_character_goes_no_further_than_the_acceptance(tmp_path):
    engine = Engine(f"sqlite:///{tmp_path / 'bot.db'}", listen=False)
    halves = replace(
        event(1),
        text="hi \ud83d there \ud83d\ude00",
        subject="\udc00",
        fields={"Na\ud83dme": "\ud83d"},
        attachments=(Attachment("a\ud83d.pdf", url="https://x/a"),),
        person="Eve \ud83d",
    )
    receipt = await engine.emit(halves)
    kept = engine.receipts.event(halves.id)
    assert kept is not None
    assert (receipt.subject, receipt.person) == ("\ufffd", "Eve \ufffd")
    assert (kept.text, kept.fields, kept.attachments[0].name) == (
        "hi \ufffd there \U0001f600",
        {"Na\ufffdme": "\ufffd"},
        "a\ufffd.pdf",
    )
    engine.close()


@pytest.mark.parametrize("store", ["sqlite", "postgres"])
async def test_a_reason_with_a_character_that_no_database_keeps_is_kept_without_it(store, tmp_path):
    with throwaway_database(store, tmp_path) as url:
        engine = Engine(url, listen=False)
        assert (await engine.skip(event(1), "a\0.pdf is encrypted.")).reason == "a.pdf is encrypted."
        engine.close()


@pytest.mark.parametrize(
    ("fault", "told"),
    [(sa.exc.DataError, Refused), (sa.exc.OperationalError, TryAgain), (sa.exc.InternalError, TryAgain)],
)
async def test_a_fault_of_what_came_in_is_not_told_as_an_outage(fault, told, tmp_path):
    def record(_connection):
        raise fault("INSERT", {}, ValueError("NUL"))

    engine = Engine(f"sqlite:///{tmp_path / 'bot.db'}", listen=False)
    with pytest.raises(told):
        await engine.emit(event(1), record)
    assert (await engine.emit(event(2))).state == "received"
    engine.close()
