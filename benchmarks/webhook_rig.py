"""The processes and callers of `benchmarks.webhook`; callers speak HTTP over bare sockets, to measure little else."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.webhook_child import SECRET
from bot.doors.webhook.signatures import SCHEMES, standard_headers

HOME = Path(__file__).resolve().parents[1]
RULE = '[[rule]]\nname = "{0}"\non = "webhook"\nhook = "{0}"\nrate_per_minute = 10000000\n'
SIGNED = RULE + 'verify = "{0}"\nsecret_env = "{1}"\n'
STANDARD_SECRET = "whsec_a2V5a2V5a2V5a2V5a2V5a2V5"
SECRETS = {"standard": "STANDARD_SECRET"}
RULES = RULE.format("ask") + "".join(SIGNED.format(name, SECRETS.get(name, "WEBHOOK_SECRET")) for name in SCHEMES)


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextlib.contextmanager
def child(*command: str, port: int, folder: Path | None = None, **variables: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process that listens on `port` when the block begins; killed at its end."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TZ") if name in os.environ}
    environment = {**kept, "PYTHONPATH": str(HOME), "NO_COLOR": "1", **variables}
    out = (folder / "log").open("ab") if folder else subprocess.DEVNULL
    process = subprocess.Popen(
        [sys.executable, "-m", *command], cwd=folder or HOME, env=environment, stdout=out, stderr=out
    )
    try:
        end_s = time.monotonic() + 60
        while not _listens(port):
            assert process.poll() is None, "a process did not start"
            assert time.monotonic() < end_s, "a process was not ready in time"
            time.sleep(0.02)
        yield process
    finally:
        process.kill()
        process.wait()


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    return False


@dataclass
class Bot:
    """Where bots run: one folder, one database, one stamping Claude."""

    folder: Path
    claude_port: int
    database: str = ""
    port: int = field(default_factory=free_port)

    def __post_init__(self) -> None:
        (self.folder / "rules.toml").write_text(RULES, encoding="utf-8")

    @contextlib.contextmanager
    def running(self, role: str = "all") -> Iterator[subprocess.Popen[bytes]]:
        """`python -m bot run`; a worker is given two seconds to begin."""
        ours = {"ANTHROPIC_API_KEY": "sk-ant-x", "ANTHROPIC_BASE_URL": f"http://127.0.0.1:{self.claude_port}"}
        ours |= {
            "WEBHOOK_SECRET": SECRET,
            "STANDARD_SECRET": STANDARD_SECRET,
            "PORT": str(self.port),
            "WEB_HOST": "127.0.0.1",
        }
        if self.database:
            ours["DATABASE_URL"] = self.database
        # What serves nothing listens nowhere: it is waited for on the port of Claude.
        port = self.port if role in ("all", "web") else self.claude_port
        with child("bot", "run", "--role", role, port=port, folder=self.folder, **ours) as process:
            if role == "worker":
                time.sleep(2.0)
            yield process

    def receipts(self) -> list[dict[str, Any]]:
        """Every receipt of the SQLite file."""
        import sqlite3

        with contextlib.closing(sqlite3.connect(self.folder / "state" / "bot.db", timeout=30)) as database:
            rows = database.execute("SELECT id, state FROM receipts").fetchall()
        return [{"id": row[0], "state": row[1]} for row in rows]


def calls(claude_port: int) -> dict[str, int]:
    """How often Claude was asked what."""
    with urllib.request.urlopen(f"http://127.0.0.1:{claude_port}/calls") as answer:
        found: dict[str, int] = json.load(answer)
        return found


class Caller:
    """One connection that asks again and again."""

    def __init__(self, port: int, secret: str = SECRET) -> None:
        self._port, self._secret = port, secret
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, text: str, **headers: str) -> tuple[int, bytes]:
        """The status and the body; raises OSError when the connection ends before."""
        body = json.dumps({"text": text}).encode()
        return await self.deliver("ask", body, {"authorization": f"Bearer {self._secret}", **headers})

    async def deliver(self, hook: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        """The same of any delivery to any hook."""
        reader, writer = await self._connected()
        writer.write(_request(self._port, hook, body, headers))
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0] or 0)
        return int(head[9:12]), await reader.readexactly(length)

    async def watch(self, text: str) -> list[float]:
        """Seconds from when each stamp was sent by Claude until it is here."""
        reader, writer = await self._connected()
        accept = {"authorization": f"Bearer {self._secret}", "accept": "text/event-stream"}
        writer.write(_request(self._port, "ask", json.dumps({"text": text}).encode(), accept))
        late_s: list[float] = []
        event = b""
        while event not in (b"done", b"failed"):
            line = await reader.readline()
            now_s = time.time()
            if not line:
                raise ConnectionError("the stream ended before its end")
            if line.startswith(b"event: "):
                event = line[7:].strip()
            elif line.startswith(b"data: ") and event == b"delta":
                late_s += [now_s - float(stamp) for stamp in json.loads(line[6:])["text"].split()]
        return late_s

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port, limit=2**22)
        return self._streams

    def close(self) -> None:
        """Hang up."""
        if self._streams is not None:
            self._streams[1].close()


def signed(verify: str, body: bytes, now_s: float) -> tuple[str, str, dict[str, str]]:
    """The header that holds the signature of a genuine delivery, its value, and the headers beside it."""

    def mac(content: bytes) -> bytes:
        return hmac.digest(SECRET.encode(), content, hashlib.sha256)

    if verify == "standard":
        headers = standard_headers(uuid.uuid4().hex, body, STANDARD_SECRET, now_s)
        return "webhook-signature", headers.pop("webhook-signature"), headers
    at = f"{now_s:.0f}"
    found = {
        "bearer": ("authorization", f"Bearer {SECRET}"),
        "github": ("x-hub-signature-256", f"sha256={mac(body).hex()}"),
        "stripe": ("stripe-signature", f"t={at},v1={mac(at.encode() + b'.' + body).hex()}"),
        "typeform": ("typeform-signature", f"sha256={base64.b64encode(mac(body)).decode()}"),
        "tally": ("tally-signature", base64.b64encode(mac(body)).decode()),
    }
    return *found[verify], {}


def _request(port: int, hook: str, body: bytes, headers: dict[str, str]) -> bytes:
    lines = [f"{name}: {value}" for name, value in headers.items()]
    head = [f"POST /hooks/{hook} HTTP/1.1\r\nhost: 127.0.0.1:{port}", "content-type: application/json", *lines]
    return "\r\n".join([*head, f"content-length: {len(body)}", "", ""]).encode() + body


def quantile(values: list[float], share: float) -> float:
    """The value below which this share of them lies."""
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]
