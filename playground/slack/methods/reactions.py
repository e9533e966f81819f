"""Reactions: reactions.add, remove and get. Source: docs.slack.dev/reference/methods/reactions."""

from __future__ import annotations

import re

from playground.slack import people
from playground.slack.calls import ApiError, Args, Data
from playground.slack.messages import Message, message_to_api
from playground.slack.methods.method import Method
from playground.slack.state import Workspace


def _add(workspace: Workspace, args: Args) -> Data:
    message, name = _target(workspace, args)
    users = message.reactions.setdefault(name, [])
    if people.BOT_USER in users:
        raise ApiError("already_reacted")
    if len(message.reactions) > 50:
        raise ApiError("too_many_reactions")
    users.append(people.BOT_USER)
    return {}


def _remove(workspace: Workspace, args: Args) -> Data:
    message, name = _target(workspace, args)
    if people.BOT_USER not in message.reactions.get(name, []):
        raise ApiError("no_reaction")
    message.reactions[name].remove(people.BOT_USER)
    return {}


def _get(workspace: Workspace, args: Args) -> Data:
    message = _message(workspace, args)
    return {"type": "message", "channel": message.channel, "message": message_to_api(message)}


def _target(workspace: Workspace, args: Args) -> tuple[Message, str]:
    name = args.text("name").strip(":")
    if not re.fullmatch(r"[a-z0-9_+\-']+(::skin-tone-[2-6])?", name):
        raise ApiError("invalid_name")
    return _message(workspace, args), name


def _message(workspace: Workspace, args: Args) -> Message:
    if not args.has("channel") or not args.has("timestamp"):
        raise ApiError("no_item_specified")
    return workspace.message(workspace.joined(args.text("channel")).id, args.text("timestamp"))


METHODS = {
    "reactions.add": Method(_add, ("reactions:write",), needs=("name",)),
    "reactions.remove": Method(_remove, ("reactions:write",), needs=("name",)),
    "reactions.get": Method(_get, ("reactions:read",), json=False),
}
