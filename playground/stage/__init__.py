"""The door to the stage: stand-ins, the real bot as a process of its own, and the folder between them."""

from playground.stage.bot_process import BotProcess
from playground.stage.environment import REAL_NAMES, claude_from
from playground.stage.inbox import Inbox
from playground.stage.ledger import Ledger
from playground.stage.sheet import COLUMNS, TAB
from playground.stage.stage import Stage, open_stage

__all__ = ["COLUMNS", "REAL_NAMES", "TAB", "BotProcess", "Inbox", "Ledger", "Stage", "claude_from", "open_stage"]
