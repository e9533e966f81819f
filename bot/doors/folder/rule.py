"""What a rule on a folder may say beyond the common keys."""

from __future__ import annotations

from pydantic import Field

from bot.rules.keys import Filled, RuleKeys


class FolderRule(RuleKeys):
    """`path` is the folder to watch."""

    path: Filled = Field(description="the folder to watch, its path in quotes")
