"""The hosts of Slack's files: uploads, private downloads, and the login page for those without a token."""

from __future__ import annotations

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from playground.slack.state import StoredFile, Workspace

LOGIN_PAGE = (
    "<!DOCTYPE html><html><head><title>Sign in | Slack</title></head><body>Sign in to your workspace</body></html>"
)


class FileSite:
    """The routes below /files and /login."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def routes(self) -> list[Route]:
        """What the stand-in's app mounts."""
        return [
            Route("/files/upload/v1/{file_id}", self.upload, methods=["POST"]),
            Route("/files/elsewhere/{file_id}/{name}", self.elsewhere),
            Route("/files/{file_id}/{name}", self.download),
            Route("/login", self.login),
        ]

    async def upload(self, request: Request) -> Response:
        """The bytes of a file whose address was asked for before, raw or as a form."""
        content = await _uploaded_bytes(request)
        with self._workspace.lock:
            file = self._workspace.files.get(request.path_params["file_id"])
            if file is None or file.content is not None:
                return PlainTextResponse("file not found", 404)
            if len(content) != file.size_bytes:
                return PlainTextResponse("length does not match", 400)
            file.content = content
        return PlainTextResponse(f"OK - {len(content)}")

    async def download(self, request: Request) -> Response:
        """The file for the bot's token; the login page for everybody else, with status 200."""
        options = self._workspace.options
        file = self._workspace.files.get(request.path_params["file_id"])
        if request.headers.get("authorization") != f"Bearer {options.bot_token}":
            return RedirectResponse("/login", 302) if options.login == "redirect" else HTMLResponse(LOGIN_PAGE)
        if file is None or file.content is None:
            return HTMLResponse("<html><body>File not found</body></html>", 404)
        if options.file_status != 200:
            return PlainTextResponse("no", options.file_status)
        if options.files_elsewhere:
            port = request.url.port
            return RedirectResponse(f"http://localhost:{port}/files/elsewhere/{file.id}/{quote(file.name)}", 302)
        return _content(file)

    async def elsewhere(self, request: Request) -> Response:
        """The same file at another host, which notes down any token it is sent."""
        if token := request.headers.get("authorization"):
            self._workspace.leaked_tokens.append(token)
        file = self._workspace.files.get(request.path_params["file_id"])
        return _content(file) if file and file.content is not None else PlainTextResponse("gone", 404)

    async def login(self, _: Request) -> Response:
        """The page for people without a session."""
        return HTMLResponse(LOGIN_PAGE)


def _content(file: StoredFile) -> Response:
    return Response(
        file.content,
        media_type=file.served_as or None,
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name)}"},
    )


async def _uploaded_bytes(request: Request) -> bytes:
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await request.body()
    for value in (await request.form()).values():
        if not isinstance(value, str):
            return await value.read()
    return b""
