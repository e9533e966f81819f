"""A small strict Slack for tests in virtual time, with its limits, and mishaps by order."""

from __future__ import annotations

import asyncio
import math
import random
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.doors.slack.calls import Arguments, CallResult, Denied, Done, Limited, Lost
from tests.bot.doors.slack.virtual_time import now_s

LIMITS = {
    "assistant.threads.setStatus": 600, "chat.appendStream": 100, "chat.startStream": 20, "chat.stopStream": 20,
    "files.getUploadURLExternal": 100, "files.completeUploadExternal": 100, "chat.postEphemeral": 100,
}  # fmt: skip
"""Calls in a sliding minute; 50 for every method not named. Posts have no such limit, but 1 a second for a channel."""


@dataclass
class Post:
    """A message: what stands in it now, and the time and visible text of each of its versions."""

    ts: str
    thread_ts: str | None
    blocks: list[Any]
    metadata: Any = None
    arguments: dict[str, Any] = field(default_factory=dict)
    versions: list[tuple[float, str]] = field(default_factory=list)
    live: bool = False
    files: list[Any] = field(default_factory=list)

    @property
    def text(self) -> str:
        return visible(self.blocks) if self.blocks else str(self.arguments.get("text", "")) if not self.files else ""


def visible(blocks: list[Any]) -> str:
    """The answer's text in these blocks."""
    markdown = [block["text"] for block in blocks if block["type"] == "markdown"]
    sections = [block["text"]["text"] for block in blocks if block["type"] == "section"]
    return "".join(markdown + sections)


class FakeSlack:
    """Is a `calls.Call`. `mishap(method, arguments)` may name what a call meets instead of its answer.

    "limited" | "lost" (done, but no answer) | "dropped" (not done, no answer) | "hang" (done; 10 s without an answer) |
    "deny:<error>".
    """

    def __init__(self, *, latency_s: float = 0.05, seed: int = 1) -> None:
        self.posts: dict[str, Post] = {}
        self.deleted: list[Post] = []
        self.calls: list[tuple[float, str, Arguments]] = []
        self.limited: Counter[str] = Counter()
        self.uploads: dict[str, bytes] = {}
        self.shared: list[str] = []
        self.channels: dict[str, dict[str, Any]] = {}
        self.dead: set[str] = set()
        """The ts of deleted messages: what is posted under one lands at the channel's root."""
        self.mishap: Callable[[str, Arguments], str | None] = lambda _method, _arguments: None
        self._latency_s = latency_s
        self._random = random.Random(seed)
        self._windows: dict[str, deque[float]] = defaultdict(deque)
        self._posted_at: dict[str, float] = {}
        self._count = 0

    async def __call__(self, method: str, arguments: Arguments) -> CallResult:
        self.calls.append((now_s(), method, arguments))
        await asyncio.sleep(self._latency_s * self._random.uniform(0.5, 1.5))
        mishap = self.mishap(method, arguments)
        if mishap == "limited" or self._over_limit(method, arguments):
            self.limited[method] += 1
            return Limited(5.0)
        if mishap == "dropped":
            return Lost("dropped")
        if mishap and mishap.startswith("deny:"):
            return Denied(mishap[5:])
        result = self._do(method, arguments)
        await asyncio.sleep(10.0 if mishap == "hang" else self._latency_s * self._random.uniform(0.5, 1.5))
        return Lost(mishap) if mishap in ("lost", "hang") else result

    def count(self, method: str) -> int:
        """How often a method was called."""
        return sum(called == method for _, called, _ in self.calls)

    def thread(self, thread_ts: str | None = "100.0") -> list[Post]:
        """What stands in a thread now."""
        return [post for post in self.posts.values() if post.thread_ts == thread_ts]

    async def put(self, url: str, content: bytes) -> bool:
        """Take the bytes of an upload."""
        self.uploads[url] = content
        return True

    def _over_limit(self, method: str, arguments: Arguments) -> bool:
        now = now_s()
        if method == "chat.postMessage":
            last = self._posted_at.get(arguments["channel"], -math.inf)
            if now - last < 1.0:
                return True
            self._posted_at[arguments["channel"]] = now
            return False
        window = self._windows[method]
        while window and window[0] <= now - 60.0:
            window.popleft()
        if len(window) >= LIMITS.get(method, 50):
            return True
        window.append(now)
        return False

    def _do(self, method: str, arguments: Arguments) -> CallResult:
        handler = getattr(self, "_" + method.replace(".", "_"), None)
        return handler(dict(arguments)) if handler else Done({"ok": True})

    def _new(self, arguments: dict[str, Any], blocks: list[Any]) -> Post:
        self._count += 1
        ts = f"{1000 + self._count}.000000"
        post = Post(ts, arguments.get("thread_ts"), blocks, arguments.get("metadata"), arguments)
        post.versions.append((now_s(), post.text))
        self.posts[ts] = post
        return post

    def _chat_postMessage(self, arguments: dict[str, Any]) -> CallResult:  # noqa: N802 - named after Slack's method
        if error := refusal(arguments.get("blocks"), arguments.get("text", "")):
            return Denied(error)
        if arguments.get("thread_ts") in self.dead:
            arguments["thread_ts"] = None
        post = self._new(arguments, arguments.get("blocks") or [])
        stands = {"ts": post.ts} | ({"thread_ts": post.thread_ts} if post.thread_ts else {})
        return Done({"ok": True, "ts": post.ts, "message": stands})

    def _chat_update(self, arguments: dict[str, Any]) -> CallResult:
        post = self.posts.get(arguments["ts"])
        if post is None:
            return Denied("message_not_found")
        if post.live:
            return Denied("streaming_state_conflict")
        if error := refusal(arguments["blocks"], arguments.get("text", "")):
            return Denied(error)
        post.arguments = arguments
        post.blocks, post.metadata, post.arguments = arguments["blocks"], arguments["metadata"], arguments
        post.versions.append((now_s(), post.text))
        return Done({"ok": True, "ts": post.ts})

    def _chat_delete(self, arguments: dict[str, Any]) -> CallResult:
        if arguments["ts"] not in self.posts:
            return Denied("message_not_found")
        self.deleted.append(self.posts.pop(arguments["ts"]))
        return Done({"ok": True})

    def _chat_startStream(self, arguments: dict[str, Any]) -> CallResult:  # noqa: N802 - named after Slack's method
        post = self._new(arguments, [{"type": "markdown", "text": arguments["markdown_text"]}])
        post.live = True
        return Done({"ok": True, "ts": post.ts})

    def _chat_appendStream(self, arguments: dict[str, Any]) -> CallResult:  # noqa: N802 - named after Slack's method
        post = self.posts[arguments["ts"]]
        if not post.live or now_s() - post.versions[0][0] > 300:
            return Denied("message_not_in_streaming_state")
        post.blocks = [{"type": "markdown", "text": post.text + arguments["markdown_text"]}]
        post.versions.append((now_s(), post.text))
        return Done({"ok": True})

    def _chat_stopStream(self, arguments: dict[str, Any]) -> CallResult:  # noqa: N802 - named after Slack's method
        post = self.posts[arguments["ts"]]
        if not post.live or now_s() - post.versions[0][0] > 300:
            post.live = False
            return Denied("message_not_in_streaming_state")
        post.live = False
        text = {"type": "markdown", "text": post.text + arguments.get("markdown_text", "")}
        post.blocks = [text, *arguments.get("blocks", [])]
        post.metadata = arguments.get("metadata")
        post.versions.append((now_s(), post.text))
        return Done({"ok": True})

    def _conversations_replies(self, arguments: dict[str, Any]) -> CallResult:
        replies = [as_read(post) for post in self.thread(arguments["ts"])]
        if arguments["ts"] not in self.dead:
            return Done({"ok": True, "messages": replies})
        tombstone = {"ts": arguments["ts"], "subtype": "tombstone"}
        return Done({"ok": True, "messages": [tombstone, *replies]}) if replies else Denied("thread_not_found")

    def _conversations_info(self, arguments: dict[str, Any]) -> CallResult:
        return Done({"ok": True, "channel": {"is_member": True} | self.channels.get(arguments["channel"], {})})

    def _conversations_history(self, arguments: dict[str, Any]) -> CallResult:
        return Done({"ok": True, "messages": [as_read(post) for post in self.thread(None)]})

    def _auth_test(self, arguments: dict[str, Any]) -> CallResult:
        return Done({"ok": True, "bot_id": "B1"})

    def _files_getUploadURLExternal(self, arguments: dict[str, Any]) -> CallResult:  # noqa: N802 - Slack's name
        return Done({"ok": True, "upload_url": arguments["filename"], "file_id": arguments["filename"]})

    def _files_completeUploadExternal(self, arguments: dict[str, Any]) -> CallResult:  # noqa: N802 - Slack's name
        self.shared.append(arguments["files"][0]["id"])
        self._new(arguments, []).files = [{"name": arguments["files"][0]["id"]}]
        return Done({"ok": True})


def as_read(post: Post) -> dict[str, Any]:
    """The message as Slack hands it back: Markdown has become rich text."""
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": post.text}]}
    others = [block for block in post.blocks if block["type"] != "markdown"]
    return {
        "ts": post.ts, "bot_id": "B1", "text": post.arguments.get("text", ""), "files": post.files,
        "blocks": [{"type": "rich_text", "elements": [section]}, *others], "metadata": post.metadata or {},
    }  # fmt: skip


def refusal(blocks: list[Any] | None, text: str = "") -> str | None:
    """Slack's error for these blocks, if any; without blocks `text` is the message."""
    if not blocks and text:
        return "msg_too_long" if len(text) > 4_000 else None
    blocks = blocks or []
    if sum(len(block["text"]) for block in blocks if block["type"] == "markdown") > 12_000:
        return "msg_blocks_too_long"
    empty = any(block["type"] == "markdown" and not block["text"].strip() for block in blocks)
    long = any(block["type"] == "section" and len(block["text"]["text"]) > 3_000 for block in blocks)
    return "invalid_blocks" if empty or long or not blocks else None
