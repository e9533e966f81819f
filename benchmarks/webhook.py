"""The figures of the webhook door, each beside the usual handler: accepted in a dictionary, answered in a task.

`--full` takes the large counts: 200 kills, 20,000 requests.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import string
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psycopg

from benchmarks.engine import throwaway_postgres
from benchmarks.webhook_child import SECRET
from benchmarks.webhook_rig import Bot, Caller, calls, child, free_port, quantile, signed
from bot.doors.webhook.signatures import SCHEMES

FULL = "--full" in sys.argv
ACKS_S, ACKS_PER_S = 20, 50
STREAMS, PIECES = 5, 20 * (ACKS_S + 4)
MUTATIONS, LETTERS = 10_000, string.ascii_letters + string.digits
REPLAYS, REPLAYS_AT_ONCE = 1_000, 100
KILLS, ACKS_PER_KILL = (200 if FULL else 20), 10
REQUESTS, HELD = (20_000 if FULL else 4_000), 200
WATCHED = 20


def main() -> None:
    """Print each figure with its goal."""
    claude_port, naive_port = free_port(), free_port()
    with (
        child("benchmarks.webhook_child", "claude", str(claude_port), port=claude_port),
        tempfile.TemporaryDirectory() as folder,
    ):
        url = f"http://127.0.0.1:{claude_port}"
        with child("benchmarks.webhook_child", "naive", str(naive_port), url, port=naive_port) as naive:
            _print_paced("naive", asyncio.run(_paced(naive_port)))
            lost = asyncio.run(_naive_kill(naive_port, naive.kill))
            print(f"naive: acknowledged and lost by kill -9: {lost} of {ACKS_PER_KILL}", flush=True)
        _measure(Path(folder), claude_port)


def _measure(folder: Path, claude_port: int) -> None:
    def bot(name: str, database: str = "") -> Bot:
        (folder / name).mkdir()
        return Bot(folder / name, claude_port, database)

    one = bot("one")
    with one.running():
        _print_paced("one process", asyncio.run(_paced(one.port)))
    apart = bot("apart")
    with apart.running("web"), apart.running("worker"):
        _print_paced("web and worker apart, SQLite", asyncio.run(_paced(apart.port)))
    _measure_postgres(bot)
    print(f"forged deliveries accepted over HTTP, {MUTATIONS} mutations: {_forged(bot('forged'))}", flush=True)
    _replay(bot("replays"), claude_port)
    _kill(bot("kills"), claude_port)
    _memory(bot("memory"))


def _print_paced(name: str, figures: tuple[list[float], list[float], list[float]]) -> None:
    acks_s, late_s, alone_s = figures
    ack = f"acknowledged at {ACKS_PER_S}/s while {STREAMS} answers stream: p50 {quantile(acks_s, 0.5) * 1000:.1f} ms, "
    print(f"{name}: {ack}p99 {quantile(acks_s, 0.99) * 1000:.1f} ms   (goal p99 <= 50 ms)")
    for when, found_s in (("alone", alone_s), ("meanwhile", late_s)):
        late = f"p50 {quantile(found_s, 0.5) * 1000:.1f} ms, p99 {quantile(found_s, 0.99) * 1000:.1f} ms"
        print(f"{name}: text here after Claude sent it, {when}: {late}   (goal p99 <= 10 ms, one process)", flush=True)


async def _paced(port: int) -> tuple[list[float], list[float], list[float]]:
    """Seconds until each 202, and how late each piece of the streams was, meanwhile and before that, alone."""
    await Caller(port).ask("warm up", prefer="wait=20")
    alone = await asyncio.gather(*(Caller(port).watch(f"stream 100 a{number}") for number in range(STREAMS)))
    watchers = [asyncio.create_task(Caller(port).watch(f"stream {PIECES} {number}")) for number in range(STREAMS)]
    await asyncio.sleep(1.0)
    taken_s: list[float] = []
    free = [Caller(port) for _ in range(20)]

    async def ask(number: int) -> None:
        began_s = time.perf_counter()
        caller = free.pop(0) if free else Caller(port)
        status, _ = await caller.ask(f"why {number}")
        assert status == 202, status
        taken_s.append(time.perf_counter() - began_s)
        free.append(caller)

    began_s, asked = time.perf_counter(), list[asyncio.Task[None]]()
    for number in range(ACKS_S * ACKS_PER_S):
        await asyncio.sleep(max(0.0, began_s + number / ACKS_PER_S - time.perf_counter()))
        asked.append(asyncio.create_task(ask(number)))
    await asyncio.gather(*asked)
    late_s = [late for watcher in watchers for late in await watcher]
    return taken_s, late_s, [late for one in alone for late in one]


def _measure_postgres(bot: Callable[[str, str], Bot]) -> None:
    """How busy a database is while many answers stream from one process and are watched in another."""
    with throwaway_postgres() as url:
        if not url:
            return
        apart = bot("postgres", url)
        with apart.running("web"), apart.running("worker"):
            _print_paced("web and worker apart, Postgres", asyncio.run(_paced(apart.port)))
            asyncio.run(_settled(apart.port))
            idle = _commits_per_s(url, 5.0)
            busy, late_s = asyncio.run(_watched(apart.port, url))
            late = f"p99 {quantile(late_s, 0.99) * 1000:.0f} ms late"
            print(f"commits a second: idle {idle:.0f}, while {WATCHED} answers stream {busy:.0f} ({late})", flush=True)


async def _settled(port: int) -> None:
    """Wait until what was asked before is answered: events are taken in the order in which they came."""
    while (await Caller(port).ask("settled", prefer="wait=60"))[0] != 200:
        continue


async def _watched(port: int, url: str) -> tuple[float, list[float]]:
    watchers = [asyncio.create_task(Caller(port).watch(f"stream 300 w{number}")) for number in range(WATCHED)]
    await asyncio.sleep(3.0)
    busy = await asyncio.to_thread(_commits_per_s, url, 8.0)
    return busy, [late for watcher in watchers for late in await watcher]


def _commits_per_s(url: str, during_s: float) -> float:
    def commits() -> int:
        with psycopg.connect(url, autocommit=True) as connection:
            row = connection.execute("SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()")
            return int((row.fetchone() or (0,))[0])

    before = commits()
    time.sleep(during_s)
    return (commits() - before) / during_s


def _forged(bot: Bot) -> str:
    """Genuine deliveries of every convention, each with one letter of its body or its signature changed, over HTTP."""
    with bot.running():
        genuine, accepted = asyncio.run(_delivered(bot.port))
    return f"{accepted}   (goal 0; unchanged, {genuine} of {len(SCHEMES)} conventions open)"


async def _delivered(port: int) -> tuple[int, int]:
    chance, callers = random.Random(7), [Caller(port) for _ in range(20)]

    async def statuses(caller: Caller, schemes: list[str], *, mutated: bool) -> list[int]:
        found = []
        for verify in schemes:
            body = b'{"text": "why"}'
            name, value, others = signed(verify, body, time.time())
            if mutated:
                value, body = _mutated(chance, value, body)
            found.append((await caller.deliver(verify, body, {name: value, **others}))[0])
        return found

    genuine = await statuses(callers[0], list(SCHEMES), mutated=False)
    each = MUTATIONS // len(callers)
    tried = [statuses(caller, chance.choices(list(SCHEMES), k=each), mutated=True) for caller in callers]
    return genuine.count(202), sum(found.count(202) for found in await asyncio.gather(*tried))


def _mutated(chance: random.Random, value: str, body: bytes) -> tuple[str, bytes]:
    """One letter of the signature is another; of the body as well, now and then."""
    at = chance.randrange(len(value))
    other = chance.choice([letter for letter in LETTERS if letter.lower() != value[at].lower()])
    changed = body.replace(b"why", b"who") if chance.random() < 0.3 else body
    return value[:at] + other + value[at + 1 :], changed


def _replay(bot: Bot, claude_port: int) -> None:
    async def again(count: int) -> set[int]:
        callers = [Caller(bot.port) for _ in range(REPLAYS_AT_ONCE)]
        found: set[int] = set()
        for _ in range(0, count, REPLAYS_AT_ONCE):
            key = {"idempotency-key": "the same"}
            found |= {status for status, _ in await asyncio.gather(*(one.ask("replayed", **key) for one in callers))}
        return found

    with bot.running():
        statuses = asyncio.run(again(REPLAYS // 2))
    with bot.running():
        statuses |= asyncio.run(again(REPLAYS // 2))
        asyncio.run(_settled(bot.port))
    runs = calls(claude_port).get("replayed", 0)
    print(
        f"{REPLAYS} replays, {REPLAYS_AT_ONCE} at once, over a restart: {runs} run   (goal 1; statuses {statuses})",
        flush=True,
    )


def _kill(bot: Bot, claude_port: int) -> None:
    """Kill as soon as the last of some requests is acknowledged; in the end every one must be answered, once."""
    acknowledged = 0
    for number in range(KILLS):
        with bot.running() as process:
            asyncio.run(_acknowledged(bot.port, number))
            process.kill()
            acknowledged += ACKS_PER_KILL
    with bot.running():
        end_s = time.monotonic() + 60
        while any(receipt["state"] != "answered" for receipt in bot.receipts()) and time.monotonic() < end_s:
            time.sleep(0.2)
        answered = sum(receipt["state"] == "answered" for receipt in bot.receipts())
    lost, twice = acknowledged - answered, max(0, len(bot.receipts()) - acknowledged)
    paid = sum(count > 1 for text, count in calls(claude_port).items() if text.startswith("kill "))
    print(
        f"{KILLS} times kill -9 after 202: {lost} of {acknowledged} lost, {twice} answered twice   (goal 0 · 0)", end=""
    )
    print(f"; asked again because the answer was not stored yet: {paid}", flush=True)


async def _acknowledged(port: int, number: int) -> None:
    asked = [Caller(port).ask(f"kill {number} {one}") for one in range(ACKS_PER_KILL)]
    assert {status for status, _ in await asyncio.gather(*asked)} == {202}


async def _naive_kill(port: int, kill: Callable[[], None]) -> int:
    """Every answer was in the dictionary of the process."""
    asked = [Caller(port).ask(f"stream 40 {one}") for one in range(ACKS_PER_KILL)]
    assert {status for status, _ in await asyncio.gather(*asked)} == {202}
    kill()
    return ACKS_PER_KILL


def _memory(bot: Bot) -> None:
    with bot.running() as process:
        asyncio.run(_held(bot.port, lambda: _rss_mb(process.pid)))


async def _held(port: int, rss_mb: Callable[[], float]) -> None:
    """Memory while many streams are held and many requests come and are answered."""
    await Caller(port).ask("warm up", prefer="wait=20")
    began_mb = rss_mb()
    async with _watching(port):
        await asyncio.sleep(3.0)
        held_mb = rss_mb()
        seen = [await _asked(port, REQUESTS // 4, quarter, rss_mb) for quarter in range(4)]
    words = ", ".join(f"{mb:.0f}" for mb in seen)
    print(f"memory: start {began_mb:.0f} MB, with {HELD} held streams {held_mb:.0f} MB, then after each quarter of "
          f"{REQUESTS} requests {words} MB   (goal: flat)", flush=True)  # fmt: skip


@contextlib.asynccontextmanager
async def _watching(port: int) -> AsyncIterator[None]:
    """Onlookers of 200 answers, most of which wait for their turn, while 5 of them stream without an end."""
    watchers = [asyncio.create_task(Caller(port).watch(f"stream 100000 {number % 5}")) for number in range(5)]
    late = [asyncio.create_task(_late(port, number)) for number in range(HELD - 5)]
    try:
        yield
    finally:
        for task in (*watchers, *late):
            task.cancel()
        await asyncio.gather(*watchers, *late, return_exceptions=True)


async def _late(port: int, number: int) -> None:
    caller = Caller(port)
    reader, writer = await caller._connected()  # noqa: SLF001  # the rig's own
    key = f"idempotency-key: held {number % 5}\r\n"
    body = b'{"text": "stream 100000 held"}'
    head = (
        f"POST /hooks/ask HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {SECRET}\r\naccept: text/event-stream\r\n{key}"
    )
    writer.write(f"{head}content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body)
    while await reader.readline():
        pass


async def _asked(port: int, count: int, quarter: int, rss_mb: Callable[[], float]) -> float:
    callers = [Caller(port) for _ in range(10)]

    async def many(caller: Caller, first: int) -> None:
        for number in range(first, count, len(callers)):
            await caller.ask(f"m {quarter} {number}")

    await asyncio.gather(*(many(caller, first) for first, caller in enumerate(callers)))
    await asyncio.sleep(1.0)
    return rss_mb()


def _rss_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


if __name__ == "__main__":
    main()
