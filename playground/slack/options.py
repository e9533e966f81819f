"""Every knob of the Slack stand-in, with Slack's own behaviour as the default."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from playground import names

SCOPES = (
    "app_mentions:read", "assistant:write", "channels:history", "channels:join", "channels:read", "chat:write",
    "chat:write.customize", "commands", "files:read", "files:write", "groups:history", "groups:read", "im:history",
    "im:read", "im:write", "mpim:history", "mpim:read", "mpim:write", "reactions:read", "reactions:write",
    "team:read", "usergroups:read", "users:read",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Options:
    """How this Slack behaves. Times are seconds of the stand-in's clock unless the name says real.

    `tiers` replaces single entries of `tiers.PER_MINUTE` (None: no limit).
    `history` "distributed": conversations.history and replies allow 1 call a minute and 15 messages, as for newly
    created, commercially distributed apps outside the Marketplace (docs.slack.dev, rate limit changes of 2025-05-29).
    `stream_expiry` "total": a native stream dies `stream_life_s` after its start; "idle": after its last append.
    `markdown_length`: what all markdown blocks of a message may have together; the documented limit, though Slack was
    seen to let about 13,200 pass (slackapi/bolt-js#2509).
    `streaming_error`: the error every stream method answers, such as "feature_not_enabled" or "unknown_method".
    `retry_after_s`: how long after a missed acknowledgement each redelivery follows.
    `held_as_retry`: what happened while no socket was open arrives as a retry, as on Slack, where the first
    delivery was the one that failed.
    `markdown_blocks`: False where Slack knows no markdown blocks; `refused_words`: a message whose blocks hold this is
    refused with invalid_blocks, whatever else it is.
    `login`: what a file's address answers without a token, a login page or a redirect to it.
    `files_elsewhere`: a file's address redirects to another host name, which must not be sent the token.
    `file_status`: what a file's address answers instead of the file, such as 403.
    `enterprise`: the workspace belongs to an organisation, as on Enterprise Grid.
    """

    bot_token: str = names.SLACK_BOT_TOKEN
    app_token: str = names.SLACK_APP_TOKEN
    signing_secret: str = "8f742231b10e8888abcd99yyyzzz85a5"
    scopes: tuple[str, ...] = SCOPES
    tiers: dict[str, int | None] = field(default_factory=dict)
    posts_per_second: float = 1.0
    post_burst: int = 3
    posts_per_minute: int | None = 300
    ratelimited_status: Literal[429, 200] = 429
    history: Literal["internal", "distributed"] = "internal"
    split_long_posts: bool = True
    markdown_length: int = 12_000
    markdown_blocks: bool = True
    refused_words: str = ""
    edit_window_s: float | None = None
    stream_life_s: float = 300.0
    stream_expiry: Literal["total", "idle", "never"] = "total"
    streaming_error: str | None = None
    ack_s: float = 3.0
    retry_after_s: tuple[float, ...] = (0.0, 60.0, 300.0)
    held_as_retry: bool = True
    ticket_life_s: float = 30.0
    max_sockets: int = 10
    server_ping_real_s: float = 10.0
    pong_timeout_real_s: float = 30.0
    warning_s: float = 10.0
    twins: Literal["message_first", "mention_first", "mention_only"] = "message_first"
    echo: bool = True
    trigger_life_s: float = 3.0
    login: Literal["page", "redirect"] = "page"
    files_elsewhere: bool = False
    file_status: int = 200
    enterprise: bool = False
