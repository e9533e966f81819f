"""The rules: which event asks Claude what, with which model and limits, and where the answer goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from bot.events import Address, Event, FilePath, MailThread, SlackThread
from bot.settings import Settings

ColumnKind = Literal["text", "integer", "number", "boolean", "date"] | tuple[str, ...]
"""The type of one answer column; a tuple names the only values it may hold."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One `[[rule]]` of rules.toml, or one derived from an open door. Empty means "the setting's default"."""

    name: str
    on: Literal["slack", "sheet", "folder"]
    ask: str = ""
    system: str = ""
    model: str = ""
    max_tokens: int | None = None
    reply: str = ""
    columns: Mapping[str, ColumnKind] = field(default_factory=dict)
    daily_budget_usd: float | None = None
    allow: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    spreadsheet: str = ""
    tab: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All rules in force, found by name or by door."""

    rules: tuple[Rule, ...]

    def on(self, door: str) -> tuple[Rule, ...]:
        """The rules of one door, in the order they stand in the file."""
        return tuple(rule for rule in self.rules if rule.on == door)

    def named(self, name: str) -> Rule | None:
        """The rule of that name; None when it was removed since the event came in."""
        return next((rule for rule in self.rules if rule.name == name), None)


def derived_rules(settings: Settings) -> RuleBook:
    """Without rules.toml: one rule for each open door, named after it."""
    return RuleBook(tuple(derived_rule(door, settings) for door in settings.open_doors()))


def derived_rule(door: str, settings: Settings) -> Rule:
    """The rule an open door gets when nobody wrote one for it."""
    if door == "folder":
        return Rule(name=door, on="folder", path=str(settings.watch_folder), ask=FOLDER_ASK)
    if door == "sheet":
        ask = "{" + settings.sheet_question_column + "}"
        return Rule(name=door, on="sheet", spreadsheet=settings.sheet_id or "", tab=settings.sheet_tab or "", ask=ask)
    return Rule(name=door, on="slack")


def reply_address(rule: Rule, event: Event) -> Address:
    """Where the answer goes: what the rule's `reply` names, else where the event came from.

    Only the rule picks the place; of the event, a file's name is used at most (its writer keeps it below the folder).
    """
    kind, _, place = rule.reply.partition(":")
    if kind == "slack":
        return SlackThread(team="", channel=place.strip(), thread_ts=None)
    if kind == "file":
        return FilePath(root=str(Path(place.strip()).expanduser().absolute()), name=_file_name(event))
    if kind == "mail":
        return MailThread(mailbox="", message_id="", to=place.strip(), subject=event.subject)
    return event.reply_to


def _file_name(event: Event) -> str:
    if isinstance(event.reply_to, FilePath):
        return event.reply_to.name
    name = event.attachments[0].name if event.attachments else event.id
    return "".join(letter if letter.isalnum() or letter in " ._-" else "_" for letter in name).strip(" .") or "answer"


FOLDER_ASK = "Read the attached file {filename} and summarise what it says, with every figure and date that matters."
