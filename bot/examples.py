"""The example files that come with Bellhop: at the top of a checkout, beside this module in an installed package."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).resolve().parent
INSTALLED = {".env.example": "env.example", "rules.example.toml": "rules.example.toml"}
"""Each file's name in a checkout, and what it is called inside the package (see pyproject.toml)."""


def example(name: str) -> str:
    """The text of `.env.example` or `rules.example.toml`."""
    installed = _HERE / INSTALLED[name]
    return (installed if installed.is_file() else _HERE.parent / name).read_text(encoding="utf-8")
