"""How files of Slack are fetched: the bot's token goes to Slack's own hosts and nowhere else."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import requests

from bot.copies import PART
from bot.errors import Refused, TryAgain

SLACK_HOSTS = ("slack.com", "slack-edge.com", "slack-files.com")
"""https://docs.slack.dev/reference/objects/file-object: `url_private` is served from these."""
LOOPBACK = ("127.0.0.1", "localhost", "::1")
CONNECT_S, READ_S, WHOLE_S = 5, 30, 120
REDIRECTS = 3
CHUNK_BYTES = 65_536
AMBIGUOUS = re.compile(r"[\s\\\x00-\x1f\x7f]|^[^/]*//[^/?#]*@")
"""Addresses that one parser reads differently from another, so that a check of the host could be evaded."""
HTML = re.compile(rb"\s*(?:<!doctype html|<html)", re.IGNORECASE)
SIGN_IN = re.compile(
    rb"<title>[^<]*\b(?:sign|log)[ -]?in\b|id=[\"']signin|sign in to (?:your workspace|slack)", re.IGNORECASE
)
"""What Slack's sign-in page has and a canvas or a mail has not."""
SIGN_IN_URL = re.compile(r"/(?:login|signin|sign-in)\b|[?&]redir=")
NO_SCOPE = "Slack did not hand out this file. The app needs the scope files:read: add it and install the app again."
REFUSED = "Slack does not let Bellhop have this file (HTTP {status}). Attach it here again."
LED_AWAY = "This file's address leads to a place where it is not fetched from. Attach it here again."
ELSEWHERE = "This file is kept by another service, not by Slack. Download it there and attach it here."


@dataclass(frozen=True, slots=True)
class Downloads:
    """Fetches files once and keeps them in `folder`; `api_url`'s host may have the token, too."""

    token: str
    api_url: str
    folder: Path
    max_bytes: int

    def fetch(self, url: str, size_bytes: int | None = None, *, is_page: bool = False) -> Path:
        """The local copy of the file behind `url`. Blocks. Raises Refused and TryAgain in plain words.

        `size_bytes` is what Slack says of the file: a web page of another size is the sign-in page in its place,
        unless the file `is_page`, which Slack makes when it is asked for; then only a page that says so is.
        """
        target = self.folder / hashlib.sha256(url.encode()).hexdigest()
        if _is_kept(target):
            return target
        if not self._may_have_token(url):
            raise Refused(ELSEWHERE)
        if size_bytes is not None and size_bytes > self.max_bytes:
            raise Refused(self._too_large())
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # A name of its own: the same file may be wanted by two questions at once.
        partial = self.folder / f"{uuid.uuid4().hex}{PART}"
        try:
            self._save(url, partial, size_bytes, is_page=is_page)
            partial.replace(target)
        except requests.RequestException:
            raise TryAgain("Slack's file server could not be reached just now.") from None
        finally:
            partial.unlink(missing_ok=True)
        return target

    def _save(self, url: str, partial: Path, size_bytes: int | None, *, is_page: bool) -> None:
        with self._open(url) as response:
            if response.status_code in {401, 403}:
                raise Refused(REFUSED.format(status=response.status_code))
            if response.status_code == 429 or response.status_code >= 500:
                raise TryAgain("Slack's file server is busy.")
            if response.status_code != 200:
                raise Refused("Slack no longer has this file.")
            came_as_page = "text/html" in response.headers.get("content-type", "")
            written_bytes, head = self._write(response, partial)
            is_other = (came_as_page or HTML.match(head)) and written_bytes != size_bytes
            if is_other and (not is_page or SIGN_IN.search(head)):
                # Without the right token Slack answers with its sign-in page, and status 200.
                raise Refused(NO_SCOPE)

    def _write(self, response: requests.Response, partial: Path) -> tuple[int, bytes]:
        written_bytes, head = 0, b""
        give_up_at = time.monotonic() + WHOLE_S
        with partial.open("wb") as out:
            for chunk in response.iter_content(CHUNK_BYTES):
                head = head or chunk
                written_bytes += len(chunk)
                if written_bytes > self.max_bytes:
                    raise Refused(self._too_large())
                if time.monotonic() > give_up_at:
                    raise TryAgain("Slack's file server is too slow just now.")
                out.write(chunk)
        return written_bytes, head

    def _too_large(self) -> str:
        return f"The file is larger than {self.max_bytes / 1_000_000:g} MB, which is the most I read."

    def _open(self, url: str) -> requests.Response:
        """The answer, redirects followed by hand: the token stays with the first host."""
        for step in range(REDIRECTS + 1):
            response = requests.get(
                url,
                # Given as `auth`, so that no .netrc of this machine is sent in its place.
                auth=self._sign if step == 0 else _unsigned,
                stream=True,
                allow_redirects=False,
                timeout=(CONNECT_S, READ_S),
            )
            if not response.is_redirect:
                return response
            response.close()
            url = urljoin(url, response.headers["location"])
            if SIGN_IN_URL.search(url):
                raise Refused(NO_SCOPE)
            if not self._may_be_followed(url):
                break
        raise Refused(LED_AWAY)

    def _sign(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request

    def _may_have_token(self, url: str) -> bool:
        if AMBIGUOUS.search(url):
            return False
        there, api = urlsplit(url), urlsplit(self.api_url)
        host = (there.hostname or "").lower()
        is_slack = any(host == name or host.endswith(f".{name}") for name in SLACK_HOSTS)
        return (is_slack and there.scheme == "https") or (there.scheme, there.netloc) == (api.scheme, api.netloc)

    def _may_be_followed(self, url: str) -> bool:
        if AMBIGUOUS.search(url):
            return False
        there = urlsplit(url)
        local = (urlsplit(self.api_url).hostname or "") in LOOPBACK and there.hostname in LOOPBACK
        return there.scheme == "https" or local


def _is_kept(copy: Path) -> bool:
    if not copy.is_file():
        return False
    with contextlib.suppress(OSError):
        os.utime(copy)  # needed again: it is kept from now on
    return True


def _unsigned(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
