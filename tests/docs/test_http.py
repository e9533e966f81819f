"""The examples of docs/http.md, each run as it stands there against a running Bellhop."""

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests
from standardwebhooks import Webhook

from playground.claude import ClaudeStandIn
from playground.serving import serve
from tests.bot.running import free_port, running, until
from tests.needs import require

HOME = Path(__file__).resolve().parents[2]
TEXT = (HOME / "docs/http.md").read_text()
SECRET, CALLBACK_SECRET = "a-long-random-word", "whsec_" + "a2V5" * 8


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


@pytest.fixture(scope="module")
def variables(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bellhop")
    claude, port = ClaudeStandIn(), free_port()
    with serve(claude.app) as url:
        own = {"WEBHOOK_SECRET": SECRET, "PORT": port, "WEB_HOST": "127.0.0.1"}
        claudes = {"ANTHROPIC_API_KEY": min(claude.keys), "ANTHROPIC_BASE_URL": url}
        with running(folder, folder / "log", **own, **claudes):
            yield {"BELLHOP": f"http://127.0.0.1:{port}", "WEBHOOK_SECRET": SECRET}


def ran(command, variables, folder):
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **variables}, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_document_has_the_examples_that_are_run():
    assert [len(blocks(language)) for language in ("bash", "python", "js")] == [3, 4, 1]


@pytest.mark.parametrize("number", [0, 1])
def test_curl_waits(variables, tmp_path, number):
    receipt = json.loads(ran(["bash", "-euc", blocks("bash")[number]], variables, tmp_path))
    assert receipt["state"] == "answered"
    assert ["sky", "Rent 900"][number] in receipt["answer"]["text"]


def test_curl_watches(variables, tmp_path):
    said = ran(["bash", "-euc", blocks("bash")[2]], variables, tmp_path)
    assert said.startswith("id: 0-")
    assert re.findall(r"^event: (.*)$", said, re.MULTILINE)[0] == "accepted"
    assert re.findall(r"^event: (.*)$", said, re.MULTILINE)[-1] == "done"


@pytest.mark.parametrize(("number", "words"), [(0, "sky"), (1, "tides"), (2, "answered")])
def test_python(variables, tmp_path, number, words):
    assert words in ran([sys.executable, "-c", blocks("python")[number]], variables, tmp_path)


class Told(BaseHTTPRequestHandler):
    """A Bellhop that answers as a test says."""

    kind, body = "", ""

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-type", self.kind)
        self.end_headers()
        self.wfile.write(self.body.encode())

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def answering(kind, body):
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Own", (Told,), {"kind": kind, "body": body}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield {"BELLHOP": f"http://127.0.0.1:{server.server_port}", "WEBHOOK_SECRET": SECRET}
    finally:
        server.shutdown()
        server.server_close()


def test_python_says_why_there_is_no_answer(tmp_path):
    failed = json.dumps({"state": "failed", "answer": None, "reason": "Claude declined."})
    with answering("application/json", failed) as variables:
        assert "Claude declined." in ran([sys.executable, "-c", blocks("python")[0]], variables, tmp_path)


def test_python_begins_anew_when_it_is_told_to(tmp_path):
    told = [("delta", {"text": "It was"}), ("reset", {"text": ""}), ("delta", {"text": "Blue."}), ("done", {})]
    stream = "".join(f"id: 1\nevent: {event}\ndata: {json.dumps(data)}\n\n" for event, data in told)
    with answering("text/event-stream", stream) as variables:
        said = ran([sys.executable, "-c", blocks("python")[1]], variables, tmp_path)
    assert said == "It was\n(It begins anew.)\nBlue.\n(5 characters)\n"


def test_javascript(variables, tmp_path):
    node = shutil.which("node")
    require(bool(node), "there is no Node.js on this machine")
    (tmp_path / "ask.mjs").write_text(blocks("js")[0])
    assert "sky" in ran([node or "", "ask.mjs"], variables, tmp_path)


def test_the_receiver_of_a_callback_takes_what_is_signed_and_nothing_else(tmp_path):
    port = free_port()
    program = subprocess.Popen(
        [sys.executable, "-uc", blocks("python")[3]],
        env={**os.environ, "CALLBACK_SECRET": CALLBACK_SECRET, "PORT": port}, stdout=subprocess.PIPE, text=True,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        body, now = '{"id": "hook:ask:1", "state": "answered"}', datetime.fromtimestamp(int(time.time()), UTC)
        signature = Webhook(CALLBACK_SECRET).sign("msg_1", now, body)
        headers = {"webhook-id": "msg_1", "webhook-timestamp": f"{now.timestamp():.0f}", "webhook-signature": signature}

        def sent(**more):
            try:
                return requests.post(
                    f"http://127.0.0.1:{port}/", body, headers={**headers, **more}, timeout=5
                ).status_code
            except requests.ConnectionError:
                return None

        assert until(sent) == 204
        assert sent(**{"webhook-signature": "v1,AAAA"}) == 401
        assert program.stdout is not None
        assert program.stdout.readline() == "hook:ask:1 answered\n"
    finally:
        program.kill()
        program.wait()


def test_the_apps_script_is_sound_javascript(tmp_path):
    node = shutil.which("node")
    require(bool(node), "there is no Node.js on this machine")
    (tmp_path / "Code.js").write_text(blocks("javascript")[0])
    ran([node or "", "--check", "Code.js"], {}, tmp_path)


def test_the_rule_is_one(tmp_path):
    from bot.rules.file import parse_rules
    from bot.rules.lines import Source
    from bot.wiring import known

    (rule,) = parse_rules(Source("rules.toml", blocks("toml")[0]), known()).rules
    assert rule.on == "webhook"


def test_every_status_of_the_contract_is_told():
    from triggers.webhook.openapi import REFUSED

    for status in REFUSED:
        assert re.search(rf"^\|[^|]*\b{status}\b", TEXT, re.MULTILINE), status
