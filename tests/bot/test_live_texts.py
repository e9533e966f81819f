"""Texts that grow: seen at once where they are written, soon in every other process, and never with a hole."""

import asyncio
from functools import partial

import pytest

from bot.engine import Engine
from bot.errors import Waits
from bot.live_texts import LiveTexts, live_texts_of
from bot.store.database import open_database
from bot.store.live_text import LiveTextStore, Piece
from tests.bot.engines import Told, answer_to, event, raising, running, state_of, throwaway_database, until

pytestmark = pytest.mark.anyio


def _shows(look, text):
    return look.text == text


BOTH = pytest.mark.parametrize("store", ["sqlite", "postgres"])


@pytest.fixture
def url(store, tmp_path):
    with throwaway_database(store, tmp_path) as found:
        yield found


@BOTH
async def test_another_process_sees_it_grow_be_replaced_and_end(url):
    writer, looker = LiveTexts(open_database(url)), LiveTexts(open_database(url))
    go = asyncio.Event()

    async def work(_):
        await go.wait()
        return answer_to("x")

    told = Told()
    told.on_answer = work
    async with running(url, told) as engine:
        await engine.emit(event(1))
        name = event(1).id
        async with looker.look(name) as look:
            for text in ("It", "It was", "It was red", "Bl", "Blue"):
                writer.publish(name, text)
                await until(partial(_shows, look, text))
            assert not look.is_over
            go.set()
            assert await look.over(10)
            writer.end(name)
    store = LiveTextStore(open_database(url))
    await until(lambda: store.after({name: 0}) == [])
    await writer.aclose()
    await looker.aclose()


@BOTH
async def test_a_new_run_begins_anew_where_a_dead_one_stopped(url):
    first, second = LiveTexts(open_database(url)), LiveTexts(open_database(url))
    looker = LiveTexts(open_database(url))
    engine = Engine(url, listen=False)
    await engine.emit(event(1))
    name = event(1).id
    async with looker.look(name) as look:
        first.publish(name, "The sky is")
        await until(lambda: look.text == "The sky is")
        await first.aclose()  # killed
        second.publish(name, "Blue")
        await until(lambda: look.text == "Blue")
    await second.aclose()
    await looker.aclose()
    await engine.stop(0)


@pytest.mark.parametrize("store", ["sqlite"])
async def test_onlookers_here_are_woken_without_the_database(url):
    texts = LiveTexts(open_database(url))
    engine = Engine(url, listen=False)
    await engine.emit(event(1))
    async with texts.look(event(1).id) as one, texts.look(event(1).id) as two:
        await asyncio.sleep(0)
        one.has_news.clear()
        texts.publish(event(1).id, "Now")
        assert one.has_news.is_set()
        assert (one.text, two.text) == ("Now", "Now")
    await texts.aclose()
    await engine.stop(0)


@pytest.mark.parametrize("store", ["sqlite"])
async def test_a_whole_text_stays_whole_until_its_receipt_is_closed(url):
    """What is kept of it is older by a moment: who reads that would take back what everybody has seen."""
    texts, kept = LiveTexts(open_database(url)), LiveTextStore(open_database(url))
    engine = Engine(url, listen=False)
    await engine.emit(event(1))
    name = event(1).id
    async with texts.look(name) as look:
        texts.publish(name, "The sky")
        await until(lambda: kept.after({name: 0}))
        texts.publish(name, "The sky is blue")
        texts.end(name)
        async with texts.look(name) as late:
            assert (look.text, late.text) == ("The sky is blue", "The sky is blue")
    await texts.aclose()
    await engine.stop(0)


@pytest.mark.parametrize("store", ["sqlite"])
async def test_nothing_is_kept_of_what_has_ended_and_nobody_looks_at(url):
    texts = LiveTexts(open_database(url))
    for number in range(50):
        texts.publish(f"e{number}", "x" * 1_000)
        texts.end(f"e{number}")
    async with texts.look("unknown") as look:
        assert look.receipt is None
        assert look.is_over
    assert texts._growing == {}
    await texts.aclose()


@BOTH
def test_pieces_are_read_in_order_and_after_a_number(url):
    store = LiveTextStore(open_database(url))
    store.append([Piece("a", 0, "One"), Piece("b", 0, "Uno"), Piece("a", 3, " two")])
    first, second = store.after({"a": 0})
    assert (first.text, second.text, second.start) == ("One", " two", 3)
    assert store.after({"a": first.number, "b": 1}) == [second]
    store.remove(["a"])
    assert [piece.event_id for piece in store.after({"a": 0, "b": 0})] == ["b"]


@BOTH
async def test_what_a_crash_left_of_an_ended_event_is_swept_up(url):
    store, told = LiveTextStore(open_database(url)), Told()
    async with running(url, told) as engine:
        await engine.emit(event(1))
        await until(lambda: state_of(engine, 1) == "answered")
        told.on_open = raising(*[Waits("later")] * 9)
        await engine.emit(event(2))
        store.append([Piece(event(number).id, 0, "Half") for number in (1, 2, 3)])
        store.sweep()
    assert [piece.event_id for piece in store.after({event(number).id: 0 for number in (1, 2, 3)})] == [event(2).id]


@pytest.mark.parametrize("store", ["sqlite"])
def test_there_is_one_for_each_database(url):
    database = open_database(url)
    assert live_texts_of(database) is live_texts_of(database)
    assert live_texts_of(database) is not live_texts_of(open_database(url))
