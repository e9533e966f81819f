"""This file is how files of Slack are fetched: the bot's token goes to Slack's own hosts and nowhere else."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import requests

from bot.errors import Refused, TryAgain

SLACK_HOSTS = ("slack.com", "slack-edge.com", "slack-files.com")
"""https://docs.slack.dev/reference/objects/file-object: `url_private` is served from these."""
LOOPBACK = ("127.0.0.1", "localhost", "::1")
CONNECT_S, READ_S = 5, 30
REDIRECTS = 3
CHUNK_BYTES = 65_536
NO_SCOPE = "Slack did not hand out this file. The app needs the scope files:read: add it and install the app again."
ELSEWHERE = "This file is kept by another service, not by Slack. Download it there and attach it here."


@dataclass(frozen=True, slots=True)
class Downloads:
    """Fetches files once and keeps them in `folder`; `api_url`'s host may have the token, too."""

    token: str
    api_url: str
    folder: Path
    max_bytes: int

    def fetch(self, url: str) -> Path:
        """The local copy of the file behind `url`. Blocks. Raises Refused and TryAgain in plain words."""
        target = self.folder / hashlib.sha256(url.encode()).hexdigest()
        if target.is_file():
            return target
        if not self._may_have_token(url):
            raise Refused(ELSEWHERE)
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            self._save(url, target)
        except requests.RequestException:
            raise TryAgain("Slack's file server could not be reached just now.") from None
        return target

    def _save(self, url: str, target: Path) -> None:
        with self._open(url) as response:
            if response.status_code in {401, 403} or "text/html" in response.headers.get("content-type", ""):
                # Without the right token Slack answers with its sign-in page, and status 200.
                raise Refused(NO_SCOPE)
            if response.status_code == 429 or response.status_code >= 500:
                raise TryAgain("Slack's file server is busy.")
            if response.status_code != 200:
                raise Refused("Slack no longer has this file.")
            partial = target.with_suffix(".part")
            self._write(response, partial)
            partial.replace(target)

    def _write(self, response: requests.Response, partial: Path) -> None:
        written_bytes = 0
        with partial.open("wb") as out:
            for chunk in response.iter_content(CHUNK_BYTES):
                written_bytes += len(chunk)
                if written_bytes > self.max_bytes:
                    raise Refused(
                        f"The file is larger than {self.max_bytes // 1_000_000} MB, which is the most I read."
                    )
                out.write(chunk)

    def _open(self, url: str) -> requests.Response:
        """The answer, redirects followed by hand: the token stays with the first host."""
        for step in range(REDIRECTS + 1):
            headers = {"Authorization": f"Bearer {self.token}"} if step == 0 else {}
            response = requests.get(
                url, headers=headers, stream=True, allow_redirects=False, timeout=(CONNECT_S, READ_S)
            )
            if not response.is_redirect:
                return response
            response.close()
            url = urljoin(url, response.headers["location"])
            if not self._may_be_followed(url):
                break
        raise Refused(NO_SCOPE)

    def _may_have_token(self, url: str) -> bool:
        there, api = urlsplit(url), urlsplit(self.api_url)
        host = (there.hostname or "").lower()
        is_slack = any(host == name or host.endswith(f".{name}") for name in SLACK_HOSTS)
        return (is_slack and there.scheme == "https") or (there.scheme, there.netloc) == (api.scheme, api.netloc)

    def _may_be_followed(self, url: str) -> bool:
        there = urlsplit(url)
        local = (urlsplit(self.api_url).hostname or "") in LOOPBACK and there.hostname in LOOPBACK
        return there.scheme == "https" or local
