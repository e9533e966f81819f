"""A whole Bellhop in this process, with its mail door, between a mail stand-in and Claude's."""

import asyncio
import contextlib

from bot.app import serve
from bot.receipts import Receipts
from bot.settings import load_settings
from bot.store.database import open_database
from bot.wiring import rules_of
from playground.names import CLAUDE_KEY


class House:
    """`receipts` are those of this Bellhop."""

    def __init__(self, folder, post, claude_url, rules="", **given):
        own = {name.lower(): value for name, value in post.settings().items()}
        if rules:
            (folder / "rules.toml").write_text(rules)
            given["rules_file"] = folder / "rules.toml"
        self.settings = load_settings(
            _env_file=None,
            **{
                **own,
                "imap_tls": "none",
                "smtp_tls": "none",
                "mail_allow": "@example.com",
                "anthropic_api_key": CLAUDE_KEY,
                "anthropic_base_url": claude_url,
                "database_url": f"sqlite:///{folder}/bot.db",
                "state_dir": folder / "state",
                "port": 0,
                **given,
            },
        )
        self.rules = rules_of(self.settings)
        self.receipts = Receipts(open_database(self.settings.database_url))

    @contextlib.asynccontextmanager
    async def running(self):
        """Run until the block ends."""
        stop = asyncio.Event()
        task = asyncio.create_task(serve(self.settings, self.rules, "all", lambda *_: None, stop))
        try:
            yield self
        finally:
            stop.set()
            await task

    async def until(self, condition, limit_s=60.0):
        """Wait until it is so; returns its value."""
        async with asyncio.timeout(limit_s):
            while not (value := condition()):  # noqa: ASYNC110  # it happens in other threads and sockets
                await asyncio.sleep(0.02)
        return value
