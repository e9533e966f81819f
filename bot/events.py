"""The five names that carry Bellhop: Event, Address, Emit, Trigger and Reply, with their plain data.

Everything here is frozen and serialisable (see bot/serial.py), because an event must survive a crash.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    import sqlalchemy as sa
    from starlette.routing import BaseRoute

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
Place = dict[str, Json]
"""Where a reply was opened (a message's ts, a row's token): enough to find it again after a crash."""

State = Literal["received", "working", "waiting", "answered", "failed", "skipped"]
"""received -> working <-> waiting -> answered | failed | skipped."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with an event: either a private local copy (`path`) or a place to fetch it from (`url`).

    Only with its `sha256` is a path a copy; without, it is the file's own place, where anything may stand by now.
    """

    name: str
    path: str | None = None
    url: str | None = None
    size_bytes: int | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class SlackThread:
    """A Slack thread; `thread_ts` None means a new message in the channel. `message_ts` is the question's own ts.

    `response_url`: where the person who used the shortcut can be told something for half an hour, member or not.
    """

    team: str
    channel: str
    thread_ts: str | None
    message_ts: str | None = None
    asker: str | None = None
    response_url: str = ""
    kind: Literal["slack"] = "slack"


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row of a spreadsheet, named by the token in its status cell and never by its number."""

    spreadsheet: str
    tab: int
    token: str
    kind: Literal["sheet"] = "sheet"


@dataclass(frozen=True, slots=True)
class SheetTab:
    """A tab of a spreadsheet that gets one more row for each answer; `gid` names it where a URL did, else its name.

    `tab` "" without a `gid` is the first one.
    """

    spreadsheet: str
    tab: str
    gid: int | None = None
    kind: Literal["sheet_tab"] = "sheet_tab"


@dataclass(frozen=True, slots=True)
class FilePath:
    """A file below a watched folder: `root` is absolute, `name` is relative to it, with forward slashes."""

    root: str
    name: str
    kind: Literal["file"] = "file"


@dataclass(frozen=True, slots=True)
class MailThread:
    """A mail to answer: its Message-ID, the References to carry on, the subject and where the answer goes.

    `message_id` "" begins a thread. `is_draft`: the answer is laid among the drafts, and a person sends it.
    """

    mailbox: str
    message_id: str
    to: str
    subject: str
    references: tuple[str, ...] = ()
    is_draft: bool = False
    kind: Literal["mail"] = "mail"


@dataclass(frozen=True, slots=True)
class HttpCaller:
    """A program or a form that called a hook and waits for, or comes back for, the result."""

    hook: str
    kind: Literal["http"] = "http"


@dataclass(frozen=True, slots=True)
class Kept:
    """Nobody waits anywhere: the answer is kept with its receipt, and the operator's page shows it."""

    kind: Literal["kept"] = "kept"


Address = SlackThread | SheetRow | SheetTab | FilePath | MailThread | HttpCaller | Kept
"""Where the answer goes: plain data, told apart by `kind`."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something happened: what was asked, where, when, and the address to answer to.

    `id` derives from the event, never from its arrival, and sorts in event order within `conversation`.
    `source` is the trigger's name, `rule` the rule's. `text` and `fields` are untrusted: data, never instructions.
    `fields` fill the placeholders of the rule's `ask` (`{Column}`, `{filename}`, `{form.field}`).
    `person` is who caused it, for ceilings of money; "" where nobody is known. `overrides` are the keys of its rule
    ("system", "model", "max_tokens") that it brings values of its own for, where its door lets whoever asks do so.
    """

    id: str
    source: str
    rule: str
    text: str
    subject: str
    time: datetime
    conversation: str
    reply_to: Address
    attachments: tuple[Attachment, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    person: str = ""
    overrides: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Usage:
    """What was used for one answer, all its calls added up. Cache figures are part of the prompt, counted apart.

    `cache_write_1h_tokens` are those of `cache_write_tokens` that are kept for an hour, `thinking_tokens` those of
    `output_tokens` that nobody saw. `web_searches` are counted, and priced, each.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    cache_write_1h_tokens: int = 0
    thinking_tokens: int = 0
    web_searches: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What Claude said. `text` is the whole answer; `values` the typed columns, where a rule asks for them.

    As the handler gives it, `usage` and `cost_usd` are those of what was not booked yet; once it is stored, those of
    the whole event with every call for it.

    `notes` are short sentences for the reader (a document was cut, the answer reached its limit).
    """

    text: str
    model: str
    stop_reason: str
    usage: Usage = field(default_factory=Usage)
    cost_usd: float = 0.0
    duration_s: float = 0.0
    notes: tuple[str, ...] = ()
    values: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of an answer at one of the places that a rule's `reply` names (`to`); `link` leads there."""

    to: str
    state: Literal["delivered", "failed"]
    reason: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of an event. Times are aware; `reason` is in plain words; `cost_usd` counts every attempt.

    `code` is why it ended as it did, for programs (see `bot.errors`). Of an event in state "waiting", `waits_for` is
    the code of what it waits for, `reason` says so in words, and at `wake_at` it goes on by itself (None: when called).
    `deliveries`: the places that the rule names, once the answer was tried there.
    """

    id: str
    source: str
    rule: str
    subject: str
    conversation: str
    state: State
    received_at: datetime
    working_at: datetime | None = None
    finished_at: datetime | None = None
    attempts: int = 0
    model: str = ""
    usage: Usage = field(default_factory=Usage)
    cost_usd: float = 0.0
    reason: str = ""
    person: str = ""
    feedback: str = ""
    code: str = ""
    waits_for: str = ""
    wake_at: datetime | None = None
    deliveries: tuple[Delivery, ...] = ()


@dataclass(frozen=True, slots=True)
class Health:
    """Proof of life of one door: does it work, in words how or what is wrong, and when it was heard from.

    `heard_at` is when the door was last truly heard from (a pong, a poll, a scan): a quiet door that works is heard.
    `last_event_at` is when it last made an event. None: not since this process began. `without_run` says how it works
    where no process runs this door, for what comes by its routes is heard all the same; "": not at all.
    """

    ok: bool
    words: str
    heard_at: datetime | None = None
    last_event_at: datetime | None = None
    without_run: str = ""


Record = Callable[["sa.Connection"], object]
"""Writes rows of a door's own within the transaction that it is given."""


class Emit(Protocol):
    """How a trigger hands an event over."""

    async def __call__(self, event: Event, record: Record | None = None) -> Receipt:
        """Return once the event is durable; only then may its source be acknowledged. A known id changes nothing.

        `record` is called in the same transaction, whether or not the event was new: the door's cursor or row and
        the event are kept together or not at all. It may be called again after a rollback, from another thread, so
        it does nothing but write, and the same each time. What it raises undoes the event and is raised here.
        Raises TryAgain when nothing can be stored now, Refused when this never can be.
        """


class Trigger(Protocol):
    """What notices that something happened; one for each open door, with two faces.

    `routes` is served by every process with role web, `run` by one process with role triggers at a time: it holds the
    door's lease. So the two may be called on different objects, in different processes.
    """

    name: str

    def routes(self, emit: Emit) -> Sequence[BaseRoute]:
        """What this door hears over HTTP; empty when it does not. Needs no `run` beside it in this process."""

    async def run(self, emit: Emit) -> None:
        """Watch until cancelled; a passing fault is waited out inside, never raised.

        `emit` raises TryAgain when another process has taken over: the source must not be acknowledged then.
        """

    def health(self) -> Health:
        """Tell whether this door works now; cheap and without a wait, called once a second."""


class Reply(Protocol):
    """The way back for one event. Every method may be repeated after a crash without a second visible effect."""

    watched: bool
    """A person is waiting and looking: the answer streams. Otherwise it is one shot and `show` is never called."""

    async def open(self, place: Place | None) -> Place:
        """Take the place where the answer will stand; with a `place` from before a crash, find it again.

        None: no earlier run began, so nothing is there. Empty: one began, and what it left is not known.
        """

    async def show(self, text_so_far: str) -> None:
        """Show the whole text so far. Returns at once: pacing is the reply's own matter, the latest text wins."""

    async def wait(self, reason: str, until: datetime | None) -> None:
        """Say in one line where the person waits that the answer comes later (bot/waiting.py has the words).

        `reason` is a clause ("Claude is busy"), `until` aware, or None where nobody knows. Said again it takes the
        place of what it said before, and the answer takes the place of both.
        """

    async def finish(self, answer: Answer) -> None:
        """Return once the whole answer stands where the person is looking."""

    async def fail(self, reason: str) -> None:
        """Say in plain words why there is no answer, and what to do next."""
