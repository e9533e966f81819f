"""This file is "Connect for real": for each door the steps and the exact lines of `.env`."""

from __future__ import annotations

from dataclasses import dataclass

from playground.stage.stage import HOME


@dataclass(frozen=True, slots=True)
class Connection:
    """One door: its steps in order, the lines to copy, and a file to copy where there is one."""

    name: str
    title: str
    steps: tuple[str, ...]
    env: str
    file_name: str = ""
    file_text: str = ""


def connections() -> tuple[Connection, ...]:
    """Claude first, since every door needs it."""
    return (_claude(), _slack(), _sheet(), _folder())


def _claude() -> Connection:
    return Connection(
        "claude", "Claude",
        (
            "Open console.anthropic.com/settings/keys and choose “Create key”.",
            "Put the key into a file named .env, in the folder you started the demo from.",
            "To keep playing here with the real Claude, start the demo again: it finds the key.",
        ),
        "ANTHROPIC_API_KEY=sk-ant-…",
    )  # fmt: skip


def _slack() -> Connection:
    manifest = HOME / "slack" / "manifest.json"
    found = manifest.is_file()
    create = (
        "Open api.slack.com/apps, choose “Create New App”, then “From a manifest”, and paste the manifest below."
        if found
        else "Open api.slack.com/apps and create an app with Socket Mode and the events message.* and app_mention."
    )
    return Connection(
        "slack", "Slack",
        (
            create,
            "Basic Information → App-Level Tokens: make one with the scope connections:write. It begins with xapp-.",
            "Install App → Install to Workspace, and copy the Bot User OAuth Token. It begins with xoxb-.",
            "In Slack, invite the bot to a channel: /invite @bellhop. Then mention it.",
        ),
        "SLACK_BOT_TOKEN=xoxb-…\nSLACK_APP_TOKEN=xapp-…",
        "slack/manifest.json" if found else "",
        manifest.read_text(encoding="utf-8") if found else "",
    )  # fmt: skip


def _sheet() -> Connection:
    return Connection(
        "sheet", "Google Sheet",
        (
            "Open console.cloud.google.com, choose a project, and enable the Google Sheets API and the Drive API.",
            "IAM & Admin → Service Accounts: create one, then Keys → Add key → JSON. Save the file beside .env.",
            "Share your spreadsheet with the account's e-mail address, as editor.",
            "Give the sheet a column named Question and one named Answer. The column Bot is made for you.",
        ),
        "GOOGLE_SERVICE_ACCOUNT_FILE=service-account.json\nSHEET_ID=https://docs.google.com/spreadsheets/d/…",
    )  # fmt: skip


def _folder() -> Connection:
    return Connection(
        "folder", "Folder",
        (
            "Name the folder. What lies there already is answered too; above 20 files you are asked first.",
            "Each answer appears in its sub-folder answers, beside the file it belongs to.",
        ),
        "WATCH_FOLDER=/path/to/folder",
    )  # fmt: skip
