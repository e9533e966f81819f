"""What answering many things will probably cost, before anything is asked. Pure."""

from __future__ import annotations

from bot.backlog import Backlog
from bot.events import Usage
from bot.rules.rule import Rule
from bot.settings import Settings
from handlers.claude.forecast import text_tokens
from handlers.claude.models import cacheable_tokens
from handlers.claude.prices import cost_usd


def backlog_usd(backlog: Backlog, rule: Rule | None, settings: Settings) -> float:
    """US dollars that answering all of it under its rule will probably take.

    Each is priced by itself: a prompt may be so long that it costs more. A long `system` is paid once and then read.
    """
    if not backlog.count:
        return 0.0
    rule = rule or Rule("", "")
    model, most = rule.model or settings.claude_model, rule.max_tokens or settings.claude_max_tokens
    own, asked = text_tokens(rule.system), text_tokens(rule.ask)
    kept = round(own) if own >= cacheable_tokens(model) else 0
    prompt = backlog.sent_tokens / backlog.count + asked + own - kept
    answer = min(backlog.answer_tokens / backlog.count, most)
    each = cost_usd(model, Usage(round(prompt), round(answer), cache_read_tokens=kept))
    return each * backlog.count
