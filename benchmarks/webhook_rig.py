"""The processes and callers of `benchmarks.webhook`; callers speak HTTP over bare sockets, to measure little else."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.webhook_child import SECRET

HOME = Path(__file__).resolve().parents[1]
RULES = '[[rule]]\nname = "all"\non = "webhook"\nhook = "ask"\nrate_per_minute = 10000000\n'


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
        ours |= {"WEBHOOK_SECRET": SECRET, "PORT": str(self.port), "WEB_HOST": "127.0.0.1"}
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
        reader, writer = await self._connected()
        writer.write(_request(self._port, text, {"authorization": f"Bearer {self._secret}", **headers}))
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0] or 0)
        return int(head[9:12]), await reader.readexactly(length)

    async def watch(self, text: str) -> list[float]:
        """Seconds from when each stamp was sent by Claude until it is here."""
        reader, writer = await self._connected()
        accept = {"authorization": f"Bearer {self._secret}", "accept": "text/event-stream"}
        writer.write(_request(self._port, text, accept))
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


def _request(port: int, text: str, headers: dict[str, str]) -> bytes:
    body = json.dumps({"text": text}).encode()
    lines = [f"{name}: {value}" for name, value in headers.items()]
    head = [f"POST /hooks/ask HTTP/1.1\r\nhost: 127.0.0.1:{port}", "content-type: application/json", *lines]
    return "\r\n".join([*head, f"content-length: {len(body)}", "", ""]).encode() + body


def quantile(values: list[float], share: float) -> float:
    """The value below which this share of them lies."""
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]
