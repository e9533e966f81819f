"""What asking will probably cost, before anything is asked, and the words that say so. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.backlog import Backlog
from bot.door import Profile
from bot.events import Event, FilePath, Usage
from bot.money import usd_words
from bot.payments import AnswerLength
from bot.rules.rule import Rule
from bot.settings import Settings
from handlers.claude.ask import Ask
from handlers.claude.forecast import forecast, text_tokens
from handlers.claude.models import cacheable_tokens
from handlers.claude.prices import cost_usd
from handlers.documents.document import Document, text_block
from handlers.prompt import Gathered, build_ask

FEW_WORDS_TOKENS, PARAGRAPH_TOKENS, PAGE_TOKENS = 20, 200, 1_000
"""Answers of ten, a hundred and five hundred words, thinking included, at two tokens to a word.

The first and the last are the ends of what is said while nobody knows how long answers are, the second its middle.
"""
A_NAME = "a document's name.txt"


@dataclass(frozen=True, slots=True)
class Expected:
    """US dollars that asking probably takes, with answers as long as the last `answers` were.

    0: nobody knows how long they are; then `short_usd` goes with a few words, `usd` with a paragraph, `long_usd` with a
    page.
    """

    usd: float
    short_usd: float
    long_usd: float
    answers: int


def expected(price: Callable[[float], float], length: AnswerLength | None) -> Expected:
    """What it comes to, by the `price` with answers of so many tokens, and by what is known of their length."""
    likely = length.tokens if length else PARAGRAPH_TOKENS
    return Expected(price(likely), price(FEW_WORDS_TOKENS), price(PAGE_TOKENS), length.answers if length else 0)


def backlog_cost(
    backlog: Backlog, rule: Rule, profile: Profile, settings: Settings, length: AnswerLength | None
) -> Expected:
    """What answering all of it under its rule comes to.

    Each is priced by itself: a prompt may be so long that it costs more. Of many that come by day the first pays a long
    system prompt, the second writes it to the cache, and the others read it.
    """
    ask, by_night = _about_a_file(rule, profile, settings), rule.lane == "night"
    own = text_tokens(ask.system)
    kept = round(own) if own >= cacheable_tokens(ask.model) and backlog.asked > 1 and not by_night else 0
    fresh = round(backlog.tokens / max(1, backlog.asked) + forecast(ask).likely.input_tokens) - kept
    begun = cost_usd(ask.model, Usage(kept, cache_write_tokens=kept))
    begun -= cost_usd(ask.model, Usage(cache_read_tokens=2 * kept))

    def price(tokens: float) -> float:
        each = Usage(fresh, round(min(ask.max_tokens, tokens)), cache_read_tokens=kept)
        return backlog.asked * cost_usd(ask.model, each, batch=by_night) + begun

    return expected(price, length)


def _about_a_file(rule: Rule, profile: Profile, settings: Settings) -> Ask:
    """What is asked of an empty file: everything that is said beside a document."""
    file = Document(A_NAME, "text", (text_block("", A_NAME),), (), 0)
    when = datetime.fromtimestamp(0, UTC)
    event = Event("e", rule.on, rule.name, "", A_NAME, when, "c", FilePath("", ""), fields={"filename": A_NAME})
    return build_ask(event, rule, profile, settings, Gathered(), documents=[file])


def backlog_words(backlog: Backlog, found: Expected) -> str:
    """How much waits, and what it costs."""
    return f"{backlog.words}; to answer them costs about {dollars(found.usd)}. {length_words(found)}"


def length_words(found: Expected, *, each: str = " each", when: str = "") -> str:
    """How long the answers are taken to be, and what follows while nobody knows; `each` is "" for a single one."""
    if found.answers:
        them = "Answers are" if each else "The answer is"
        return f"{them} taken to be as long as the last {found.answers} were."
    short, long = f"a few words{each} come to {dollars(found.short_usd)}", f"a page{each} to {dollars(found.long_usd)}"
    return f"Nobody knows yet how long the {'answers are' if each else 'answer is'}: {short}{when}, {long}."


def dollars(usd: float) -> str:
    """An amount for people: small ones to a hundredth of a cent."""
    return f"${usd:,.2f}" if round(usd, 4) >= 1 else usd_words(usd)
