"""The contract held against the routes by schemathesis, and bytes of any kind: nothing that is sent becomes a 5xx."""

import asyncio
import os
import random
import subprocess
import sys

import pytest

from bot.doors.webhook.rule import WebhookRule
from bot.rules.rule import Rule
from tests.triggers.webhook.rig import BEARER, SECRET, site

pytestmark = [pytest.mark.anyio, pytest.mark.full]

OPEN = Rule(name="a", on="webhook", options=WebhookRule(hook="ask", rate_per_minute=10**7))


async def test_no_answer_breaks_the_contract(tmp_path):
    async with site(f"sqlite:///{tmp_path}/bot.db", OPEN) as web:
        # What fits the document may still hold nothing to ask; a key in the address is no header; DELETE stops an event
        # and does not forget it.
        left_out = "positive_data_acceptance,ignored_auth,use_after_free"
        options = f"--max-examples 25 --seed 1 --no-color --suppress-health-check all --exclude-checks {left_out}"
        header = ["--header", f"Authorization: {BEARER['Authorization']}"]
        program = [sys.executable, "-m", "schemathesis.cli", "run", f"{web.base}/openapi.json"]
        command = [*program, *header, *options.split()]
        done = await asyncio.to_thread(
            subprocess.run, command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
            env={**os.environ, "COLUMNS": "160"},
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


async def test_bytes_of_any_kind_are_never_a_fault_of_ours(tmp_path):
    chance = random.Random(13)
    types = ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "text/plain",
             "multipart/form-data", "application/xml", "", "application/json; charset=utf-16", "a" * 300]  # fmt: skip
    form = (
        b'--b\r\nContent-Disposition: form-data; name="text"\r\n\r\nhi\r\n--b\r\n'
        b'Content-Disposition: form-data; name="f"; filename="a.txt"\r\n\r\nx\r\n--b--\r\n'
    )
    ask = b'{"text": "x", "files": [{"name": "a", "data": "QQ=="}], "max_tokens": 5}'
    seeds = [ask, form, b"text=a&b=%20&c", b"[" * 5_000, b'{"a": 1e999}', b'"\\ud800"']
    async with site(f"sqlite:///{tmp_path}/bot.db", OPEN) as web:

        async def one():
            body = bytearray(chance.choice(seeds))
            for _ in range(chance.choice([0, 1, 3, 20])):
                at = chance.randrange(len(body))
                if chance.random() < 0.5:
                    body[at] = chance.randrange(256)
                else:
                    del body[at : at + chance.randrange(8)]
                body = body or bytearray(b"\0")
            headers = {**(BEARER if chance.random() < 0.9 else {"Authorization": f"bearer {SECRET[:-1]}\u00e9"})}
            headers |= {
                "Content-Type": chance.choice(types),
                "Prefer": chance.choice(["", "wait=0", "wait=-1", "wait=x"]),
            }
            if chance.random() < 0.3:
                headers["Idempotency-Key"] = chance.choice(["k", "\u00ff" * 50, "x" * 5_000])
            encoded = {name: value.encode("latin-1") for name, value in headers.items()}
            answer = await web.client.post("/hooks/ask", content=bytes(body), headers=encoded)
            assert answer.status_code < 500, (answer.text, bytes(body), headers)
            assert set(answer.json()) & {"error", "id"}

        for _ in range(40):
            await asyncio.gather(*(one() for _ in range(20)))
