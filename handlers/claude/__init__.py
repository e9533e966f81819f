"""The way in to Claude: `Claude` asks, `Ask` says what; every fault of the wire is healed inside."""

from handlers.claude.answering import Clockwork
from handlers.claude.ask import Ask
from handlers.claude.client import Claude
from handlers.claude.models import window_tokens
from handlers.claude.verdict import KEYS_PAGE, NO_KEY

__all__ = ["KEYS_PAGE", "NO_KEY", "Ask", "Claude", "Clockwork", "window_tokens"]
