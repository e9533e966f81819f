"""The keys and names of the stand-ins, apart: a bot may be led to them before they are imported."""

from __future__ import annotations

CLAUDE_KEY = "sk-ant-local-stand-in"
SLACK_BOT_TOKEN = "xoxb-1111-2222-bellhop"
SLACK_APP_TOKEN = "xapp-1-A0BELLHOP-3333-bellhop"
BOT_MAIL = "bot@example.com"
MAIL_PASSWORD = "app-password-4711"  # of a mailbox that is none
WEBHOOK_SECRET = "a-long-random-word-of-the-playground"  # opens nothing but the demo's own hooks
CALLBACK_SECRET = "whsec_cGxheWdyb3VuZC1jYWxsYmFjay1zZWNyZXQtMzJieXRl"
SPREADSHEET_ID = "1BellhopPlaygroundSpreadsheet000000000000000"
PROJECT = "playground-project"
ACCOUNT = f"bellhop@{PROJECT}.iam.gserviceaccount.com"
