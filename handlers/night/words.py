"""What is said of an event in the night lane, where it is shown and where it was dropped. Pure."""

from __future__ import annotations

from datetime import UTC, datetime

from handlers.night.entries import Entry

GATHERED = "waits for the next batch, which is sent at about {time} UTC"
SENDING = "is sent to Claude with the next batch"
OUT = "with batch {batch} since {time} UTC, {done} of {count} done"


def gathered_words(due_s: float) -> str:
    """For an event that waits for the next batch, due at `due_s` (seconds since 1970)."""
    return GATHERED.format(time=_clock(due_s))


def out_words(batch_id: str, since_s: float | None, done: int, count: int) -> str:
    """For an event that is with a batch; without a name it is on its way, or looked for."""
    if not batch_id or since_s is None:
        return SENDING
    return OUT.format(batch=batch_id, time=_clock(since_s), done=min(done, count), count=count)


def entry_words(entry: Entry) -> str:
    """For an event that was sent."""
    return out_words(entry.batch_id, entry.since_s, entry.done, entry.count)


def failed_words(why: str, tries: int) -> str:
    """For an event whose rule wants no direct call."""
    return f"{tries} batches brought no answer to this; of the last one, {why}."


def _clock(at_s: float) -> str:
    return f"{datetime.fromtimestamp(at_s, UTC):%H:%M}"
