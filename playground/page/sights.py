"""What the page sees of the stage: messages, sheet, files, receipts, meters and the bot, as plain data."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from bot.events import Receipt
from playground.callbacks import Callback
from playground.page.mails import PEOPLE as MAIL_PEOPLE
from playground.page.mails import mail_data
from playground.page.trouble import Troubles
from playground.sheets.cells import as_cell
from playground.sheets.standin import ACCOUNT
from playground.sheets.values import slot_text
from playground.slack.messages import Message
from playground.slack.methods.assistant import status_of
from playground.slack.people import BOT_USER
from playground.stage import TAB, Stage
from playground.stage.sheet import ANSWERED_COLUMNS, STATUS_COLUMN
from triggers.mail.reading import read_mail

Data = dict[str, Any]

PEOPLE = ("U0ANNA", "U0BEN")
CHANNELS = ("C0GENERAL", "C0HELP", "D0ANNA", "D0BEN")
FOLDERS = ("INBOX", "Sent")
SHOWN_RECEIPTS = 30
SHOWN_MAILS = 60
SHOWN_ROWS = 200
METERED = ("chat.update", "chat.postMessage")


class Sights:
    """Looks at the stage; messages that did not change since the last look are not read again."""

    def __init__(self, stage: Stage, troubles: Troubles) -> None:
        self._stage, self._troubles = stage, troubles
        self._messages: dict[str, tuple[tuple[Any, ...], Data]] = {}
        self._letters: dict[str, Data] = {}

    def look(self) -> dict[str, Data]:
        """Everything there is, by the key of its part."""
        self._troubles.notice()
        receipts = self._stage.ledger.read()
        self._troubles.watch(receipts)
        return {
            **self._chat(),
            "statuses": self._statuses(),
            **self._mails(),
            "sheet": self._sheet(),
            **{f"file/{file.name}": _file(file) for file in self._stage.inbox.files()},
            **{f"receipt/{one.id}": receipt_data(one) for one in list(receipts.values())[-SHOWN_RECEIPTS:]},
            "meters": self._meters(),
            "bill": {"usd": sum(one.cost_usd for one in receipts.values())},
            "clock": asdict(self._stage.clock.face()),
            "bot": self._bot(),
            "callbacks": {"received": [_callback(one) for one in self._stage.callbacks.received]},
            **self._troubles.told(),
        }

    def _chat(self) -> dict[str, Data]:
        slack = self._stage.slack
        with slack.workspace.lock:
            here = [one for channel in CHANNELS for one in slack.messages(channel)]
            private = [one for one in slack.workspace.ephemerals if one.channel in CHANNELS]
            return {f"message/{one.channel}/{one.ts}": self._message(one) for one in [*here, *private]}

    def _message(self, message: Message) -> Data:
        key = f"{message.channel}/{message.ts}"
        stream = message.stream.state if message.stream else ""
        mark = (len(message.versions), message.deleted, stream, str(message.reactions))
        known = self._messages.get(key)
        if known is None or known[0] != mark:
            known = self._messages[key] = (mark, message_data(message))
        return known[1]

    def _mails(self) -> dict[str, Data]:
        """What each person has written and got; a mail never changes, so it is read once."""
        found = {}
        for person, (_, address) in MAIL_PEOPLE.items():
            for folder in FOLDERS:
                for mail in self._stage.mail.mails(folder, address)[-SHOWN_MAILS:]:
                    key = f"mail/{person}/{folder}/{mail.uid}"
                    if key not in self._letters:
                        about = {"person": person, "place": f"{folder}/{mail.uid}", "at": mail.received_at.timestamp()}
                        event = read_mail(mail.content).event_id if folder == "Sent" else ""
                        self._letters[key] = {**mail_data(mail.content), **about, "event": event}
                    found[key] = self._letters[key]
        return found

    def _statuses(self) -> Data:
        workspace = self._stage.slack.workspace
        with workspace.lock:
            found = {f"{channel}/{ts}": status_of(workspace, channel, ts) for channel, ts in [*workspace.statuses]}
        return {key: status for key, status in found.items() if status}

    def _sheet(self) -> Data:
        sheets = self._stage.sheets
        with sheets.lock:
            tab = sheets.book().tab(TAB)
            last = min(tab.last_filled_row(), SHOWN_ROWS)
            header = [slot_text(tab, slot) for slot in tab.rows[0]]
            rows = [
                {"id": tab.row_ids[at], "number": at + 1, "cells": [slot_text(tab, slot) for slot in tab.rows[at]]}
                for at in range(1, last + 1)
            ]
            spare = tab.row_ids[last + 1 : last + 7]
            notes = {f"{at + 1}": note for at in range(1, last + 1) if (note := _note(tab.rows[at], header))}
        spare_rows = [{"id": row_id, "number": last + 2 + at, "cells": []} for at, row_id in enumerate(spare)]
        kinds = {name: _owner(name) for name in header}
        return {"header": header, "owners": kinds, "rows": rows + spare_rows, "notes": notes}

    def _meters(self) -> Data:
        budgets = self._stage.slack.budgets()
        sheets = self._stage.sheets
        with sheets.lock:
            now = sheets.now()
            spent = {kind: sheets.quota.spent(kind, ACCOUNT, now) for kind in ("read", "write")}
        return {
            "slack": {name: budgets[name] for name in METERED if name in budgets},
            "slack_refused": self._stage.slack.calls.ratelimited(),
            "sheets": {kind: {"used": used, "limit": sheets.quota.user_limit} for kind, used in spent.items()},
            "sheets_refused": sheets.quota.counts["refused"],
        }

    def _bot(self) -> Data:
        bot = self._stage.bot
        connected = self._stage.slack.sockets.open_count > 0
        state = "listening" if bot.pid and connected else "starting" if bot.pid else "not running"
        return {"state": state, "pid": bot.pid, "starts": bot.starts}


def message_data(message: Message) -> Data:
    """A message as the page draws it; `edits`: how often it was changed after it was posted."""
    return {
        "channel": message.channel, "ts": message.ts, "user": message.user, "text": message.text,
        "blocks": message.blocks, "thread_ts": message.thread_ts, "deleted": message.deleted,
        "files": [{"name": file.get("name", ""), "size_bytes": file.get("size", 0)} for file in message.files],
        "edits": len(message.versions) - 1, "edited": bool(message.edited) and message.user != BOT_USER,
        "only_for": message.only_for, "streaming": bool(message.stream and message.stream.state == "live"),
        "reactions": {name: len(users) for name, users in message.reactions.items() if users},
    }  # fmt: skip


def receipt_data(receipt: Receipt) -> Data:
    """A receipt as the strip draws it; times in seconds since 1970."""
    usage = receipt.usage
    return {
        "id": receipt.id, "source": receipt.source, "subject": receipt.subject, "state": receipt.state,
        "received_at": receipt.received_at.timestamp(),
        "working_at": receipt.working_at.timestamp() if receipt.working_at else None,
        "finished_at": receipt.finished_at.timestamp() if receipt.finished_at else None,
        "tokens": usage.input_tokens + usage.output_tokens + usage.cache_read_tokens + usage.cache_write_tokens,
        "cost_usd": receipt.cost_usd, "attempts": receipt.attempts, "reason": receipt.reason, "model": receipt.model,
        "feedback": receipt.feedback,
    }  # fmt: skip


def _file(file: Any) -> Data:
    names = ("name", "size_bytes", "answer", "failed", "is_tonight")
    return {name: getattr(file, name) for name in names}


def _owner(column: str) -> str:
    if column == STATUS_COLUMN:
        return "status"
    return "answer" if column in ANSWERED_COLUMNS else "person"


def _note(row: Any, header: list[str]) -> str:
    if STATUS_COLUMN not in header or header.index(STATUS_COLUMN) >= len(row):
        return ""
    return as_cell(row[header.index(STATUS_COLUMN)]).note


def _callback(one: Callback) -> Data:
    answer = one.body.get("answer") or {}
    return {
        "name": one.name, "is_genuine": one.is_genuine, "at": one.at_s, "state": one.body.get("state", ""),
        "text": answer.get("text", ""),
    }  # fmt: skip
