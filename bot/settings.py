"""Every setting of the frame and of Claude, and how any setting is read: the environment first, then `.env`.

A door's own settings live with the door (bot/doors/<name>/settings.py) and are reached with `Settings.door`.
"""

from __future__ import annotations

import os
import re
import string
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PrivateAttr,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.errors import SettingsError
from bot.secrecy import holds_a_key, looks_secret, passwords_in

BLANKS = (
    string.whitespace
    + "\u0085\u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff\u2060"
    + "".join(map(chr, range(0x2000, 0x2010)))
)
"""What is cut around every setting: mounted secrets end in a line break, copied ones in a blank that nobody sees."""


def _comma_list(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return tuple(name for part in value.split(",") if (name := part.strip(BLANKS)))


Names = Annotated[tuple[str, ...], BeforeValidator(_comma_list)]
"""Names that stand in one variable, separated by commas."""

MAY_HOLD_A_PASSWORD = "may hold a password"  # noqa: S105  # a mark, no password
"""Marks a variable in which a secret is in its place although it is no secret as a whole."""

D = TypeVar("D", bound="FromEnvironment")


def _web_address(url: str) -> str:
    if url and not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", url):
        raise ValueError("expected the address of this server as others reach it, such as https://bot.example.com")
    return url


def _networks(names: tuple[str, ...]) -> tuple[str, ...]:
    try:
        for name in names:
            ip_network(name, strict=False)
    except ValueError:
        raise ValueError("expected addresses or networks such as 10.0.0.0/8, separated by commas") from None
    return names


class FromEnvironment(BaseSettings):
    """What every model of settings shares: where it is read from, and that blanks around a value are cut.

    A field's name is its variable's in lower case, and `.env.example` has a line for each. Raises SettingsError, one
    line that names the variable and never quotes its value.
    """

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8-sig",
        extra="ignore",
        frozen=True,
        enable_decoding=False,
        hide_input_in_errors=True,
    )

    def __init__(self, **given: Any) -> None:
        try:
            super().__init__(**given)
        except ValidationError as error:
            raise SettingsError(_one_line(error)) from None
        except UnicodeDecodeError:
            raise SettingsError(".env is not text in UTF-8; save the file as UTF-8.") from None
        except OSError as error:
            raise SettingsError(f".env cannot be read ({error.strerror}).") from None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What is given by name, the environment and `.env`, in this order; an empty value counts as unset."""
        del file_secret_settings
        return tuple(_Cut(settings_cls, source) for source in (init_settings, env_settings, dotenv_settings))

    @field_validator("*", mode="before")
    @classmethod
    def _refuse_secrets(cls, value: Any, info: ValidationInfo) -> Any:
        """A secret in the wrong variable would be quoted by the first message that names its value."""
        field = cls.model_fields[info.field_name or ""]
        kinds = (field.annotation, *get_args(field.annotation))
        if not isinstance(value, str) or SecretStr in kinds or MAY_HOLD_A_PASSWORD in field.metadata:
            return value
        if Path in kinds and holds_a_key(value):
            raise ValueError("this holds the key itself; put it into a file and name the file")
        if looks_secret(value):
            raise ValueError("this looks like a secret, and does not belong into this variable")
        return value

    def secrets(self) -> tuple[str, ...]:
        """The text of every secret among these settings, passwords in URLs included, for the logs to blot out."""
        found: list[str] = []
        for value in (getattr(self, name) for name in type(self).model_fields):
            if isinstance(value, SecretStr):
                found.append(value.get_secret_value())
            elif isinstance(value, str):
                found += passwords_in(value)
        return tuple(found)


class _Cut(PydanticBaseSettingsSource):
    """A source whose values come without the blanks around them, and without those that are nothing else."""

    def __init__(self, settings_cls: type[BaseSettings], source: PydanticBaseSettingsSource) -> None:
        super().__init__(settings_cls)
        self._source = source

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        return self._source.get_field_value(field, field_name)

    def __call__(self) -> dict[str, Any]:
        cut = {name: value.strip(BLANKS) if isinstance(value, str) else value for name, value in self._source().items()}
        return {name: value for name, value in cut.items() if value != ""}


class Settings(FromEnvironment):
    """The frame's settings and Claude's, and the way to those of a door."""

    # Claude
    anthropic_api_key: SecretStr | None = None
    anthropic_base_url: str = "https://api.anthropic.com"
    claude_model: str = "claude-sonnet-5-5"
    claude_max_tokens: int = Field(8192, ge=1, le=128_000)
    claude_concurrency: int = Field(20, ge=1, le=200)
    claude_silence_seconds: float = Field(30.0, gt=0)
    claude_deadline_seconds: float = Field(600.0, gt=0)

    # The night lane
    night_gather_seconds: float = Field(300.0, ge=0, le=86_400)
    night_poll_seconds: float = Field(60.0, gt=0, le=3_600)

    # Web
    port: int = Field(8080, ge=0, le=65535)
    web_host: str | None = None
    web_token: SecretStr | None = None
    public_url: Annotated[str, AfterValidator(_web_address)] = ""
    trusted_proxies: Annotated[Names, AfterValidator(_networks)] = ()

    # House
    database_url: Annotated[str, MAY_HOLD_A_PASSWORD] = "sqlite:///state/bot.db"
    state_dir: Path = Path("state")
    rules_file: Path = Path("rules.toml")
    daily_budget_usd: float | None = Field(None, ge=0)
    person_daily_budget_usd: float | None = Field(None, ge=0)
    alert_reply: str = ""
    """Where whoever runs the bot is told what they should know, as a rule's `reply` names a place."""
    folder_max_mb: float = Field(50.0, gt=0)
    """The largest file that any door reads, in megabytes; named after the first one that read some."""
    log_format: Literal["text", "json"] = "text"
    retention_days: int = Field(30, ge=1)

    _given: dict[str, Any] = PrivateAttr(default_factory=dict)
    _variables: dict[str, SecretStr] = PrivateAttr(default_factory=dict)
    _doors: dict[type[FromEnvironment], FromEnvironment] = PrivateAttr(default_factory=dict)

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._given = given

    @property
    def folder_max_bytes(self) -> int:
        """FOLDER_MAX_MB in bytes, a million to the megabyte."""
        return round(self.folder_max_mb * 1_000_000)

    def in_file(self) -> dict[str, str | None]:
        """What stands in `.env`, whether or not it is a setting."""
        from dotenv import dotenv_values

        file = self._given.get("_env_file", self.model_config.get("env_file"))
        return dotenv_values(file, encoding="utf-8-sig") if file else {}

    def variable(self, name: str) -> SecretStr | None:
        """The secret in a variable that a rule names, from where all settings are read; None when it is not set."""
        if name not in self._variables:
            known = {**self.in_file(), **os.environ}
            value = str(self._given.get(name.lower()) or known.get(name) or "").strip(BLANKS)
            if value:
                self._variables[name] = SecretStr(value)
        return self._variables.get(name)

    def secrets(self) -> tuple[str, ...]:
        """Those among these settings, and those that rules have named so far."""
        return (*super().secrets(), *(value.get_secret_value() for value in self._variables.values()))

    def door(self, model: type[D]) -> D:
        """A door's own settings, read at the first call from where these were. Raises SettingsError."""
        found = self._doors.get(model)
        if not isinstance(found, model):
            found = self._doors[model] = model(**self._given)
        return found


def load_settings(**given: Any) -> Settings:
    """Read the settings; raises SettingsError with one line that names the variable and what was expected."""
    return Settings(**given)


_PLAIN = {
    "int_parsing": "expected a whole number, such as 8080",
    "int_from_float": "expected a whole number, such as 8080",
    "float_parsing": "expected a number, such as 5 or 0.5",
    "bool_parsing": "expected true or false",
}
"""What a person is told where pydantic talks of parsing strings."""


def _one_line(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    name = str(first["loc"][0]).upper() if first["loc"] else "settings"
    words = _PLAIN.get(first["type"]) or first["msg"].removeprefix("Value error, ")
    return f"{name} is wrong: {words[0].lower()}{words[1:]}. See .env.example for what it may be."
