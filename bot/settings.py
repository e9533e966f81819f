"""Every setting Bellhop reads: from the environment first, then from `.env` in the working directory."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.errors import SettingsError


def _comma_list(value: Any) -> Any:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_comma_list)]


class Settings(BaseSettings):
    """One field for each variable of `.env.example`; the field's name is the variable's in lower case.

    An unset door stays closed: see `open_doors`.
    """

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8-sig",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        enable_decoding=False,
    )

    # Claude
    anthropic_api_key: SecretStr | None = None
    anthropic_base_url: str = "https://api.anthropic.com"
    claude_model: str = "claude-sonnet-5-5"
    claude_max_tokens: int = Field(8192, ge=1, le=128_000)
    claude_concurrency: int = Field(20, ge=1, le=200)
    claude_silence_seconds: float = Field(30.0, gt=0)
    claude_deadline_seconds: float = Field(600.0, gt=0)

    # Slack
    slack_bot_token: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    slack_api_url: str = "https://slack.com/api/"
    slack_streaming: Literal["edits", "native"] = "edits"
    slack_footer: bool = False
    slack_allow: Names = ()
    slack_admins: Names = ()
    slack_allow_outsiders: bool = False

    # Google Sheets
    google_service_account_file: Path | None = None
    sheet_id: str | None = None
    sheet_tab: str | None = None
    sheet_question_column: str = "Question"
    sheet_answer_column: str = "Answer"
    sheet_status_column: str = "Bot"
    sheet_settle_seconds: float = Field(5.0, ge=0)
    google_sheets_api_url: str = "https://sheets.googleapis.com"
    google_drive_api_url: str = "https://www.googleapis.com"

    # Folder
    watch_folder: Path | None = None
    folder_quiet_seconds: float = Field(1.0, gt=0)
    folder_rescan_seconds: float = Field(30.0, gt=0)
    folder_backlog: Literal["ask", "answer", "skip"] = "ask"
    folder_polling: bool | None = None
    folder_max_mb: float = Field(50.0, gt=0)

    # Web
    port: int = Field(8080, ge=0, le=65535)
    web_host: str | None = None
    web_token: SecretStr | None = None

    # House
    database_url: str = "sqlite:///state/bot.db"
    state_dir: Path = Path("state")
    rules_file: Path = Path("rules.toml")
    daily_budget_usd: float | None = Field(None, ge=0)
    person_daily_budget_usd: float | None = Field(None, ge=0)
    log_format: Literal["text", "json"] = "text"
    retention_days: int = Field(30, ge=1)

    def open_doors(self) -> tuple[str, ...]:
        """The doors whose variables are set, in the order of DOORS."""
        opened = {
            "slack": bool(self.slack_bot_token and (self.slack_app_token or self.slack_signing_secret)),
            "sheet": bool(self.google_service_account_file and self.sheet_id),
            "folder": self.watch_folder is not None,
        }
        return tuple(door for door in DOORS if opened.get(door))


DOORS = ("slack", "sheet", "folder")
"""The triggers that are built; a rule's `on` is one of them."""


def load_settings(**overrides: Any) -> Settings:
    """Read the settings; raises SettingsError with one line that names the variable and what was expected."""
    try:
        return Settings(**overrides)
    except ValidationError as error:
        raise SettingsError(_one_line(error)) from None
    except UnicodeDecodeError:
        raise SettingsError(".env is not text in UTF-8; save the file as UTF-8.") from None


def _one_line(error: ValidationError) -> str:
    first = error.errors()[0]
    name = str(first["loc"][0]).upper() if first["loc"] else "settings"
    return f"{name} is wrong: {first['msg'][0].lower()}{first['msg'][1:]}. See .env.example for what it may be."
