"""The tests of the one handler: open, answer, deliver, fail; with a hand-written Claude and replies."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.errors import BUSY, RESERVED, Refused, TryAgain, Waits
from bot.events import Answer, Attachment, FilePath, SlackThread, Usage
from bot.rules.rule import Rule, RuleBook
from bot.settings import load_settings
from bot.wiring import known
from handlers.answer import AnswerHandler
from handlers.budget import Budget
from handlers.claude.ask import blocks_of
from handlers.claude.forecast import Forecast
from handlers.prompt import Gathered, Turn
from tests.handlers.books import Books
from tests.handlers.test_prompt import document, event_of

pytestmark = pytest.mark.anyio

SETTINGS = load_settings(_env_file=None)
NOW = datetime(2026, 11, 29, 14, 30, tzinfo=UTC)


@dataclass
class NotedReply:
    """A reply that notes what it is told."""

    event: object
    watched: bool
    did: list[Any] = field(default_factory=list)

    async def open(self, place):
        self.did.append(("open", place))
        return place or {"ts": "7"}

    async def show(self, text_so_far):
        self.did.append(("show", text_so_far))

    async def wait(self, reason, until):
        self.did.append(("wait", reason, until))

    async def finish(self, answer):
        self.did.append(("finish", answer.text))

    async def fail(self, reason):
        self.did.append(("fail", reason))


@dataclass
class SpokenClaude:
    """A Claude that says `text` and remembers what it was asked."""

    text: str = "Blue."
    stop_reason: str = "end_turn"
    tokens: int = 10
    asks: list[Any] = field(default_factory=list)
    ways: list[Any] = field(default_factory=list)

    def warm_up(self):
        self.ways.append("warm_up")

    async def stream(self, ask, show, stop, till=None):
        self.ways.append("stream")
        await show(self.text[:2])
        return self._answer(ask)

    async def complete(self, ask, stop, till=None):
        self.ways.append("complete")
        return self._answer(ask)

    async def count_tokens(self, ask):
        return self.tokens

    def _answer(self, ask):
        self.asks.append(ask)
        return Answer(self.text, ask.model, self.stop_reason, Usage(10, 5), 0.01)


class Stage:
    """A handler with everything around it; it is every kind of reply itself."""

    def __init__(self, rule, claude=None, readers=None, budget=None):
        self.claude, self.now = claude or SpokenClaude(), NOW
        self.replies: list[Any] = []
        rules = RuleBook((rule,) if rule else ())
        ways = {"slack": self, "file": self}
        self.handler = AnswerHandler(
            rules, SETTINGS, self.claude, ways, known(), readers=readers, budget=budget, now=lambda: self.now
        )

    def reply_for(self, event, *, watched):
        self.replies.append(NotedReply(event, watched))
        return self.replies[-1]

    async def note(self, address, words):
        raise AssertionError

    async def aclose(self):
        raise AssertionError

    async def run(self, event):
        place = await self.handler.open_reply(event, 1)
        answer = await self.handler.answer(event, place, asyncio.Event())
        await self.handler.deliver(event, place, answer)
        return answer


CHAT = Rule(name="slack", on="slack")


async def test_a_watched_answer_is_opened_shown_and_finished_on_one_reply():
    stage = Stage(CHAT)
    answer = await stage.run(event_of())
    assert answer.text == "Blue."
    assert [reply.did for reply in stage.replies] == [[("open", None), ("show", "Bl"), ("finish", "Blue.")]]
    assert stage.claude.ways == ["warm_up", "stream"]


async def test_an_answer_nobody_watches_comes_in_one_shot():
    stage = Stage(replace(CHAT, stream=False))
    await stage.run(event_of())
    assert stage.claude.ways == ["warm_up", "complete"]


async def test_after_a_crash_the_reply_finds_its_place_again():
    stage = Stage(CHAT)
    await stage.handler.deliver(event_of(), {"ts": "7"}, Answer("Blue.", "m", "end_turn"))
    assert stage.replies[0].did == [("open", {"ts": "7"}), ("finish", "Blue.")]


async def test_a_second_start_looks_for_what_the_first_may_have_left():
    stage = Stage(CHAT)
    await stage.handler.open_reply(event_of(), 2)
    assert stage.replies[0].did == [("open", {})]


async def test_failing_tells_the_person_even_without_a_place():
    stage = Stage(CHAT)
    await stage.handler.fail(event_of(), None, "No luck.")
    assert stage.replies[0].did == [("open", {}), ("fail", "No luck.")]


async def test_nothing_is_kept_of_a_run_that_is_over_whatever_came_of_it():
    stage = Stage(CHAT)
    await stage.run(event_of())
    stage.handler.over("e1", is_parked=False)
    await stage.handler.open_reply(event_of(), 1)  # then nobody wants it any more, or another worker has it
    stage.handler.over("e1", is_parked=False)
    assert len(stage.handler._events) == 0
    await stage.handler.open_reply(event_of(), 2)
    assert len(stage.replies) == 3


async def test_a_parked_event_goes_on_with_its_reply_and_is_not_told_again():
    stage = Stage(CHAT)
    place = await stage.handler.open_reply(event_of(), 1)
    await stage.handler.wait(event_of(), "Claude is busy", None)
    stage.handler.over("e1", is_parked=True)
    await stage.handler.deliver(event_of(), place, Answer("Blue.", "m", "end_turn"))
    assert [did[0] for did in stage.replies[0].did] == ["open", "wait", "finish"]
    assert len(stage.replies) == 1


async def test_a_rule_sends_the_answer_elsewhere():
    stage = Stage(replace(CHAT, reply=("file:/srv/out",)))
    await stage.run(event_of())
    assert stage.replies[0].event.reply_to == FilePath("/srv/out", "e1")


async def test_the_address_of_a_reply_comes_from_the_rule_and_never_from_the_event():
    event = replace(event_of(), attachments=(Attachment("../../etc/passwd"),))
    assert known().reply_address("slack:C9", event) == SlackThread("", "C9", None)
    address = known().reply_address("file:/srv/out", event)
    assert isinstance(address, FilePath)
    assert "/" not in address.name
    assert address.root == "/srv/out"


async def test_a_way_that_is_not_set_up_is_refused_in_plain_words():
    stage = Stage(replace(CHAT, reply=("fax:1",)))
    with pytest.raises(Refused, match="answer should go to fax"):
        await stage.handler.open_reply(event_of(), 1)


async def test_a_removed_rule_is_stood_in_for_by_the_doors_own_or_refused():
    event = replace(event_of(), rule="gone")
    assert (await Stage(CHAT).run(event)).text == "Blue."
    stage = Stage(None)
    with pytest.raises(Refused, match='"gone" was removed'):
        await stage.handler.answer(event, {}, asyncio.Event())


async def test_the_thread_is_read_by_the_sources_reader():
    async def gather(event):
        return Gathered(turns=(Turn("Eve", "earlier"),), documents=(document(),), notes=("One file was skipped.",))

    stage = Stage(CHAT, readers={"slack": gather})
    answer = await stage.run(event_of())
    assert "earlier" in str(stage.claude.asks[0].messages)
    assert "All facts." in str(stage.claude.asks[0].messages)
    assert answer.notes == ("One file was skipped.",)


def with_files(tmp_path, text, **files):
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    attachments = tuple(Attachment(f"{name}.txt", path=str(tmp_path / name), sha256="0") for name in files)
    return replace(event_of(text), attachments=attachments)


async def test_attachments_are_read_into_the_request(tmp_path):
    stage = Stage(CHAT)
    await stage.run(with_files(tmp_path, "Sum up", a="The boat is called Ada.", b="Berth 12."))
    data = [block["source"]["data"] for block in blocks_of(stage.claude.asks[0].messages[-1]) if "source" in block]
    assert [text.strip() for text in data] == ["The boat is called Ada.", "Berth 12."]


async def test_a_file_that_is_no_private_copy_is_never_opened_as_it_stands(tmp_path):
    event = with_files(tmp_path, "Sum up", a="secret")
    bare = replace(event, attachments=(replace(event.attachments[0], sha256=None),))
    assert (await Stage(CHAT).run(bare)).notes == ("a.txt: The file could not be fetched.",)


async def test_the_only_file_when_it_cannot_be_read_refuses_the_event(tmp_path):
    stage = Stage(CHAT)
    with pytest.raises(Refused):
        await stage.handler.answer(with_files(tmp_path, "", a=""), {}, asyncio.Event())
    assert stage.claude.asks == []


async def test_a_bad_file_beside_words_or_good_files_becomes_a_note(tmp_path):
    for event in (with_files(tmp_path, "Say hello", a=""), with_files(tmp_path, "", a="", b="Berth 12.")):
        answer = await Stage(CHAT).run(event)
        assert len(answer.notes) == 1
        assert answer.notes[0].startswith("a.txt: ")


async def test_several_files_none_of_them_readable_refuse_the_event(tmp_path):
    with pytest.raises(Refused, match=r"a\.txt: .*b\.txt: "):
        await Stage(CHAT).handler.answer(with_files(tmp_path, "", a="", b=""), {}, asyncio.Event())


async def test_a_file_nobody_fetched_is_told():
    event = replace(event_of("Sum up"), attachments=(Attachment("a.pdf", url="https://x/a.pdf"),))
    assert (await Stage(CHAT).run(event)).notes == ("a.pdf: The file could not be fetched.",)


COLUMNS = replace(CHAT, columns={"Kind": ("bug", "wish"), "Urgency": "integer"})


async def test_columns_come_as_values_and_as_text_and_are_never_streamed():
    stage = Stage(COLUMNS, SpokenClaude('{"Kind": "bug", "Urgency": 3}'))
    answer = await stage.run(event_of())
    assert answer.values == {"Kind": "bug", "Urgency": 3}
    assert answer.text == "Kind: bug\nUrgency: 3"
    assert stage.claude.ways == ["warm_up", "complete"]


@pytest.fixture
def books(tmp_path):
    found = Books(f"sqlite:///{tmp_path}/bot.db")
    yield found
    found.database.dispose()


async def test_columns_that_do_not_fit_are_booked_and_asked_again(books):
    stage = Stage(COLUMNS, SpokenClaude('{"Kind": "odd"}'), budget=Budget(SETTINGS, books))
    with pytest.raises(TryAgain):
        await stage.handler.answer(event_of(), {}, asyncio.Event())
    assert books.paid() == [("e1", 0.01)]
    assert books.reserved() == []


async def test_columns_cut_at_the_length_limit_are_refused_and_not_paid_again():
    stage = Stage(COLUMNS, SpokenClaude('{"Kind": "b', stop_reason="max_tokens"))
    with pytest.raises(Refused, match="max_tokens"):
        await stage.handler.answer(event_of(), {}, asyncio.Event())


async def test_columns_stopped_by_the_person_are_empty():
    stage = Stage(COLUMNS, SpokenClaude('{"Kind": "b', stop_reason="stopped"))
    answer = await stage.handler.answer(event_of(), {}, asyncio.Event())
    assert (answer.text, answer.values) == ("", None)


def spent_budget(books):
    books.spend(replace(event_of(), id="earlier"), 1.0, NOW.timestamp())
    return Budget(load_settings(_env_file=None, daily_budget_usd=1), books, now=lambda: NOW)


async def test_a_reached_ceiling_costs_nothing(books):
    stage = Stage(CHAT, budget=spent_budget(books))
    with pytest.raises(Refused, match="budget"):
        await stage.handler.answer(event_of(), {}, asyncio.Event())
    assert stage.claude.asks == []


async def test_a_file_waits_for_tomorrows_budget_by_itself_and_says_so(books):
    rule = Rule(name="folder", on="folder")
    event = replace(event_of(), source="folder", rule="folder")
    stage = Stage(rule, budget=spent_budget(books))
    with pytest.raises(Waits) as caught:
        await stage.handler.answer(event, {}, asyncio.Event())
    midnight = datetime(2026, 11, 30, tzinfo=UTC)
    assert (caught.value.reason, caught.value.until) == ("It waits for tomorrow's budget", midnight)
    assert stage.replies[0].did[-1] == ("wait", "It waits for tomorrow's budget", midnight)
    assert stage.claude.asks == []


async def test_money_that_is_only_reserved_is_waited_for_and_said_only_when_that_takes_long(books):
    budget = Budget(load_settings(_env_file=None, daily_budget_usd=0.01), books, now=lambda: NOW)
    other = budget.till(replace(event_of(), id="other"), CHAT)
    await other.reserve(Forecast("claude-sonnet-5-5", Usage(0, 8192), Usage(10)))
    stage = Stage(CHAT, budget=budget)
    place = await stage.handler.open_reply(event_of(), 1)
    for minutes in (0, 2):
        stage.now = NOW + timedelta(minutes=minutes)
        with pytest.raises(Waits) as caught:
            await stage.handler.answer(event_of(), place, asyncio.Event())
        assert caught.value.waits_for == RESERVED
    assert stage.replies[0].did == [
        ("open", None),
        ("wait", "It waits for other answers to be paid, which may use up today's budget", None),
    ]
    await other.settle("claude-sonnet-5-5", Usage(1), 0.001)
    assert (await stage.run(event_of())).text == "Blue."


async def test_half_a_character_in_a_typed_answer_is_replaced():
    stage = Stage(replace(CHAT, columns={"Name": "text"}), SpokenClaude('{"Name": "x\\ud83d"}'))
    assert (await stage.run(event_of())).values == {"Name": "x\ufffd"}


async def test_a_question_over_the_window_is_refused_before_it_is_sent():
    stage = Stage(CHAT, SpokenClaude(tokens=1_200_000))
    with pytest.raises(Refused, match=r"1,200,000 tokens long, and the model reads at most 991,808"):
        await stage.handler.answer(event_of("word " * 300_000), {}, asyncio.Event())
    assert stage.claude.asks == []


async def test_a_long_thread_is_shortened_before_it_is_sent_and_the_reader_is_told():
    async def gather(event):
        return Gathered(turns=tuple(Turn("", "w" * 500_000, ours=n % 2 == 1, trusted=True) for n in range(4)))

    @dataclass
    class Shrinking(SpokenClaude):
        async def count_tokens(self, ask):
            return 400_000 * len(ask.messages)

    stage = Stage(CHAT, Shrinking(), readers={"slack": gather})
    answer = await stage.run(event_of())
    assert len(stage.claude.asks[0].messages) == 1
    assert "oldest messages" in answer.notes[0]


async def test_files_over_the_request_limit_are_named_and_refuse_an_event_that_is_nothing_else():
    big = replace(document(), blocks=({"type": "image", "source": {"type": "base64", "data": "A" * 32_000_000}},))

    async def gather(event):
        return Gathered(documents=(big,))

    answer = await Stage(CHAT, readers={"slack": gather}).run(event_of())
    assert answer.notes == ("Left out: facts.txt: a request may hold 32 MB.",)
    with pytest.raises(Refused, match=r"facts\.txt: A request may hold 32 MB"):
        await Stage(CHAT, readers={"slack": gather}).handler.answer(event_of(""), {}, asyncio.Event())


async def test_counting_that_does_not_work_stops_nothing():
    @dataclass
    class Uncounted(SpokenClaude):
        async def count_tokens(self, ask):
            raise TryAgain("no")

    assert (await Stage(CHAT, Uncounted()).run(event_of("word " * 300_000))).text == "Blue."


@dataclass
class BusyClaude(SpokenClaude):
    """A Claude that asks for a wait the first time."""

    after_s: float | None = 900.0

    async def stream(self, ask, show, stop, till=None):
        after_s, self.after_s = self.after_s, None
        if after_s is not None:
            raise TryAgain("Claude's rate limit for this account is reached just now.", after_s)
        return await super().stream(ask, show, stop, till)


async def test_a_long_wait_is_said_where_the_person_waits_and_holds_no_worker():
    stage = Stage(CHAT, BusyClaude())
    place = await stage.handler.open_reply(event_of(), 1)
    with pytest.raises(Waits) as caught:
        await stage.handler.answer(event_of(), place, asyncio.Event())
    until = NOW + timedelta(minutes=15)
    assert (caught.value.reason, caught.value.until, caught.value.waits_for) == ("Claude is busy", until, BUSY)
    answer = await stage.handler.answer(event_of(), place, asyncio.Event())
    await stage.handler.deliver(event_of(), place, answer)
    (reply,) = stage.replies
    assert reply.did[:3] == [("open", None), ("wait", "Claude is busy", until), ("open", {"ts": "7"})]
    assert reply.did[-1] == ("finish", "Blue.")


async def test_a_short_wait_is_not_worth_a_word():
    stage = Stage(CHAT, BusyClaude(after_s=20.0))
    with pytest.raises(TryAgain):
        await stage.handler.answer(event_of(), {}, asyncio.Event())
    assert [did[0] for did in stage.replies[0].did] == ["open"]


async def test_tries_that_last_longer_than_a_minute_are_not_kept_silent_about():
    class DeadClaude(SpokenClaude):
        async def stream(self, ask, show, stop, till=None):
            stage.now += timedelta(seconds=50)
            raise TryAgain("The connection to Claude failed.")

    stage = Stage(CHAT, DeadClaude())
    for _ in range(2):
        with pytest.raises(TryAgain):
            await stage.handler.answer(event_of(), {}, asyncio.Event())
    assert stage.replies[0].did == [("open", {}), ("wait", "Claude does not answer just now", None)]


async def test_a_line_that_cannot_be_shown_costs_nothing():
    stage = Stage(replace(CHAT, reply=("fax:1",)))  # that way is not set up
    await stage.handler.wait(event_of(), "Claude is busy", None)
    assert stage.replies == []
