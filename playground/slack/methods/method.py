"""The contract of a Web API method: what it needs, and what it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from playground.slack.calls import Args, Data
from playground.slack.state import Workspace


@dataclass(frozen=True, slots=True)
class Method:
    """One method of the Web API.

    `run` gets the workspace, locked, and returns what is added to `ok: true`; it raises ApiError. `scopes`: one of them
    is enough. `needs`: arguments without which the answer is invalid_arguments. `json`: whether the method reads a JSON
    body; those that do not see no arguments in one, as on Slack.
    """

    run: Callable[[Workspace, Args], Data]
    scopes: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    token: Literal["bot", "app", "any", "none"] = "bot"
    json: bool = True
