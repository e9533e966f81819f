"""What the sheet door is set up with."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from bot.settings import FromEnvironment


class SheetSettings(FromEnvironment):
    """One field for each variable of Google's and the sheet's in `.env.example`."""

    google_service_account_file: Path | None = None
    sheet_id: str | None = None
    sheet_tab: str | None = None
    sheet_question_column: str = "Question"
    sheet_answer_column: str = "Answer"
    sheet_status_column: str = "Bot"
    sheet_settle_seconds: float = Field(5.0, ge=0)
    google_sheets_api_url: str = "https://sheets.googleapis.com"
    google_drive_api_url: str = "https://www.googleapis.com"
