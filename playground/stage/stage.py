"""The stage: the stand-ins and the bot put together in a folder of their own, and taken down again."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from playground.listening import url_of
from playground.stage.bot_process import BotProcess
from playground.stage.environment import env_text, process_environment
from playground.stage.ground import lay_ground
from playground.stage.hooks import hook_rules
from playground.stage.inbox import Inbox
from playground.stage.ledger import Ledger
from playground.stage.schedule import RULE, TurnedClock
from playground.stage.sheet import RULES

if TYPE_CHECKING:
    from playground.callbacks import CallbackReceiver
    from playground.claude import ClaudeStandIn
    from playground.mail import MailStandIn
    from playground.sheets.standin import SheetsStandIn
    from playground.slack import SlackStandIn

FOLDERS = """
[[rule]]
name = "folder"
on = "folder"
path = {inbox}
ask = "Read the attached file {{filename}} and summarise what it says, with every figure and date that matters."

[[rule]]
name = "tonight"
on = "folder"
path = {tonight}
ask = "Read the attached file {{filename}} and summarise what it says, with every figure and date that matters."
lane = "night"
"""

HOME = Path(__file__).resolve().parents[2]
"""The folder that holds the packages `bot` and `playground`."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that runs. `claude` is None when the person's own key is used; the bot serves forms at `web_url`."""

    slack: SlackStandIn
    sheets: SheetsStandIn
    mail: MailStandIn
    callbacks: CallbackReceiver
    claude: ClaudeStandIn | None
    bot: BotProcess
    inbox: Inbox
    ledger: Ledger
    clock: TurnedClock
    web_url: str


@contextmanager
def open_stage(inbox: Path, real_claude: Mapping[str, str] | None = None) -> Iterator[Stage]:
    """Start the bot and the stand-ins; at the end stop all and leave nothing but what was dropped into `inbox`.

    `real_claude`: the person's own settings for Claude (see `claude_from`), else a stand-in answers.
    """
    with ExitStack() as stack:
        work = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="bellhop-demo-", ignore_cleanup_errors=True))
        )
        box = Inbox(inbox.absolute(), work / "tonight")
        stack.callback(box.tidy)
        ground = lay_ground(stack, work, with_claude=real_claude is None)
        clock = TurnedClock(work / "clock")
        quick = {} if real_claude else {"NIGHT_GATHER_SECONDS": 3, "NIGHT_POLL_SECONDS": 1}
        values = {**ground.settings(), "SCHEDULE_CLOCK_FILE": clock.file, **quick, **(real_claude or {})}
        _write_settings(work, values, box, f"{url_of(ground.callbacks)}/answers")
        ledger = Ledger(work / "state" / "bot.db")
        stack.callback(ledger.close)
        bot = BotProcess(work, process_environment(os.environ, HOME))
        stack.callback(bot.stop)  # should a stand-in not come up
        bot.start()
        from playground.stage.cast import raise_cast  # imported only now, while the bot imports what it needs

        cast = raise_cast(stack, ground)
        stack.callback(bot.stop)  # before the stand-ins go
        stands = (cast.slack, cast.sheets, cast.mail, cast.callbacks, cast.claude)
        yield Stage(*stands, bot, box, ledger, clock, ground.web_url)


def _write_settings(work: Path, settings: Mapping[str, object], box: Inbox, callback: str) -> None:
    folders = FOLDERS.format(inbox=json.dumps(str(box.path)), tonight=json.dumps(str(box.tonight)))
    (work / "rules.toml").write_text(RULES + RULE + folders + hook_rules(callback), encoding="utf-8")
    values = {**settings, "WATCH_FOLDER": box.path, "FOLDER_BACKLOG": "skip"}
    (work / ".env").write_text(env_text(values), encoding="utf-8")
