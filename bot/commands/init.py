"""`bot init`: the example files, laid into the working directory of whoever installed Bellhop without a checkout."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path

from bot.errors import SettingsError
from bot.examples import example


def lay_examples(folder: Path) -> None:
    """Write `.env`, `rules.example.toml` and `slack-manifest.json` where they are missing; what is there stays.

    Raises SettingsError when the folder cannot be written.
    """
    for name, text in _texts().items():
        path = folder / name
        try:
            # Keys come into .env: nobody else on this machine need read it.
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                file.write(text)
        except FileExistsError:
            print(f"{name} is there already and stays as it is.")
        except OSError as error:
            raise SettingsError(f"{name} cannot be written into {folder.absolute()} ({error.strerror}).") from None
        else:
            print(f"{name} written.")
    print("Fill in .env, then test it with `check` and begin with `run`.")


def _texts() -> dict[str, str]:
    return {
        ".env": example(".env.example"),
        "rules.example.toml": example("rules.example.toml"),
        "slack-manifest.json": files("bot.doors.slack").joinpath("manifest.json").read_text(encoding="utf-8"),
    }
