"""This file is the stage: the stand-ins and the bot put together in a folder of their own, and taken down again."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from playground.claude import DEFAULT_KEY, HUMAN, ClaudeStandIn
from playground.serving import serve
from playground.sheets.standin import SPREADSHEET_ID, SheetsStandIn
from playground.slack import SlackStandIn
from playground.stage.bot_process import BotProcess
from playground.stage.environment import env_text, process_environment
from playground.stage.inbox import Inbox
from playground.stage.ledger import Ledger
from playground.stage.sheet import COLUMNS, RULES, TAB

HOME = Path(__file__).resolve().parents[2]
"""The folder that holds the packages `bot` and `playground`."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that runs. `claude` is None when the person's own key is used."""

    slack: SlackStandIn
    sheets: SheetsStandIn
    claude: ClaudeStandIn | None
    bot: BotProcess
    inbox: Inbox
    ledger: Ledger


@contextmanager
def open_stage(inbox: Path, real_claude: Mapping[str, str] | None = None) -> Iterator[Stage]:
    """Start the stand-ins and the bot; at the end stop all and leave nothing but what was dropped into `inbox`.

    `real_claude`: the person's own settings for Claude (see `claude_from`), else a stand-in answers.
    """
    with ExitStack() as stack:
        work = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="bellhop-demo-", ignore_cleanup_errors=True))
        )
        slack, sheets, claude = SlackStandIn(), _sheets(), None if real_claude else _claude()
        box = Inbox(inbox.absolute())
        stack.callback(box.tidy)
        values = {**_doors(stack, slack), "WATCH_FOLDER": box.path, "FOLDER_BACKLOG": "skip"}
        values |= _sheet_door(stack, sheets, work)
        values |= real_claude or _claude_values(stack, claude)
        _write_settings(work, values)
        ledger = Ledger(work / "state" / "bot.db")
        stack.callback(ledger.close)
        bot = BotProcess(work, process_environment(os.environ, HOME))
        stack.callback(bot.stop)
        bot.start()
        yield Stage(slack, sheets, claude, bot, box, ledger)


def _claude() -> ClaudeStandIn:
    claude = ClaudeStandIn(pace=HUMAN)
    claude.max_recorded = 20  # bodies may be big, and nobody looks at old ones
    return claude


def _claude_values(stack: ExitStack, claude: ClaudeStandIn | None) -> dict[str, str]:
    assert claude is not None
    url = stack.enter_context(serve(claude.app))
    return {"ANTHROPIC_API_KEY": DEFAULT_KEY, "ANTHROPIC_BASE_URL": url}


def _sheets() -> SheetsStandIn:
    sheets = SheetsStandIn()
    sheets.add_spreadsheet({TAB: [list(COLUMNS)]}, title="Requests", row_count=100, column_count=len(COLUMNS))
    return sheets


def _doors(stack: ExitStack, slack: SlackStandIn) -> dict[str, object]:
    """Serve Slack; the settings that lead the bot to it."""
    stack.enter_context(slack.serve())
    return {
        "SLACK_API_URL": slack.api_url,
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_FOOTER": "true",
        "PORT": 0,
        "WEB_HOST": "127.0.0.1",
    }


def _sheet_door(stack: ExitStack, sheets: SheetsStandIn, work: Path) -> dict[str, object]:
    """Serve Sheets; the settings and the rule that lead the bot to it."""
    url = stack.enter_context(serve(sheets.app))
    (work / "rules.toml").write_text(RULES, encoding="utf-8")
    return {
        "GOOGLE_SERVICE_ACCOUNT_FILE": sheets.service_account_file(work / "account.json", url),
        "GOOGLE_SHEETS_API_URL": url,
        "GOOGLE_DRIVE_API_URL": url,
        "SHEET_ID": SPREADSHEET_ID,
        "SHEET_TAB": TAB,
        "SHEET_SETTLE_SECONDS": 1,
    }


def _write_settings(work: Path, values: Mapping[str, object]) -> None:
    (work / ".env").write_text(env_text(values), encoding="utf-8")
