"""What Slack's refusals mean, and what they say to the person who has to mend it."""

from __future__ import annotations

TOO_LONG_OR_UNKNOWN = {"msg_too_long", "msg_blocks_too_long", "msg_blocks_too_many"} | {
    "invalid_blocks",
    "invalid_blocks_format",
}
"""The message's shape is refused: another shape of the same text may pass.

Source: https://docs.slack.dev/reference/methods/chat.postMessage#errors
"""
BLOCKS_REFUSED = {"invalid_blocks", "invalid_blocks_format"}

WORKSPACE_REFUSES = {
    "unknown_method",
    "method_deprecated",
    "feature_not_enabled",
    "missing_scope",
    "not_allowed",
    "not_allowed_token_type",
    "access_denied",
    "no_permission",
    "restricted_action",
    "team_access_not_granted",
}
"""A method that answers so will answer so every time: it is not asked again until the next start."""

DEAD_THREAD = {"thread_not_found", "invalid_thread_ts"}
"""There is nothing to answer under: the message was deleted."""
NO_ENTRY = {
    *("not_in_channel", "channel_not_found", "is_archived"),
    *("restricted_action", "restricted_action_read_only_channel", "restricted_action_thread_only_channel"),
    *("restricted_action_non_threadable_channel", "restricted_action_thread_locked", "thread_locked"),
    *("read_only_channel", "posting_to_general_channel_denied", "messages_tab_disabled", "team_access_not_granted"),
    *("ekm_access_denied", "access_denied", "no_permission", "user_is_restricted"),
}
"""The channel or the thread takes no message of ours, whatever it says.

Source: https://docs.slack.dev/reference/methods/chat.postMessage#errors
"""
_ELSEWHERE = "so an answer could not be seen there. Ask in another channel, or write to Bellhop directly."
_READ_ONLY = f"That channel takes no messages from Bellhop, {_ELSEWHERE} A workspace admin can let it post."
_LOCKED = f"That thread is locked, {_ELSEWHERE}"

WORDS = {
    "not_in_channel": "Bellhop is not in this channel, so an answer could not be seen here. "
    "Type `/invite @Bellhop` in the channel, then ask again.",
    "channel_not_found": "Bellhop is not in this channel, so an answer could not be seen here. "
    "Type `/invite @Bellhop` in the channel, then ask again.",
    "is_archived": f"The channel is archived, {_ELSEWHERE}",
    "restricted_action_read_only_channel": _READ_ONLY,
    "read_only_channel": _READ_ONLY,
    "posting_to_general_channel_denied": _READ_ONLY,
    "restricted_action_thread_only_channel": _READ_ONLY,
    "restricted_action_non_threadable_channel": f"That channel takes no replies, {_ELSEWHERE}",
    "restricted_action_thread_locked": _LOCKED,
    "thread_locked": _LOCKED,
    "messages_tab_disabled": "Bellhop's messages tab is switched off: switch it on at the app's page, App Home.",
    "missing_scope": "Bellhop's Slack app lacks a permission (chat:write): add it and install the app again.",
    "invalid_auth": "Slack does not accept SLACK_BOT_TOKEN: take the current one from the app's page.",
    "token_revoked": "SLACK_BOT_TOKEN was revoked: install the app again and take the new one.",
    "account_inactive": "SLACK_BOT_TOKEN belongs to an app that was removed: install it again.",
    "restricted_action": f"A workspace setting keeps Bellhop from posting there, {_ELSEWHERE}",
}


class ShapeRefused(Exception):
    """Slack will not take the message in this shape; `error` is Slack's name for why."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


def words_for(error: str) -> str:
    """Plain words for Slack's error name, with what to do."""
    return WORDS.get(error, f"Slack refused the message ({error}): see the error's page in Slack's reference.")
