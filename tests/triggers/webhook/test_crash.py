"""kill -9 right after 202, on a real process: whatever was acknowledged is answered after the restart, once."""

import asyncio

import httpx2
import pytest

from playground.claude import ClaudeStandIn
from playground.serving import serve
from tests.bot.running import bot, free_port, running, until
from tests.triggers.webhook.rig import BEARER, SECRET

pytestmark = pytest.mark.anyio


async def asked(base, number):
    async with httpx2.AsyncClient(base_url=base, timeout=20) as client:
        headers = {**BEARER, "Idempotency-Key": f"k{number}"}
        files = {"f": ("a.txt", b"All facts.")}
        return await client.post("/hooks/ask", data={"text": f"Question {number}"}, files=files, headers=headers)


async def test_what_was_acknowledged_is_answered_once_after_a_kill(tmp_path):
    claude, port = ClaudeStandIn(), free_port()
    with serve(claude.app) as url:
        variables = {"ANTHROPIC_API_KEY": min(claude.keys), "ANTHROPIC_BASE_URL": url, "WEBHOOK_SECRET": SECRET}
        variables |= {"PORT": port, "WEB_HOST": "127.0.0.1"}
        base = f"http://127.0.0.1:{port}"
        with running(tmp_path, tmp_path / "first.log", **variables) as process:
            first = await asyncio.gather(*(asked(base, number) for number in range(12)))
            process.kill()
        assert [answer.status_code for answer in first] == [202] * 12
        with running(tmp_path, tmp_path / "second.log", **variables):
            again = await asyncio.gather(*(asked(base, number) for number in range(12)))
            assert [answer.json()["id"] for answer in again] == [answer.json()["id"] for answer in first]
            urls = [base + answer.json()["status_url"] for answer in first]
            until(lambda: all(httpx2.get(url).json()["state"] == "answered" for url in urls))
            assert "facts" in httpx2.get(urls[0]).json()["answer"]["text"]
        assert len(bot(tmp_path, "events", "--json", **variables).stdout.splitlines()) == 12
