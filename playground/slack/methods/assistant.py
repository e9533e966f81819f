"""The assistant pane: a thread's status, title, suggested prompts, and its session.

Source: docs.slack.dev/reference/methods/assistant.threads.*, docs.slack.dev/ai/agent-sessions
"""

from __future__ import annotations

from playground.slack.calls import ApiError, Args, Data
from playground.slack.methods.method import Method
from playground.slack.state import Workspace

STATUS_LIFE_S = 120.0
"""A status goes away after two minutes without a message."""


def _set_status(workspace: Workspace, args: Args) -> Data:
    key = _thread(workspace, args)
    loading = args.items("loading_messages", "invalid_arguments") or []
    if len(loading) > 10 or not all(0 < len(str(one)) <= 50 for one in loading):
        raise ApiError("invalid_arguments")
    status = args.text("status")
    if status:
        workspace.statuses[key] = {"status": status, "loading_messages": loading, "at": workspace.now()}
    else:
        workspace.statuses.pop(key, None)
    return {}


def status_of(workspace: Workspace, channel: str, thread_ts: str) -> str:
    """What stands under the thread's last message now; "" when nothing does."""
    status = workspace.statuses.get((channel, thread_ts))
    if status is None or workspace.now() - status["at"] > STATUS_LIFE_S:
        return ""
    return str(status["status"])


def _set_title(workspace: Workspace, args: Args) -> Data:
    workspace.titles[_thread(workspace, args)] = args.text("title")
    return {}


def _set_prompts(workspace: Workspace, args: Args) -> Data:
    prompts = args.items("prompts", "invalid_arguments") or []
    whole = all(isinstance(one, dict) and one.get("title") and one.get("message") for one in prompts)
    if not prompts or len(prompts) > 4 or not whole:
        raise ApiError("invalid_arguments")
    workspace.prompts[_thread(workspace, args)] = prompts
    return {}


def _set_session(workspace: Workspace, args: Args) -> Data:
    status = args.text("status")
    if status not in SESSION_STATUSES:
        raise ApiError("invalid_status")
    workspace.sessions[_thread(workspace, args)] = status
    return {"status": status}


def _thread(workspace: Workspace, args: Args) -> tuple[str, str]:
    channel = workspace.joined(args.text("channel_id"))
    root = workspace.messages.get(channel.id, {}).get(args.text("thread_ts"))
    if root is None:
        raise ApiError("invalid_thread_ts")
    return channel.id, root.root_ts


SESSION_STATUSES = ("active", "processing", "suspended", "closed")
WRITE = ("chat:write", "assistant:write")

METHODS = {
    "agents.sessions.setStatus": Method(_set_session, ("chat:write",), needs=("status", "channel_id", "thread_ts")),
    "assistant.threads.setStatus": Method(_set_status, WRITE, needs=("channel_id", "thread_ts")),
    "assistant.threads.setTitle": Method(_set_title, ("assistant:write",), needs=("channel_id", "thread_ts", "title")),
    "assistant.threads.setSuggestedPrompts": Method(
        _set_prompts, ("assistant:write",), needs=("channel_id", "thread_ts", "prompts")
    ),
}
