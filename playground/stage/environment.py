"""This file is the `.env` that the demo writes for the bot, and the environment it starts it in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from dotenv import dotenv_values

from bot.settings import Settings

REAL_NAMES = ("ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "CLAUDE_MODEL", "CLAUDE_MAX_TOKENS", "DAILY_BUDGET_USD")
"""What the demo takes over from the person's own settings; every door is the playground's."""
HERE = "127.0.0.1,localhost"
NOWHERE = "http://127.0.0.1:9"
"""A proxy that is not there: port 9 discards."""
PROXIES = ("HTTPS_PROXY", "ALL_PROXY", "HTTP_PROXY", "NO_PROXY")


def claude_from(environment: Mapping[str, str], env_file: Path) -> dict[str, str] | None:
    """The person's own settings for Claude, the environment before `.env`; None without a key."""
    written = dotenv_values(env_file) if env_file.is_file() else {}
    found = {name: environment.get(name) or written.get(name) or "" for name in REAL_NAMES}
    return {name: value for name, value in found.items() if value} if found["ANTHROPIC_API_KEY"] else None


def env_text(values: Mapping[str, object]) -> str:
    """The values as lines of a `.env` file; raises ValueError for one that would need more than a line."""
    lines = []
    for name, value in values.items():
        if "\n" in str(value):
            raise ValueError(f"{name} has a line break in it")
        quoted = str(value).replace("\\", "\\\\").replace("'", "\\'")
        lines.append(f"{name}='{quoted}'")
    return "\n".join(lines) + "\n"


def process_environment(environment: Mapping[str, str], home: Path, *, is_alone: bool = False) -> dict[str, str]:
    """The environment of the bot's process: ours without any setting of Bellhop's, so that its `.env` alone counts.

    `home` is the folder that holds the package `bot`. Calls to this machine never go through a proxy. `is_alone`: no
    call may leave this machine; Google's library looks a service account up at Google, whatever address we give it.
    """
    unwanted = {name.upper() for name in Settings.model_fields} | set(PROXIES)
    kept = {name: value for name, value in environment.items() if name.upper() not in unwanted}
    path = [str(home), *filter(None, [kept.get("PYTHONPATH")])]
    past_proxy = ",".join(filter(None, [_found(environment, ["NO_PROXY"]), HERE]))
    # Slack's client knows the other two names, and does not know NO_PROXY.
    proxy = NOWHERE if is_alone else _found(environment, PROXIES[:3])
    over = {"ALL_PROXY": proxy, "all_proxy": proxy} if proxy else {}
    return {**kept, **over, "PYTHONPATH": ":".join(path), "NO_PROXY": past_proxy, "no_proxy": past_proxy}


def _found(environment: Mapping[str, str], names: Sequence[str]) -> str:
    """The first of these that is set, in capitals or small letters; "" when none is."""
    either = (environment.get(name) or environment.get(name.lower()) for name in names)
    return next(filter(None, either), "")
