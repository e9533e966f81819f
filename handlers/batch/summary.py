"""What `bot batch` says of a folder before it asks: what lies there, what cannot be read, and what the rest costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from bot.doors.folder.paths import absolute, is_shared
from bot.doors.folder.rule import FolderRule
from bot.events import Receipt
from bot.payments import AnswerLength
from bot.rules.rule import Rule
from bot.text import size_words
from handlers.batch.documents import Found
from handlers.claude.forecast import Forecast
from handlers.estimates import dollars, expected, length_words

SHOWN_FAULTS = 10


def summary(
    good: Sequence[Found], left: Sequence[Found], receipts: Mapping[str, Receipt], length: AnswerLength | None
) -> str:
    """What it is, what became of it before, and what it costs to ask the rest."""
    kinds = Counter(one.kind for one in good)
    size = size_words(sum(one.size_bytes for one in good))
    documents = "1 document" if len(good) == 1 else f"{len(good)} documents"
    lines = [f"{documents} ({size}): " + ", ".join(f"{n} {kind}" for kind, n in kinds.most_common())]
    done = sum(receipt.state == "answered" for receipt in receipts.values())
    if receipts:
        lines.append(f"{done} are answered already, {len(good) - len(left) - done} are on their way.")
    if left:
        lines.append(batch_words([one.call for one in left if one.call], length))
    return "\n".join(lines)


def batch_words(calls: Sequence[Forecast], length: AnswerLength | None) -> str:
    """What these calls cost by night and by day."""
    night = expected(lambda tokens: sum(call.usd_with(tokens, batch=True) for call in calls), length)
    day = expected(lambda tokens: sum(call.usd_with(tokens) for call in calls), length)
    costs = f"about {dollars(night.usd)} by night (within 24 hours), {dollars(day.usd)} by day"
    return f"To ask {len(calls)} costs {costs}. {length_words(night, when=' by night')}"


def watched_words(root: str, rules: Sequence[Rule]) -> str:
    """That the folder door answers what lies there as well; "" when no rule of it does."""
    names = ", ".join(f'"{rule.name}"' for rule in rules if is_shared(root, absolute(rule.of(FolderRule).path)))
    words = "This folder is watched as well, by rule {}: what was answered there is asked, paid and answered again."
    return words.format(names) if names else ""


def faults_in_words(found: Sequence[Found]) -> str:
    """What cannot be read, and why, the first ones by name."""
    bad = [one for one in found if one.fault]
    lines = [f"  {one.name}: {one.fault}" for one in bad[:SHOWN_FAULTS]]
    more = [f"  … and {len(bad) - SHOWN_FAULTS} more, in the report"] if len(bad) > SHOWN_FAULTS else []
    return "\n".join([f"{len(bad)} cannot be read:", *lines, *more]) if bad else ""
