"""What a rule on Slack may say beyond the common keys."""

from __future__ import annotations

from pydantic import Field

from bot.rules.keys import FilledList, RuleKeys


class SlackRule(RuleKeys):
    """`channels`: only these; empty means every channel that the bot is in."""

    channels: FilledList = Field((), description="a list of channel ids in quotes")
