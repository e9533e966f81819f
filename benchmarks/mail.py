"""The figures of the mail door, beside the usual loop: UNSEEN every 30 s, `email` defaults, a reply by smtplib.

    python -m benchmarks.mail [--part latency|machines|bots|hostile|storm] [--mails 1000] [--per-second 6]

`latency` and `storm` need Dovecot on this machine; the others run against the stand-in. Without --part all of them run.
"""

from __future__ import annotations

import argparse
import contextlib
import imaplib
import random
import re
import smtplib
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from benchmarks.mail_hostile import hostile_mails
from bot.receipts import Receipts
from bot.store.database import open_database
from playground.claude import ClaudeStandIn
from playground.mail import BOT, PASSWORD, MailStandIn
from playground.names import CLAUDE_KEY
from playground.serving import serve
from tests.bot.running import running
from tests.crash.mail_storm import Plan, Storm, letter, model, storm
from tests.needs import needs_dovecot
from tests.triggers.mail.kept import MACHINES, PEOPLE, POLICY
from triggers.mail.deciding import decide
from triggers.mail.reading import read_mail

POLL_S = 30.0
BOTS_S = 10.0
USUAL = """
import resource, sys
from email import message_from_bytes, policy
resource.setrlimit(resource.RLIMIT_AS, (2 * 1024**3, 2 * 1024**3))
mail = message_from_bytes(sys.stdin.buffer.read(), policy=policy.default)
for name in ("From", "To", "Cc", "Subject", "Date", "Message-ID", "References"):
    str(mail[name])
for part in mail.walk():
    if part.get_content_maintype() == "text":
        part.get_content()
"""
"""How everybody reads a mail, here with 2 GB of memory at most."""


@contextlib.contextmanager
def bot_beside(post: MailStandIn, claude: ClaudeStandIn) -> Iterator[tuple[int, Receipts]]:
    """The real bot on the stand-in, its mailbox begun; yields its process id and its receipts."""
    with tempfile.TemporaryDirectory() as folder, serve(claude.app) as claude_url:
        home, log = Path(folder), Path(folder) / "bot.log"
        own = {
            **post.settings(), "IMAP_TLS": "none", "SMTP_TLS": "none", "MAIL_ALLOW": "*", "PORT": "0",
            "WEB_HOST": "127.0.0.1", "ANTHROPIC_API_KEY": CLAUDE_KEY, "ANTHROPIC_BASE_URL": claude_url,
        }  # fmt: skip
        with running(home, log, **own) as process:
            until(lambda: any("IDLE" in line for line in post.commands), 20)
            yield process.pid, Receipts(open_database(f"sqlite:///{home}/state/bot.db"))


def until(condition: Callable[[], object], limit_s: float) -> bool:
    """Whether it came true in time."""
    end_s = time.monotonic() + limit_s
    while time.monotonic() < end_s:
        if condition():
            return True
        time.sleep(0.01)
    return False


# --- arrival to question


def latency(mails: int = 60) -> None:
    """On Dovecot, one mail at a time; beside it the usual loop with its poll every 30 s, on the stand-in."""
    with tempfile.TemporaryDirectory() as folder:
        outcome = storm(Path(folder), Plan(mails, per_s=1.5), needs_dovecot())
    waits = sorted(outcome.waits_s)
    p50, p95 = statistics.median(waits), waits[int(len(waits) * 0.95)]
    naive = statistics.median(_naive_waits_s(8))
    print(
        f"arrival -> Claude asked, Dovecot, {len(waits)} mails: p50 {p50:.2f} s, p95 {p95:.2f} s   (goal p50 <= 0.6 s)"
    )
    print(f"  the usual loop: p50 {naive:.1f} s")


def _naive_waits_s(mails: int) -> list[float]:
    """The usual loop's waits, at random moments of its poll."""
    chance = random.Random(1)
    with MailStandIn().serve() as post:
        delivered: dict[str, float] = {}
        waits: list[float] = []

        def asked(mail: EmailMessage) -> None:
            waits.append(time.monotonic() - delivered[str(mail["Subject"])])

        with Naive(post, BOT, PASSWORD, asked, POLL_S).running():
            for number in range(mails):
                time.sleep(chance.uniform(2, 12))
                delivered[f"Question m{number}"] = time.monotonic()
                post.deliver(letter(f"m{number}"))
            until(lambda: len(waits) == mails, POLL_S + 5)
    return waits


@dataclass(frozen=True, slots=True)
class Naive:
    """The usual loop on one mailbox; `asked` is called with each mail."""

    post: MailStandIn
    user: str
    password: str
    asked: Callable[[EmailMessage], None] = lambda _: None
    poll_s: float = 0.05

    def run(self, over: threading.Event) -> None:
        """What everybody writes first."""
        while not over.wait(self.poll_s):
            client = imaplib.IMAP4("127.0.0.1", self.post.imap.port)
            client.login(self.user, self.password)
            client.select("INBOX")
            for number in client.search(None, "UNSEEN")[1][0].split():
                content = client.fetch(number, "(BODY[])")[1][0][1]  # type: ignore[index]  # imaplib's own shape
                mail = message_from_bytes(content, policy=policy.default)  # type: ignore[arg-type]  # as above
                self.asked(mail)
                self._reply(mail)
            client.logout()

    def _reply(self, mail: EmailMessage) -> None:
        reply = EmailMessage()
        reply["From"], reply["To"], reply["Subject"] = self.user, str(mail["From"]), f"Re: {mail['Subject']}"
        reply["In-Reply-To"] = str(mail["Message-ID"])
        reply.set_content("An answer.")
        with smtplib.SMTP("127.0.0.1", self.post.smtp.port) as client:
            client.login(self.user, self.password)
            client.send_message(reply)

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Run until the block ends."""
        over = threading.Event()
        loop = threading.Thread(target=self.run, args=(over,))
        loop.start()
        try:
            yield
        finally:
            over.set()
            loop.join()


# --- machines


def machines() -> None:
    """How many automatic mails would be answered, and how many of people."""
    automatic = sum(decide(read_mail(mail), POLICY).is_answered for mail in MACHINES.values())
    people = sum(decide(read_mail(mail), POLICY).is_answered for mail in PEOPLE.values())
    print(f"automatic mails answered: {automatic} of {len(MACHINES)} kinds   (goal 0; the usual loop: all)")
    print(f"mails of people answered: {people} of {len(PEOPLE)}   (goal all)")


def bots() -> None:
    """Our bot and one that answers everything, without any header that says so; then two of that kind."""
    with MailStandIn().serve() as post, bot_beside(post, ClaudeStandIn()):
        with Naive(post, "anna@example.com", "anna").running():
            post.deliver(letter("anna"))
            time.sleep(BOTS_S)
        ours = sum(envelope.sender == BOT for envelope in post.sent)
    with MailStandIn().serve() as post:
        anna, ben = Naive(post, "anna@example.com", "anna"), Naive(post, "ben@example.com", "ben")
        with anna.running(), ben.running():
            post.deliver(letter("anna"), "ben@example.com")
            time.sleep(BOTS_S)
        naive = len(post.sent)
    print(f"answers to another bot without headers: {ours}   (goal <= 10; of two usual loops in {BOTS_S:g} s: {naive})")


# --- hostile


def hostile() -> None:
    """Each hostile mail with a good one behind it; beside it `email.policy.default` with 2 GB of memory."""
    claude = ClaudeStandIn()
    claude.answer_with(model)
    with MailStandIn().serve() as post, bot_beside(post, claude) as (pid, receipts):
        _answered(post, letter("first"), "first")
        before, slowest, late = memory_bytes(pid), ("", 0.0), 0.0
        most = before
        for number, (name, mail) in enumerate(hostile_mails()):
            known = len(receipts.newest(limit=1000))
            post.deliver(mail.replace(b"{name}", f"h{number}".encode()))
            began_s = time.monotonic()
            until(lambda known=known: _ended(receipts, known + 1), 30)  # type: ignore[misc]  # mypy takes the default for an argument
            took_s = time.monotonic() - began_s
            slowest = max(slowest, (name, took_s), key=lambda pair: pair[1])
            late = max(late, _answered(post, letter(f"good{number}"), f"good{number}"))
            most = max(most, memory_bytes(pid))
        ended = {state: count for state, count in receipts.counts().items() if count}
    print(
        f"hostile mails: slowest {slowest[1]:.1f} s ({slowest[0]}), the good one behind each after {late:.1f} s at most"
    )
    print(f"  memory of the bot: {(most - before) / 1e6:+.0f} MB   (goal +50 MB; 2 s each; 10 s)   receipts: {ended}")
    print(f"  the usual parser: {_naive_hostile()}")


def _ended(receipts: Receipts, wanted: int) -> bool:
    found = receipts.newest(limit=1000)
    return len(found) >= wanted and all(one.finished_at for one in found)


def _answered(post: MailStandIn, mail: bytes, name: str) -> float:
    began_s, wanted = time.monotonic(), f"<{name}@people.example.com>".encode()
    post.deliver(mail)
    until(lambda: any(wanted in envelope.content for envelope in list(post.sent)), 30)
    return time.monotonic() - began_s


def memory_bytes(pid: int) -> int:
    """What a process holds now."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) * 1024 if found else 0


def _naive_hostile() -> str:
    crashed, slow = [], []
    for name, mail in hostile_mails():
        began_s = time.monotonic()
        with contextlib.suppress(subprocess.TimeoutExpired):
            done = subprocess.run(
                [sys.executable, "-c", USUAL],
                input=mail,
                capture_output=True,
                timeout=30,
                check=False,
            )
            if done.returncode:
                crashed.append(name)
        if time.monotonic() - began_s > 2:
            slow.append(name)
    return f"{len(crashed)} crash it ({', '.join(crashed)}); {len(slow)} take more than 2 s"


# --- the storm


def storms(mails: int, per_s: float) -> None:
    """The whole storm of the promise."""
    plan = Plan(mails, per_s, cuts=20, restarts=5, renumberings=1, kills=10)
    with tempfile.TemporaryDirectory() as folder:
        outcome = Storm(Path(folder), plan, needs_dovecot()).run()
    struck = ", ".join(f"{count} {kind}" for kind, count in sorted(outcome.struck.items()))
    print(f"{outcome.mails} mails on Dovecot in {outcome.seconds:.0f} s, struck by {struck}")
    lost, doubled, twice = len(outcome.lost), len(outcome.doubled), len(outcome.paid_twice)
    print(f"  lost {lost}, answered twice {doubled}, paid twice {twice}   (goal 0)")
    print(f"  asked once more because the call was under way at a kill: {len(outcome.asked_again)}")


def main() -> None:
    parser = argparse.ArgumentParser(description="Figures of the mail door.")
    parser.add_argument("--part", choices=("latency", "machines", "bots", "hostile", "storm"), default="")
    parser.add_argument("--mails", type=int, default=1000)
    parser.add_argument("--per-second", type=float, default=6.0)
    options = parser.parse_args()
    for name, part in {"machines": machines, "bots": bots, "hostile": hostile, "latency": latency}.items():
        if options.part in ("", name):
            part()
    if options.part in ("", "storm"):
        storms(options.mails, options.per_second)


if __name__ == "__main__":
    main()
