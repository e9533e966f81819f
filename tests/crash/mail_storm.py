"""The mail storm: the whole program on a real Dovecot, cut off, killed and renumbered while mails come in.

`storm` runs it and returns how often each mail was answered, and how often Claude was asked for it.
"""

from __future__ import annotations

import contextlib
import imaplib
import json
import random
import re
import signal
import socket
import sqlite3
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playground.claude import ClaudeStandIn
from playground.mail import MailStandIn
from playground.mail.smtp import Envelope
from playground.names import CLAUDE_KEY
from playground.serving import serve
from tests.bot.running import running
from tests.triggers.mail.dovecot import PASSWORD, USER, Dovecot

BOT = "bot@example.com"
MAILDIR = "home/bot/Maildir"


@dataclass
class Plan:
    """How many mails, how many a second, and what strikes meanwhile."""

    mails: int
    per_s: float
    cuts: int = 0
    restarts: int = 0
    renumberings: int = 0
    kills: int = 0
    seed: int = 1


@dataclass
class Outcome:
    """What became of each mail. `waits_s`: from its delivery until Claude was asked.

    `paid_twice`: two answers were booked for it. `asked_again`: it was asked once more because the process was killed
    while the call was under way, so that no answer had come.
    """

    mails: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    paid_twice: list[str] = field(default_factory=list)
    asked_again: list[str] = field(default_factory=list)
    struck: Counter[str] = field(default_factory=Counter)
    waits_s: list[float] = field(default_factory=list)
    seconds: float = 0.0


def letter(name: str) -> bytes:
    """A mail of somebody's own."""
    head = {
        "Return-Path": f"<{name}@example.com>",
        "From": f"{name} <{name}@example.com>",
        "To": BOT,
        "Subject": f"Question {name}",
        "Message-ID": f"<{name}@people.example.com>",
    }
    return "\r\n".join([*(f"{key}: {value}" for key, value in head.items()), "", f"What is {name}?", ""]).encode()


class Sent:
    """A provider's own copy of each mail it takes, laid among the sent ones before it says that it took it."""

    def __init__(self, dovecot: Dovecot) -> None:
        self._dovecot, self._lock = dovecot, threading.Lock()

    def __call__(self, envelope: Envelope) -> None:
        """Keep one; waits until the server is there."""
        with self._lock:
            while True:
                try:
                    client = imaplib.IMAP4("127.0.0.1", self._dovecot.imap_port, timeout=10)
                    client.login(USER, PASSWORD)
                    client.append("Sent", r"(\Seen)", "", envelope.content)
                    client.logout()
                except (OSError, imaplib.IMAP4.error):
                    time.sleep(0.1)
                else:
                    return


class Cutter:
    """A way to a port that can be cut: every connection through it ends without a word."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._open: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Cut them all."""
        for sock in tuple(self._open):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            here, _ = self._listener.accept()
            try:
                there = socket.create_connection(("127.0.0.1", self._to), timeout=5)
            except OSError:
                here.close()
                continue
            there.settimeout(None)
            self._open |= {here, there}
            for one, other in ((here, there), (there, here)):
                threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(65_536):
                other.sendall(data)
        for sock in (one, other):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        self._open -= {one, other}


def model(body: dict[str, Any]) -> str:
    """What the model says: the name in the question."""
    return f"{asked_name(body)} is fine."


def asked_name(body: dict[str, Any]) -> str:
    """The name that a request to Claude asks about."""
    found = re.search(r"What is (\w+)\?", json.dumps(body["messages"]))
    return found[1] if found else ""


def variables(dovecot: Dovecot, port: int, post: MailStandIn, claude_url: str) -> dict[str, str]:
    """What leads a bot here."""
    return {
        "IMAP_HOST": "127.0.0.1", "IMAP_PORT": str(port), "IMAP_USER": USER, "IMAP_PASSWORD": PASSWORD,
        "IMAP_TLS": "none", "SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(post.smtp.port), "SMTP_TLS": "none",
        "SMTP_USER": BOT, "SMTP_PASSWORD": post.post.accounts[BOT].password, "MAIL_FROM": BOT, "MAIL_ALLOW": "*",
        "ANTHROPIC_API_KEY": CLAUDE_KEY, "ANTHROPIC_BASE_URL": claude_url, "PORT": "0", "WEB_HOST": "127.0.0.1",
    }  # fmt: skip


class Storm:
    """One run: the servers, the bot's process, and what strikes."""

    def __init__(self, folder: Path, plan: Plan, program: str) -> None:
        self.plan, self.folder = plan, folder
        self.chance = random.Random(plan.seed)
        self.dovecot = Dovecot(program)
        self.post = MailStandIn(taken=Sent(self.dovecot))
        self.claude = ClaudeStandIn()
        self.claude.answer_with(model)
        self.outcome = Outcome(plan.mails)
        self.delivered: dict[str, float] = {}

    @contextlib.contextmanager
    def servers(self) -> Iterator[str]:
        """Serve until the block ends; yields Claude's address."""
        self.dovecot.start()
        try:
            with self.post.serve(), serve(self.claude.app) as claude_url:
                yield claude_url
        finally:
            self.dovecot.close()

    def run(self) -> Outcome:
        """Run it to its end, until nothing more comes or a minute is over after the last mail."""
        began_s = time.monotonic()
        with self.servers() as claude_url:
            self.cutter = Cutter(self.dovecot.imap_port)
            self.own = variables(self.dovecot, self.cutter.port, self.post, claude_url)
            strikes = self._strikes()
            with self._bot() as self.process:
                self._settle()
            names = [f"m{number:04d}" for number in range(self.plan.mails)]
            at = 0
            while at < len(names):
                with self._bot() as self.process:
                    at = self._deliver(names, at, strikes)
                    if at >= len(names):
                        self._wait(names)
            self._judge(names)
        self.outcome.seconds = time.monotonic() - began_s
        return self.outcome

    def _bot(self) -> contextlib.AbstractContextManager[subprocess.Popen[bytes]]:
        log = self.folder / "bot.log"
        log.write_text("")
        return running(self.folder, log, **self.own)

    def _settle(self) -> None:
        end_s = time.monotonic() + 30
        while "mailbox begun" not in (self.folder / "bot.log").read_text() and time.monotonic() < end_s:
            time.sleep(0.05)

    def _strikes(self) -> dict[int, list[str]]:
        plan = self.plan
        kinds = [
            *["cut"] * plan.cuts, *["restart"] * plan.restarts, *["kill"] * plan.kills,
            *["renumber"] * plan.renumberings,
        ]  # fmt: skip
        strikes: dict[int, list[str]] = {}
        for kind in kinds:
            strikes.setdefault(self.chance.randrange(3, max(4, plan.mails - 3)), []).append(kind)
        return strikes

    def _deliver(self, names: list[str], at: int, strikes: dict[int, list[str]]) -> int:
        """Deliver until the bot is killed or nothing is left; returns where to go on."""
        for number in range(at, len(names)):
            time.sleep(self.chance.expovariate(self.plan.per_s))
            self.dovecot.deliver(letter(names[number]))
            self.delivered[names[number]] = self.claude.clock()
            for kind in strikes.pop(number, []):
                time.sleep(self.chance.uniform(0, 0.3))
                self.outcome.struck[kind] += 1
                if kind == "kill":
                    self.process.send_signal(signal.SIGKILL)
                    self.process.wait()
                    return number + 1
                self._strike(kind)
        return len(names)

    def _strike(self, kind: str) -> None:
        if kind == "cut":
            self.cutter.cut()
        elif kind == "restart":
            self.dovecot.stop()
            time.sleep(self.chance.uniform(0, 1))
            self.dovecot.start()
        else:
            self._renumber()

    def _renumber(self) -> None:
        self.dovecot.stop()
        for path in (self.dovecot.base / MAILDIR).glob("dovecot*"):
            path.unlink()
        self.dovecot.start()

    def _wait(self, names: list[str], limit_s: float = 60.0) -> None:
        end_s = time.monotonic() + limit_s
        while len(self._answers()) < len(names) and time.monotonic() < end_s:
            time.sleep(0.1)
        time.sleep(3.0)  # a second answer would come now

    def _answers(self) -> Counter[str]:
        found = (re.search(rb"(?mi)^In-Reply-To: <(\w+)@", envelope.content) for envelope in list(self.post.sent))
        return Counter(match[1].decode() for match in found if match)

    def _judge(self, names: list[str]) -> None:
        answers, asked = self._answers(), Counter(asked_name(one.body) for one in self.claude.requests)
        self.outcome.lost = [name for name in names if not answers[name]]
        self.outcome.doubled = [name for name in names if answers[name] > 1]
        self.outcome.asked_again = [name for name in names if asked[name] > 1]
        with contextlib.closing(sqlite3.connect(self.folder / "state/bot.db")) as database:
            # What a killed call may have cost is booked by estimate; an answer is booked as it was.
            of_answers = "SELECT event FROM payments WHERE NOT is_estimated GROUP BY event HAVING count(*) > 1"
            booked = database.execute(of_answers)
            self.outcome.paid_twice = [row[0] for row in booked]
        for request in self.claude.requests:
            name = asked_name(request.body)
            if name in self.delivered:
                self.outcome.waits_s.append(request.time - self.delivered.pop(name))


def storm(folder: Path, plan: Plan, program: str) -> Outcome:
    """Run the plan in a folder of its own; `program` is Dovecot's path."""
    return Storm(folder, plan, program).run()
