"""The page of "Connect for real": for each door the steps and the exact lines of `.env`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.resources import files

from markupsafe import Markup, escape

_SIGNED = re.compile(r"`([^`]+)`|(https://[^\s,;)]+)")

CODE = Markup("<code>{}</code>")
LINK = Markup('<a href="{}" target="_blank" rel="noreferrer">{}</a>')


@dataclass(frozen=True, slots=True)
class Connection:
    """One door: its steps in order (see `marked`), the lines to copy, and a file to copy where there is one."""

    name: str
    title: str
    steps: tuple[str, ...]
    env: str
    file_name: str = ""
    file_text: str = ""


def connections() -> tuple[Connection, ...]:
    """Claude first, since every door needs it."""
    return (_claude(), _slack(), _sheet(), _folder(), _mail())


def marked(step: str) -> Markup:
    """A step as HTML: `code` between backticks, and addresses as links that open beside the page."""
    parts, end = [], 0
    for found in _SIGNED.finditer(step):
        code, address = found.groups()
        parts += [escape(step[end : found.start()]), CODE.format(code) if code else LINK.format(address, address[8:])]
        end = found.end()
    return Markup("").join([*parts, escape(step[end:])])


def _claude() -> Connection:
    return Connection(
        "claude", "Claude",
        (
            "Open https://console.anthropic.com/settings/keys and choose “Create key”.",
            "Put it into `.env`. Start the demo again, and Claude itself answers here: it finds the key.",
        ),
        "ANTHROPIC_API_KEY=sk-ant-…",
    )  # fmt: skip


def _slack() -> Connection:
    return Connection(
        "slack", "Slack",
        (
            "https://api.slack.com/apps → Create New App → From a manifest → your workspace → paste what stands below.",
            "Basic Information → App-Level Tokens → Generate, with the scope `connections:write`. It gives `xapp-…`",
            "Install App → Install to workspace. Copy the Bot User OAuth Token, `xoxb-…`",
            "In Slack: `/invite @Bellhop` in a channel, then `@Bellhop hello`. A direct message needs no invitation.",
        ),
        "SLACK_BOT_TOKEN=xoxb-…\nSLACK_APP_TOKEN=xapp-…",
        "manifest.json",
        files("bot.doors.slack").joinpath("manifest.json").read_text(encoding="utf-8"),
    )  # fmt: skip


def _sheet() -> Connection:
    return Connection(
        "sheet", "Google Sheet",
        (
            "In a project of Google Cloud, enable https://console.cloud.google.com/apis/library/sheets.googleapis.com",
            "https://console.cloud.google.com/iam-admin/serviceaccounts → Create service account; it needs no role.",
            "In it: Keys → Add key → JSON. Put the file that comes beside `.env`, as `service-account.json`.",
            "Copy the address after `client_email` in that file. In your spreadsheet: Share → the address → Editor.",
            "In row 1 of the first tab: a column `Question` and a column `Answer`. The column `Bot` is made for you.",
            "Type a question below; five seconds later it is asked. Other or typed columns: a rule in `rules.toml`.",
        ),
        "GOOGLE_SERVICE_ACCOUNT_FILE=service-account.json\nSHEET_ID=https://docs.google.com/spreadsheets/d/…",
    )  # fmt: skip


def _folder() -> Connection:
    return Connection(
        "folder", "Folder",
        (
            "Name a folder that is there. What lies in it already is answered too; above 20 files you are asked first.",
            "Each answer appears in its sub-folder `answers`, under the name of its file.",
        ),
        "WATCH_FOLDER=/path/to/folder",
    )  # fmt: skip


def _mail() -> Connection:
    return Connection(
        "mail", "Mailbox",
        (
            "Gmail: with 2-Step Verification on, make an app password at https://myaccount.google.com/apppasswords",
            "Microsoft 365 takes no passwords: `README.md` has its five steps, and those for any other server.",
            "Say whom it answers in `MAIL_ALLOW`: addresses and domains. Machines and strangers get nothing.",
            "What lies in the mailbox already is left alone. Write it a mail, and the answer comes in its thread.",
        ),
        "IMAP_HOST=imap.gmail.com\nSMTP_HOST=smtp.gmail.com\nIMAP_USER=bot@your-company.com\n"
        "IMAP_PASSWORD=…\nMAIL_ALLOW=@your-company.com\nMAIL_AUTHSERV=mx.google.com",
    )  # fmt: skip
