"""The port of the web server: taken at the start, refused in one line, and tried by `bot check`."""

from __future__ import annotations

import errno
import socket
from collections.abc import Sequence

import structlog

from bot.door import Finding
from bot.errors import SettingsError
from bot.settings import Settings

log = structlog.get_logger()

ASK_S = 5.0
FREE_IT = "Another program holds it, or a Bellhop that still runs: end that, or set PORT to a port that is free."


def bind(settings: Settings) -> socket.socket:
    """The listening socket: every address when PORT or WEB_HOST was set, else only this machine. Raises OSError."""
    host = settings.web_host or ("0.0.0.0" if _is_chosen(settings) else "127.0.0.1")  # noqa: S104  # a platform sets PORT and routes to it
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, settings.port), family=family, backlog=512)
    # asyncio does so only for sockets of its own; without it every small answer waits 40 ms for an acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def listener_of(settings: Settings, doors: Sequence[str], *, must: bool = False) -> socket.socket | None:
    """The listening socket; None, and a warning, where nobody needs it. Raises SettingsError where somebody does.

    `doors` hear nothing without it, `must` says that this process is there for it; and whoever set PORT wants it.
    """
    try:
        return bind(settings)
    except OSError as error:
        if must or _is_needed(settings, doors, error):
            name, value, why = _fault(settings, doors, error)
            raise SettingsError(f"{name} is {value}, which {why}. {_fix(error)}".rstrip()) from None
        log.warning("web server not started: its port is taken; set PORT", port=settings.port)
        return None


def port_finding(settings: Settings, doors: Sequence[str]) -> Finding:
    """What `bot check` says of the port: free, held by a Bellhop that runs, or not to be used."""
    subject = f"PORT {settings.port}"
    try:
        bind(settings).close()
    except OSError as error:
        if error.errno == errno.EADDRINUSE and _is_bellhop(settings):
            return Finding("web", subject, ok=True, words="a Bellhop runs there")
        if _is_needed(settings, doors, error):
            name, value, why = _fault(settings, doors, error)
            return Finding("web", f"{name} {value}", ok=False, words=why, fix=_fix(error))
        words = "another program holds it, so Bellhop starts without its pages; set PORT to a free one to have them"
        return Finding("web", subject, ok=True, words=words)
    return Finding("web", subject, ok=True, words="can be used")


def _is_chosen(settings: Settings) -> bool:
    return "port" in settings.model_fields_set


def _is_needed(settings: Settings, doors: Sequence[str], error: OSError) -> bool:
    return bool(doors) or _is_chosen(settings) or _is_wrong_host(settings, error)


def _is_wrong_host(settings: Settings, error: OSError) -> bool:
    return error.errno != errno.EADDRINUSE and bool(settings.web_host)


def _fault(settings: Settings, doors: Sequence[str], error: OSError) -> tuple[str, object, str]:
    """The variable to mend, its value, and what is wrong with that."""
    said = (error.strerror or type(error).__name__).partition(" (while")[0]  # Python adds where it was about to listen
    why = f"cannot be used ({said})"
    if _is_wrong_host(settings, error):
        return "WEB_HOST", settings.web_host, why
    needs = "" if _is_chosen(settings) or not doors else f", and {' and '.join(doors)} cannot be reached without it"
    return "PORT", settings.port, f"{why}{needs}"


def _fix(error: OSError) -> str:
    return FREE_IT if error.errno == errno.EADDRINUSE else ""


def _is_bellhop(settings: Settings) -> bool:
    """Whether what answers at our port tells of itself what /ready of a Bellhop does."""
    import requests  # slow to import, and only a check needs it

    host = "localhost" if settings.web_host in (None, "0.0.0.0", "::") else settings.web_host  # noqa: S104  # compared
    address = f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"
    try:
        said = requests.get(f"{address}/ready", timeout=ASK_S).json()
    except (requests.RequestException, ValueError):
        return False
    return isinstance(said, dict) and {"ready", "database", "doors"} <= said.keys()
