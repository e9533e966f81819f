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

WORDS = {
    "not_in_channel": "Bellhop is not in this channel: invite it with /invite.",
    "channel_not_found": "Slack knows no such channel, or Bellhop is not in it: invite it with /invite.",
    "is_archived": "The channel is archived: unarchive it, or ask in another one.",
    "missing_scope": "Bellhop's Slack app lacks a permission (chat:write): add it and install the app again.",
    "invalid_auth": "Slack does not accept SLACK_BOT_TOKEN: take the current one from the app's page.",
    "token_revoked": "SLACK_BOT_TOKEN was revoked: install the app again and take the new one.",
    "account_inactive": "SLACK_BOT_TOKEN belongs to an app that was removed: install it again.",
    "restricted_action": "A workspace setting keeps Bellhop from posting here: ask a workspace admin.",
}


class ShapeRefused(Exception):
    """Slack will not take the message in this shape; `error` is Slack's name for why."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


def words_for(error: str) -> str:
    """Plain words for Slack's error name, with what to do."""
    return WORDS.get(error, f"Slack refused the message ({error}): see the error's page in Slack's reference.")
