"""A door as the frame sees it, as data: its settings, its rule keys, what opens it, how Claude answers there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.errors import Refused
from bot.events import Address, Event
from bot.rules.keys import RuleKeys
from bot.rules.rule import Rule, RuleBook
from bot.settings import FromEnvironment, Settings

CHAT = (
    "You answer people in a chat. Answer in the language of the question, to the point and without preamble, in "
    "simple Markdown. Say so when you do not know."
)
"""How a person is answered who asks in words of their own, in Slack or from the shell."""
NO_WAY = "The answer should go to {kind}, but that way is not set up here."


@dataclass(frozen=True, slots=True)
class Profile:
    """How Claude answers at a door.

    `system` opens the system prompt. `text_is_request`: the event's text is what its person asks; elsewhere it is
    material that came along. `continues`: earlier turns of the conversation are sent along. `streams`: a person looks
    on, so that the answer grows before their eyes unless the rule says otherwise. `is_told`: whoever asked is told when
    the money is spent, and asks again; where nobody does, the event waits for the next day.
    """

    system: str = CHAT
    text_is_request: bool = False
    continues: bool = False
    streams: bool = False
    is_told: bool = False


def streams(rule: Rule | None, profile: Profile) -> bool:
    """Whether an answer grows where it stands: as its rule says, else as its door does. Pure.

    Columns come as one piece of JSON, and a batch answers whole, so they never do; an answer that is sent elsewhere is
    laid there once, whole.
    """
    if rule is None or rule.columns or rule.lane == "night":
        return rule is None and profile.streams
    if rule.stream is not None:
        return rule.stream
    return profile.streams and not rule.reply


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with a rule's key, in words that follow `key "path": `.

    `variable` names the setting that a derived rule took the value from.
    """

    rule: Rule
    key: str
    words: str
    variable: str = ""


def no_mistake(rules: Sequence[Rule], settings: Settings) -> Mistake | None:
    """For a door whose rules need no more than their keys' types."""
    del rules, settings
    return None  # mypy wants it said


@dataclass(frozen=True, slots=True)
class Door:
    """What the frame knows of a door.

    `missing` says which variables must still be set: () is an open door. With the keys of a written rule it counts
    only what those do not stand in for. `derived_rule` is the rule of an open door for which nobody wrote one.
    `opened_by` are the variables that open it, each with the words where it is found; "" for one that rules may stand
    in for; none where only a written rule opens it. Those of them in `shared` serve replies by themselves, so that they
    alone do not mean this door. `leave_room`: whether beside these written rules the derived one still stands.
    `needs_web`: nothing comes in while the web server does not serve its routes.
    `check_rules` finds what is wrong with the door's rules beyond the types of their keys. `has_night`: its rules may
    ask through Message Batches, whose answers come hours later.
    """

    name: str
    settings: type[FromEnvironment]
    rule_keys: type[RuleKeys]
    missing: Callable[[Settings, RuleKeys | None], tuple[str, ...]]
    derived_rule: Callable[[Settings], Rule]
    profile: Profile
    opened_by: Mapping[str, str]
    check_rules: Callable[[Sequence[Rule], Settings], Mistake | None] = no_mistake
    has_night: bool = True
    leave_room: Callable[[Sequence[Rule]], bool] = lambda rules: not rules
    shared: frozenset[str] = frozenset()
    needs_web: Callable[[Settings], bool] = lambda _: False

    def half_open(self, settings: Settings) -> str:
        """That one of its variables is set and another forgotten, in words; "" when it is not so."""
        own = settings.door(self.settings)
        meant = (name for name in self.opened_by if name not in self.shared)
        given = next((name for name in meant if name.lower() in own.model_fields_set), "")
        lacking = next((name for name in self.missing(settings, None) if self.opened_by.get(name)), "")
        return f"{given} is set, but {lacking} is not. {self.opened_by[lacking]}" if given and lacking else ""


@dataclass(frozen=True, slots=True)
class ReplyKind:
    """What the frame knows of a kind of reply, by the `kind` of its address.

    `form` is how a rule names it, such as "slack:CHANNEL"; "" when no rule can. `missing`: the variables without which
    there is no such way. `address` makes of what stands behind the colon the place where an event's answer goes: only
    the rule picks the place, the event at most a file's name below it. `fault` says what is wrong with a place, as
    words that follow the key, "" when nothing is. `only_on`: the doors whose rules may name it; () for every door.
    `is_quiet`: that an answer is to come can be said there without disturbing anybody.
    """

    name: str
    form: str = ""
    missing: Callable[[Settings], tuple[str, ...]] = lambda _: ()
    address: Callable[[str, Event], Address] = lambda _, event: event.reply_to
    is_quiet: bool = False
    fault: Callable[[str], str] = lambda _: ""
    only_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadKind:
    """What the frame knows of a kind of source that a rule's `read` may name.

    `form` is how it is written, such as "folder:DIR"; `is_place` whether what stands behind the colon is one;
    `missing` the variables without which there is no such way. `is_rule`: it names a rule.
    """

    form: str
    missing: Callable[[Settings], tuple[str, ...]] = lambda _: ()
    is_place: Callable[[str], bool] = bool
    is_rule: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """The doors, the kinds of reply and the kinds of source that this Bellhop has, by name."""

    doors: Mapping[str, Door]
    replies: Mapping[str, ReplyKind]
    reads: Mapping[str, ReadKind] = field(default_factory=dict)

    def open_doors(self, settings: Settings) -> tuple[Door, ...]:
        """The doors whose variables are set."""
        return tuple(door for door in self.doors.values() if not door.missing(settings, None))

    def need_web(self, settings: Settings, rules: RuleBook) -> tuple[str, ...]:
        """The names of the doors with a rule to which nothing comes in without the web server."""
        return tuple(name for name, door in self.doors.items() if rules.on(name) and door.needs_web(settings))

    def fault_of(self, settings: Settings, rules: RuleBook) -> str:
        """What keeps every door shut, or one that somebody meant to open, in words; "" when there is nothing."""
        through = {reply.partition(":")[0] for rule in rules.rules for reply in rule.reply}
        meant = [door for door in self.doors.values() if door.name not in through]  # to be answered through is enough
        half = next((words for door in meant if (words := door.half_open(settings))), "")
        if half or rules.rules:
            return half
        wanted = ", or ".join(
            " and ".join(door.missing(settings, None)) for door in self.doors.values() if door.opened_by
        )
        return f"No door is open. Set {wanted}, in .env (see .env.example)."

    def reply_address(self, reply: str, event: Event) -> Address:
        """Where an event's answer goes by one of its rule's `reply`. Raises Refused for a kind that there is not."""
        kind, _, place = reply.partition(":")
        if kind not in self.replies:
            raise Refused(NO_WAY.format(kind=kind))
        return self.replies[kind].address(place.strip(), event)


@dataclass(frozen=True, slots=True)
class Finding:
    """What `bot check` says of one thing it tested: fine, or what is wrong and how to mend it.

    `subject` is what was tested ("Slack bot token"), `words` what was found, `fix` what to do when it is not ok.
    """

    door: str
    subject: str
    ok: bool
    words: str
    fix: str = ""
