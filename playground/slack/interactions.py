"""What people press: the payloads of buttons, shortcuts, commands and views, and their response_url.

Source: docs.slack.dev/reference/interaction-payloads and docs.slack.dev/interactivity/handling-user-interaction.
"""

from __future__ import annotations

from typing import Any

from playground.slack import people
from playground.slack.calls import ApiError, Data
from playground.slack.messages import Message, message_to_api
from playground.slack.state import ResponseUrl, Trigger, Workspace


def block_actions(workspace: Workspace, user: str, message: Message, action_id: str, value: str | None = None) -> Data:
    """A click on an element of a message; raises KeyError when no such element stands in it now.

    For feedback buttons `value` tells which of the two was pressed. An ephemeral message is not sent along.
    """
    block_id, element = find_element(message, action_id)
    action = {**_pressed(element, value), "action_id": action_id, "block_id": block_id, "type": element["type"]}
    thread = {"thread_ts": message.thread_ts} if message.thread_ts else {}
    shown = {} if message.only_for else {"message": message_to_api(message, metadata=True)}
    container = {"type": "message", "message_ts": message.ts, "channel_id": message.channel, **thread}
    return {
        "type": "block_actions", **_common(workspace, user), "trigger_id": _trigger(workspace),
        "container": {**container, "is_ephemeral": message.only_for is not None},
        "channel": _channel(workspace, message.channel), **shown,
        "state": {"values": {}}, "response_url": _response_url(workspace, user, message.channel, message.ts),
        "actions": [{**action, "action_ts": workspace.next_ts()}],
    }  # fmt: skip


def message_action(workspace: Workspace, user: str, message: Message, callback_id: str) -> Data:
    """A message shortcut, such as "Ask Claude about this"."""
    return {
        "type": "message_action", **_common(workspace, user), "action_ts": workspace.next_ts(),
        "trigger_id": _trigger(workspace), "callback_id": callback_id, "message_ts": message.ts,
        "channel": _channel(workspace, message.channel), "message": message_to_api(message),
        "response_url": _response_url(workspace, user, message.channel, None),
    }  # fmt: skip


def global_shortcut(workspace: Workspace, user: str, callback_id: str) -> Data:
    """A shortcut from the search bar or the + menu."""
    common = {"type": "shortcut", **_common(workspace, user), "action_ts": workspace.next_ts()}
    return {**common, "callback_id": callback_id, "trigger_id": _trigger(workspace)}


def slash_command(workspace: Workspace, user: str, channel: str, command: str, text: str) -> Data:
    """A slash command; Slack offers them in channels and not in threads."""
    person, place = workspace.people[user], _channel(workspace, channel)
    return {
        "token": "verification-token", "team_id": people.TEAM, "team_domain": people.DOMAIN, "channel_id": channel,
        "channel_name": place["name"], "user_id": user, "user_name": person.name, "command": command, "text": text,
        "api_app_id": people.APP, "is_enterprise_install": "false", "trigger_id": _trigger(workspace),
        "response_url": _response_url(workspace, user, channel, None),
    }  # fmt: skip


def view_submission(workspace: Workspace, user: str, view_id: str, values: Data) -> Data:
    """A modal sent off; `values` is state.values: {block_id: {action_id: {...}}}."""
    view = {**workspace.views[view_id], "state": {"values": values}}
    common = {"type": "view_submission", **_common(workspace, user), "trigger_id": _trigger(workspace)}
    return {**common, "view": view, "response_urls": []}


def view_closed(workspace: Workspace, user: str, view_id: str) -> Data:
    """A modal closed with its cross; Slack only tells when notify_on_close is set."""
    view = workspace.views[view_id]
    return {"type": "view_closed", **_common(workspace, user), "view": view, "is_cleared": False}


def find_element(message: Message, action_id: str) -> tuple[str, Data]:
    """The block_id and element of an action in the message as it stands now; raises KeyError."""
    for number, block in enumerate(message.blocks):
        for element in [*(block.get("elements") or []), block.get("accessory") or {}]:
            if element.get("action_id") == action_id:
                return str(block.get("block_id", f"b{number}")), element
    raise KeyError(f"no element {action_id!r} in message {message.ts}")


def use_response_url(workspace: Workspace, key: str) -> ResponseUrl:
    """Count one post to a response_url; raises expired_url after 30 minutes, used_url after five posts."""
    target = workspace.response_urls.get(key)
    if target is None or workspace.now() > target.expires_at:
        raise ApiError("expired_url")
    if target.uses >= 5:
        raise ApiError("used_url")
    target.uses += 1
    return target


def _pressed(element: Data, value: str | None) -> Data:
    if element["type"] == "feedback_buttons":
        halves = (element["positive_button"], element["negative_button"])
        half = next(one for one in halves if value in (None, one["value"]))
        return {"text": half["text"], "value": half["value"]}
    if "selected" in element["type"] or element["type"] in ("overflow", "static_select", "radio_buttons"):
        return {"selected_option": _option(element, value)}
    kept: Data = {name: element[name] for name in ("text", "value", "style", "url") if name in element}
    return {**kept, **({"value": value} if value is not None else {})}


def _option(element: Data, value: str | None) -> Any:
    return next(one for one in element.get("options", []) if value in (None, one.get("value")))


def _common(workspace: Workspace, user: str) -> Data:
    person = workspace.people[user]
    who = {"id": user, "username": person.name, "name": person.name, "team_id": person.team}
    return {
        "user": who, "api_app_id": people.APP, "token": "verification-token", "enterprise": None,
        "team": {"id": people.TEAM, "domain": people.DOMAIN}, "is_enterprise_install": False,
    }  # fmt: skip


def _channel(workspace: Workspace, channel: str) -> Data:
    found = workspace.channels[channel]
    return {"id": channel, "name": found.name or "directmessage"}


def _trigger(workspace: Workspace) -> str:
    trigger_id = f"{workspace.next_id('')}.{people.TEAM}.trigger"
    workspace.triggers[trigger_id] = Trigger(workspace.now() + workspace.options.trigger_life_s)
    return trigger_id


def _response_url(workspace: Workspace, user: str, channel: str, ts: str | None) -> str:
    key = workspace.next_id("R")
    workspace.response_urls[key] = ResponseUrl(channel, ts, user, workspace.now() + 1800)
    return f"{workspace.base_url}/response/{key}"
