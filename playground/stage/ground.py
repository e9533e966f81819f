"""The ground of a stage: the ports and keys of its stand-ins, laid before any of them is imported.

The bot can then start at once, beside them; whoever it calls too early waits at the port.
"""

from __future__ import annotations

import socket
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from playground import names
from playground.listening import listen, url_of
from playground.service_account import Account, new_account
from playground.stage.sheet import TAB


@dataclass(frozen=True, slots=True)
class Ground:
    """Where each stand-in will serve, and the account that opens the sheet. `claude`: None when the real answers.

    `web_port` is where the bot itself serves forms and hooks, after each of its starts.
    """

    slack: socket.socket
    sheets: socket.socket
    imap: socket.socket
    smtp: socket.socket
    callbacks: socket.socket
    claude: socket.socket | None
    web_port: int
    account: Account
    account_file: Path

    @property
    def web_url(self) -> str:
        """The bot's own address."""
        return f"http://127.0.0.1:{self.web_port}"

    def settings(self) -> dict[str, object]:
        """What leads a bot here."""
        sheets_url = url_of(self.sheets)
        return {
            "SLACK_API_URL": f"{url_of(self.slack)}/api/",
            "SLACK_BOT_TOKEN": names.SLACK_BOT_TOKEN,
            "SLACK_APP_TOKEN": names.SLACK_APP_TOKEN,
            "SLACK_FOOTER": "true",
            **self._web(),
            "GOOGLE_SERVICE_ACCOUNT_FILE": self.account_file,
            "GOOGLE_SHEETS_API_URL": sheets_url,
            "GOOGLE_DRIVE_API_URL": sheets_url,
            "SHEET_ID": names.SPREADSHEET_ID,
            "SHEET_TAB": TAB,
            "SHEET_SETTLE_SECONDS": 1,
            **self._mail(),
            **self._claude(),
        }

    def _web(self) -> dict[str, object]:
        return {
            "PORT": self.web_port,
            "WEB_HOST": "127.0.0.1",
            "PUBLIC_URL": self.web_url,
            "WEBHOOK_SECRET": names.WEBHOOK_SECRET,
            "CALLBACK_SECRET": names.CALLBACK_SECRET,
            "CALLBACK_ALLOW": url_of(self.callbacks).removeprefix("http://"),
        }

    def _mail(self) -> dict[str, object]:
        imap, smtp = (listener.getsockname()[1] for listener in (self.imap, self.smtp))
        return {
            "IMAP_HOST": "127.0.0.1",
            "IMAP_PORT": imap,
            "IMAP_TLS": "none",
            "IMAP_USER": names.BOT_MAIL,
            "IMAP_PASSWORD": names.MAIL_PASSWORD,
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": smtp,
            "SMTP_TLS": "none",
            "MAIL_FROM": f"Bellhop <{names.BOT_MAIL}>",
            "MAIL_ALLOW": "@example.com",
        }

    def _claude(self) -> dict[str, object]:
        if self.claude is None:
            return {}
        return {"ANTHROPIC_API_KEY": names.CLAUDE_KEY, "ANTHROPIC_BASE_URL": url_of(self.claude)}


def lay_ground(stack: ExitStack, work: Path, *, with_claude: bool) -> Ground:
    """Open the ports until `stack` closes, and write the account's file into `work`."""
    slack, sheets, imap, smtp, callbacks = (stack.enter_context(listen()) for _ in range(5))
    claude = stack.enter_context(listen()) if with_claude else None
    account = new_account(names.ACCOUNT, names.PROJECT)
    file = account.write_file(work / "account.json", f"{url_of(sheets)}/token")
    with listen() as free:  # nobody else takes it in the moment before the bot does
        web_port = free.getsockname()[1]
    return Ground(slack, sheets, imap, smtp, callbacks, claude, web_port, account, file)
