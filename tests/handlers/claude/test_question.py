"""Tests of a conversation that Claude refuses, over real sockets: the newest question is answered all the same."""

import asyncio
from dataclasses import replace

import pytest

from bot.errors import Refused
from bot.rules.rule import Rule
from handlers.claude import Claude, Clockwork
from handlers.claude.window import fit
from handlers.documents.document import Document, image_block, pdf_block, text_block
from handlers.prompt import Gathered, Turn
from playground.claude import Fault
from tests.handlers.test_prompt import asked, event_of
from tests.playground.claude.files import encoded, pdf, picture

pytestmark = pytest.mark.anyio

CHAT = Rule(name="slack", on="slack")
FOLDER = Rule(name="folder", on="folder", ask="Sum this up.")
BROKEN = picture("PNG", 60, 60)[:50]


def report(name, pages, **changes):
    content = pdf(pages, **changes)
    return Document(name, "pdf", (pdf_block(encoded(content), name),), (), len(content), pages)


def photo(name, content=None):
    content = picture() if content is None else content
    return Document(name, "image", (image_block(encoded(content), "image/png"),), (), len(content))


def thread(*turns):
    """Earlier messages of the asker, each with its documents, each answered."""
    said = []
    for documents in turns:
        said += [Turn("Ada", "see this", trusted=True, documents=tuple(documents)), Turn("", "Noted.", ours=True)]
    return tuple(said)


def poisoned(*turns, text="what is 2+2", own=(), rule=CHAT):
    return asked(event_of(text), rule, Gathered(turns=thread(*turns), documents=tuple(own)))


async def answered(claude, ask):
    ask, notes = await fit(ask, claude)
    answer = await claude.complete(ask, asyncio.Event())
    return answer, (*notes, *answer.notes)


def refused_calls(stand_in):
    return stand_in.tally.refused


async def test_two_long_pdfs_in_a_thread_cost_the_older_one_and_no_refused_call(claude, stand_in):
    answer, notes = await answered(claude, poisoned([report("old.pdf", 60)], [report("new.pdf", 60)]))
    assert "You asked: “what is 2+2”" in answer.text
    assert notes == ("Left out: old.pdf (60 pages): a request may hold 100 pages and pictures.",)
    assert (len(stand_in.requests), refused_calls(stand_in)) == (1, 0)


async def test_a_lower_limit_than_ours_is_learned_from_the_refusal(claude, stand_in):
    stand_in.max_pdf_pages = 50
    answer, notes = await answered(claude, poisoned([report("old.pdf", 30)], [report("new.pdf", 40)]))
    stand_in.max_pdf_pages = 100
    assert "4" in answer.text
    assert notes == ("Left out: old.pdf (30 pages): a request may hold 50 pages.",)
    assert len(stand_in.requests) == 2


@pytest.mark.parametrize("content", [BROKEN, b"no picture at all", picture("PNG", 8001, 1)])
async def test_a_picture_that_is_refused_does_not_cost_a_later_question(claude, stand_in, content):
    answer, notes = await answered(claude, poisoned([photo("bad.png", content)], [photo("good.png")]))
    assert "4" in answer.text
    assert any("bad.png" in note for note in notes)
    assert not any("messages." in note or "base64" in note for note in notes)


async def test_of_many_pictures_only_what_was_refused_is_missing_when_it_was_named(claude, stand_in):
    large = photo("large.png", picture("PNG", 2001, 1))
    answer, notes = await answered(claude, poisoned([large], *[[photo(f"{n}.png")] for n in range(24)]))
    assert "4" in answer.text
    assert len(notes) == 1
    assert notes[0].startswith("Left out: large.png: ")


async def test_a_locked_pdf_of_the_thread_is_named(claude, stand_in):
    answer, notes = await answered(claude, poisoned([report("locked.pdf", 1, password="x")]))
    assert "4" in answer.text
    assert notes == ("Left out: locked.pdf: it is locked with a password; save it without one and send that.",)


async def test_a_hundred_pictures_and_more_cost_the_oldest(claude, stand_in):
    turns = [[photo(f"{n}.png") for n in range(at, at + 60)] for at in (0, 60)]
    answer, notes = await answered(claude, poisoned(*turns))
    assert "4" in answer.text
    assert notes[0].startswith("Left out: 0.png, 1.png, ")
    assert "19.png: a request may hold 100 pages and pictures" in notes[0]
    assert refused_calls(stand_in) == 0


@pytest.mark.parametrize("status", [400, 413])
async def test_whatever_the_conversation_is_refused_for_the_question_is_answered(claude, stand_in, status):
    stand_in.fault(
        Fault("status", status=status, message="nobody knows"),
        times=99,
        where=lambda body: "Noted." in str(body["messages"]),
    )
    answer, notes = await answered(claude, poisoned([photo("a.png")], [report("b.pdf", 2)]))
    assert "4" in answer.text
    assert [note.split(":")[1].strip() for note in notes] == [
        "a.png",
        "b.pdf (2 pages)",
        "the earlier messages of this conversation",
    ]
    assert len(stand_in.requests) == 4


async def test_a_refusal_that_nothing_mends_is_told_in_plain_words_after_few_calls(claude, stand_in):
    stand_in.fault(Fault("status", status=400, message="messages.0.content.1.pdf.source.base64: odd"), times=99)
    ask = poisoned(*[[photo(f"{n}.png")] for n in range(9)], own=[report("own.pdf", 1), photo("own.png")])
    with pytest.raises(Refused) as caught:
        await answered(claude, ask)
    assert "messages." not in caught.value.reason
    assert "odd" not in caught.value.reason
    assert len(stand_in.requests) <= 7


async def test_the_questions_own_file_is_named_and_the_words_are_answered(claude, stand_in):
    answer, notes = await answered(claude, poisoned([photo("good.png")], own=[photo("own.png", b"none")]))
    assert "4" in answer.text
    assert any(note.startswith("Left out: own.png: Claude could not open this picture") for note in notes)
    assert "(A file was left out here: Claude could not open" in str(stand_in.requests[-1].body["messages"][-1])


async def test_a_question_that_is_only_its_file_is_refused_with_the_files_name_and_the_reason(claude, stand_in):
    ask = poisoned(text="", own=[photo("scan.png", BROKEN)], rule=FOLDER)
    with pytest.raises(Refused, match=r"^scan\.png: Claude could not open this picture; save it anew") as caught:
        await answered(claude, ask)
    assert "messages." not in caught.value.reason


async def test_of_two_files_of_a_mail_the_one_that_fits_is_answered_about(claude, stand_in):
    ask = poisoned(text="", own=[report("a.pdf", 60), report("b.pdf", 60)], rule=FOLDER)
    _answer, notes = await answered(claude, ask)
    assert notes == ("Left out: b.pdf (60 pages): a request may hold 100 pages and pictures.",)
    assert "a.pdf" in str(stand_in.requests[-1].body)


async def test_what_was_left_out_costs_nothing_and_what_was_paid_is_counted(claude, stand_in):
    answer, _notes = await answered(claude, poisoned([photo("bad.png", BROKEN)]))
    assert stand_in.tally.calls == 1
    assert answer.usage.output_tokens == stand_in.tally.output_tokens


async def test_a_refused_setting_is_asked_once_and_told_without_the_apis_words(claude, stand_in):
    ask = replace(poisoned([photo("a.png")]), max_tokens=999_999)
    with pytest.raises(Refused, match="CLAUDE_MAX_TOKENS") as caught:
        await answered(claude, ask)
    assert "999999" not in caught.value.reason
    assert len(stand_in.requests) == 1


async def test_an_unknown_refusal_names_the_event_whose_details_are_in_the_log(claude, stand_in):
    stand_in.fault(Fault("status", status=400, message="messages.7: odd"), times=9)
    with pytest.raises(Refused, match="in Bellhop's log under e1") as caught:
        await answered(claude, poisoned())
    assert "odd" not in caught.value.reason


async def test_a_long_thread_of_other_people_is_shortened_to_the_question(settings, stand_in, naps):
    stand_in.window_tokens = 6_000
    turns = tuple(Turn("Eve", "old words " * 900) for _ in range(9))
    claude = Claude(settings, Clockwork(sleep=naps.sleep))
    answer, notes = await answered(claude, asked(event_of("what is 2+2"), CHAT, Gathered(turns=turns)))
    assert "4" in answer.text
    assert "oldest messages" in notes[0]
    await claude.aclose()


async def test_half_a_character_in_names_messages_and_documents_is_no_fault(claude, stand_in):
    document = Document("a\ud83d.txt", "text", (text_block("x \udc00 y", "a\ud83d.txt"),), (), 3)
    turns = (Turn("E\ud83dve", "hi \ud83d", documents=(document,)),)
    ask = asked(event_of("what is 2+2 \ud83d"), CHAT, Gathered(turns=turns, text="what is 2+2 \ud83d"))
    _answer, notes = await answered(claude, ask)
    assert notes == ()
    assert "\ufffd" in str(stand_in.requests[-1].body)


@pytest.mark.parametrize("bad", ["half \ud83d", object()])
@pytest.mark.parametrize("way", ["complete", "count_tokens"])
async def test_what_cannot_be_written_as_json_is_our_mistake_and_never_the_networks(claude, stand_in, naps, bad, way):
    ask = replace(poisoned(), messages=({"role": "user", "content": [{"type": "text", "text": bad}]},))
    call = claude.complete(ask, asyncio.Event()) if way == "complete" else claude.count_tokens(ask)
    with pytest.raises(Refused, match="cannot be sent"):
        await call
    assert (naps.seconds, stand_in.requests) == ([], [])
