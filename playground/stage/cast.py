"""The cast of a stage: the stand-ins, each served where the ground was laid for it."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass

from playground import names
from playground.callbacks import CallbackReceiver
from playground.claude import HUMAN, ClaudeStandIn
from playground.listening import url_of
from playground.mail import MailStandIn
from playground.serving import serve
from playground.sheets.standin import SheetsStandIn
from playground.slack import SlackStandIn
from playground.stage.ground import Ground
from playground.stage.sheet import COLUMNS, TAB


@dataclass(frozen=True, slots=True)
class Cast:
    """The stand-ins. `claude` is None when the real one answers."""

    slack: SlackStandIn
    sheets: SheetsStandIn
    mail: MailStandIn
    callbacks: CallbackReceiver
    claude: ClaudeStandIn | None


def raise_cast(stack: ExitStack, ground: Ground) -> Cast:
    """Serve every stand-in until `stack` closes."""
    callbacks = CallbackReceiver(names.CALLBACK_SECRET)
    cast = Cast(SlackStandIn(), _sheets(ground), MailStandIn(), callbacks, _claude() if ground.claude else None)
    stack.enter_context(cast.slack.serve(ground.slack))
    stack.enter_context(serve(cast.sheets.app, ground.sheets))
    stack.enter_context(cast.mail.serve(ground.imap, ground.smtp))
    stack.enter_context(serve(callbacks.app, ground.callbacks))
    if cast.claude and ground.claude:
        stack.enter_context(serve(cast.claude.app, ground.claude))
    return cast


def _claude() -> ClaudeStandIn:
    claude = ClaudeStandIn(pace=HUMAN)
    claude.batches.duration_s = 6.0  # an hour of the real one's
    claude.max_recorded = 20  # bodies may be big, and nobody looks at old ones
    return claude


def _sheets(ground: Ground) -> SheetsStandIn:
    sheets = SheetsStandIn()
    sheets.add_spreadsheet({TAB: [list(COLUMNS)]}, title="Requests", row_count=100, column_count=len(COLUMNS))
    sheets.admit(ground.account, url_of(ground.sheets))
    return sheets
