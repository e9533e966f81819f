"""The stand-in behind a requests session without a socket: ten thousand quick runs of a real client.

session.mount("http://sheets.stand-in/", InProcessAdapter(standin))
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from playground.sheets.calls import Lost
from playground.sheets.standin import SheetsStandIn


class InProcessAdapter(BaseAdapter):
    """Hands a session's requests straight to the stand-in.

    A lost response is a ConnectionError, one that takes longer than the read timeout a ReadTimeout, as on a socket.
    """

    def __init__(self, standin: SheetsStandIn) -> None:
        super().__init__()
        self._standin = standin

    def send(  # noqa: PLR0917  # the arguments are those of every requests adapter
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: FBT001, FBT002  # requests names and passes it so
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,  # noqa: FBT001, FBT002  # requests names and passes it so
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Answer one prepared request."""
        del stream, verify, cert, proxies
        parts = urlsplit(str(request.url))
        body = request.body.encode() if isinstance(request.body, str) else bytes(request.body or b"")
        headers = {name.lower(): str(value) for name, value in request.headers.items()}
        try:
            answer = self._standin.handle(str(request.method), parts.path, parts.query, body, headers)
        except Lost as lost:
            limit = timeout[1] if isinstance(timeout, tuple) else timeout
            if limit and lost.after_s > limit:
                raise requests.ReadTimeout("no answer in time", request=request) from lost
            raise requests.ConnectionError("connection closed without a response", request=request) from lost
        response = requests.Response()
        response.status_code = answer.status
        response.headers = CaseInsensitiveDict(answer.headers)
        response._content = answer.body  # noqa: SLF001  # how every requests adapter without a socket fills a response
        response.url, response.request = str(request.url), request
        response.encoding = "utf-8"
        return response

    def close(self) -> None:
        """Nothing is held open."""
