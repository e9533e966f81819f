"""Tests of what an event is made to be as it is accepted, whichever door it came through."""

from dataclasses import replace

import pytest

from bot.engine import Engine
from bot.events import Attachment
from tests.bot.engines import event

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
