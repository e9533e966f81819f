"""How pages are made: their templates, what they load beside, and the headers that let a browser do no more."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

if TYPE_CHECKING:
    from jinja2 import Environment

KINDS = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors {frames}"
)
YEAR_S = 31_536_000


def page(
    name: str, sight: Mapping[str, Any], *, root: str = "", status: int = 200, frames: Sequence[str] = ()
) -> Response:
    """A page of ours. `root` is the path of PUBLIC_URL; `frames` are the sites that may show it in a frame."""
    return HTMLResponse(html(f"{name}.html", sight, root=root), status, page_headers(frames))


def message_page(title: str, words: str, status: int, *, root: str = "") -> Response:
    """A page that says one thing."""
    return page("message", {"title": title, "words": words, "logo": ""}, root=root, status=status)


def html(template: str, sight: Mapping[str, Any], *, root: str = "") -> str:
    """The HTML of a template alone."""
    return _templates().get_template(template).render({**sight, "root": root})


def page_headers(frames: Sequence[str] = ()) -> dict[str, str]:
    """A referrer to ourselves stays: without it a browser does not say where a form comes from."""
    return {
        "content-security-policy": POLICY.format(frames=" ".join(frames) or "'none'"),
        "referrer-policy": "same-origin",
        "cache-control": "no-store",
    }


async def asset(request: Request) -> Response:
    """GET /assets/<name>: what pages load beside; asked for by its version, so it may be kept for long."""
    name = request.path_params["name"]
    content = _assets().get(name)
    if content is None:
        return PlainTextResponse("There is nothing by this name.\n", 404)
    kind = KINDS[name.rpartition(".")[2]]
    return Response(content, media_type=kind, headers={"cache-control": f"public, max-age={YEAR_S}, immutable"})


def asset_url(name: str) -> str:
    """Where a page finds it; another content has another address."""
    return f"/assets/{name}?v={hashlib.sha256(_assets()[name]).hexdigest()[:12]}"


@cache
def _assets() -> Mapping[str, bytes]:
    found = [one for one in files("bot.web").joinpath("pages").iterdir() if one.name.rpartition(".")[2] in KINDS]
    return {one.name: one.read_bytes() for one in found}


@cache
def _templates() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # pages may never be opened

    templates = Environment(
        loader=PackageLoader("bot.web", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.globals["asset"] = asset_url
    return templates
