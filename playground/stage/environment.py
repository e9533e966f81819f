"""The `.env` that the demo writes for the bot, and the environment it starts it in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from bot.examples import example

REAL_NAMES = ("ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "CLAUDE_MODEL", "CLAUDE_MAX_TOKENS", "DAILY_BUDGET_USD")
"""What the demo takes over from the person's own settings; every door is the playground's."""
HERE = "127.0.0.1,localhost"


def claude_from(environment: Mapping[str, str], env_file: Path) -> dict[str, str] | None:
    """The person's own settings for Claude, the environment before `.env`; None without a key."""
    written = _written(env_file) if env_file.is_file() else {}
    found = {name: environment.get(name) or written.get(name) or "" for name in REAL_NAMES}
    return {name: value for name, value in found.items() if value} if found["ANTHROPIC_API_KEY"] else None


def _written(env_file: Path) -> Mapping[str, str | None]:
    from dotenv import dotenv_values  # imported only where there is a file

    return dotenv_values(env_file)


def env_text(values: Mapping[str, object]) -> str:
    """The values as lines of a `.env` file; raises ValueError for one that would need more than a line."""
    lines = []
    for name, value in values.items():
        if "\n" in str(value):
            raise ValueError(f"{name} has a line break in it")
        quoted = str(value).replace("\\", "\\\\").replace("'", "\\'")
        lines.append(f"{name}='{quoted}'")
    return "\n".join(lines) + "\n"


def process_environment(environment: Mapping[str, str], home: Path) -> dict[str, str]:
    """The environment of the bot's process: ours without any setting of Bellhop's, so that its `.env` alone counts.

    `home` is the folder of the package `bot`. Calls to this machine never go through a proxy.
    """
    settings = setting_names()
    kept = {name: value for name, value in environment.items() if name.upper() not in settings}
    path = [str(home), *filter(None, [kept.get("PYTHONPATH")])]
    past_proxy = ",".join(filter(None, [kept.get("NO_PROXY") or kept.get("no_proxy"), HERE]))
    return {**kept, "PYTHONPATH": ":".join(path), "NO_PROXY": past_proxy, "no_proxy": past_proxy}


def setting_names() -> set[str]:
    """Every setting of Bellhop's. `.env.example` names them all, and reading it takes a hundredth of importing them."""
    return set(re.findall(r"^([A-Z_]+)=", example(".env.example"), re.MULTILINE))
