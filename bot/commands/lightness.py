"""What keeps every start short: nothing is loaded or looked for that the program makes no use of."""

from __future__ import annotations

import gc
import importlib
import os
import sys

FEW_COLLECTIONS = (2_000_000, 20, 20)
"""The default looks for cycles every 700 objects, a quarter of every start: what is imported is not rubbish."""


def start_lightly() -> None:
    """Call it first, in a process of our own: it changes what the whole process imports."""
    gc.set_threshold(*FEW_COLLECTIONS)
    # pydantic reads the metadata of every installed package in search of plugins, and there are none.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    _import_without("rich", "structlog")


def _import_without(absent: str, name: str) -> None:
    """Import a package as if an optional one that it looks for were not installed."""
    if absent in sys.modules or name in sys.modules:
        return
    # structlog would draw tracebacks with rich. Ours are plain (bot/logs.py); what shows tables imports it itself.
    sys.modules[absent] = None  # type: ignore[assignment]  # so an import system is told that there is no such module
    try:
        importlib.import_module(name)
    finally:
        del sys.modules[absent]
