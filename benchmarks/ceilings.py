"""Ceilings of money under load: how far Claude's own bill goes over one, with workers that are killed meanwhile.

python -m benchmarks.ceilings [--events N] [--kills N] [--sqlite]

Three workers on the local Postgres; one on SQLite. Beside it the naive way: look at what is spent,
then ask.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from pathlib import Path

from playground.claude import DEFAULT_KEY, ClaudeStandIn
from playground.claude.playing import Pace
from playground.serving import serve
from tests.bot.engines import throwaway_database
from tests.crash.money_storm import MAX_TOKENS, PARALLEL, Outcome, event_of, money_storm

LIMIT_USD = 0.10
WORKERS = 3


def main() -> int:
    """Print the figures; returns how many promises were broken."""
    given = _arguments()
    kind, workers = ("sqlite", 1) if given.sqlite else ("postgres", WORKERS)
    with tempfile.TemporaryDirectory() as folder, throwaway_database(kind, Path(folder)) as url:
        found = money_storm(
            url, Path(folder) / "house", workers=workers, events=given.events, kills=given.kills, limit_usd=LIMIT_USD
        )
    naive_usd = asyncio.run(_naive(given.events, workers * PARALLEL))
    return _print(found, given, workers, naive_usd)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=200)
    parser.add_argument("--kills", type=int, default=6)
    parser.add_argument("--sqlite", action="store_true")
    return parser.parse_args()


def _print(found: Outcome, given: argparse.Namespace, workers: int, naive_usd: float) -> int:
    over = (found.bill_usd - found.limit_usd) / found.dearest_usd
    print(f"{given.events} events at once, {workers} workers, {given.kills} kill -9, ceiling ${found.limit_usd:.2f}")
    print(f"  bill                     ${found.bill_usd:.4f}, {max(over, 0):.2f} calls over the ceiling")
    print(f"  booked                   ${found.booked_usd:.4f}, estimated for killed calls ${found.estimated_usd:.4f}")
    print(f"  answered, put off        {found.answered}, {found.waiting} (until 00:00 UTC)")
    print(f"  reserved at the end      {found.reserved}")
    naive_over = (naive_usd - LIMIT_USD) / found.dearest_usd
    print(f"  the naive way, no kills  ${naive_usd:.4f}, {naive_over:.0f} calls over the ceiling")
    return int(over > 1) + int(found.reserved > 0) + int(found.answered + found.waiting != given.events)


async def _naive(events: int, parallel: int) -> float:
    """What the bill comes to when each looks at what is spent, and then asks."""
    from anthropic import AsyncAnthropic

    from bot.events import Usage
    from handlers.claude.prices import cost_usd

    stand_in, spent_usd = ClaudeStandIn(pace=Pace(first_token_s=0.2, tokens_per_s=300)), 0.0
    places = asyncio.Semaphore(parallel)
    with serve(stand_in.app) as url:
        client = AsyncAnthropic(api_key=DEFAULT_KEY, base_url=url)

        async def one(number: int) -> None:
            nonlocal spent_usd
            async with places:
                if spent_usd >= LIMIT_USD:
                    return
                words = event_of(Path("/in"), number).text
                answer = await client.messages.create(
                    model="claude-sonnet-5-5", max_tokens=MAX_TOKENS, messages=[{"role": "user", "content": words}]
                )
                usage = Usage(answer.usage.input_tokens, answer.usage.output_tokens)
                spent_usd += cost_usd("claude-sonnet-5-5", usage)

        await asyncio.gather(*(one(number) for number in range(events)))
        await client.close()
    return float(stand_in.bill.usd)


if __name__ == "__main__":
    raise SystemExit(main())
