"""The calls themselves: slack_sdk's client in a few threads, so that the event loop never waits for Slack.

The SDK's own retries are off: the pacer decides what is sent again, and a post must not be sent twice.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

import requests
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.doors.slack.calls import CALLS_AT_ONCE, Arguments, CallResult, Denied, Done, Limited, Lost
from bot.doors.slack.rate_limits import CALL_TAKES_S
from bot.doors.slack.wire import retry_after_s

SEND_WITHIN_S = 60
RATE_ERRORS = {"ratelimited", "rate_limited"}
PASSING_ERRORS = {"internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"}
"""Slack's own faults, which may have happened after the work was done. Source: the error tables of each method."""


class SlackClient:
    """Makes single Web API calls with one bot token; see `calls.Call`. `url` is the API's base."""

    def __init__(self, token: str, url: str) -> None:
        self._client = WebClient(
            token=token,
            base_url=url,
            timeout=int(CALL_TAKES_S),
            retry_handlers=[],
            # Made once: reading the certificates anew for every call costs more than the call.
            ssl=ssl.create_default_context() if url.startswith("https:") else None,
            logger=_silent_logger(),
        )
        self._threads = ThreadPoolExecutor(CALLS_AT_ONCE, thread_name_prefix="slack-call")

    async def __call__(self, method: str, arguments: Arguments) -> CallResult:
        """Make one call; never raises for what Slack or the network does."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._call, method, arguments)

    async def put(self, url: str, content: bytes) -> bool:
        """Send a file's bytes to the address that Slack gave out; no token goes there. True when they were taken."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, _put, url, content)

    async def respond(self, url: str, body: Mapping[str, Any]) -> bool:
        """Post JSON to a response_url, without the token; True when it was taken.

        Only to Slack's own hosts, or to the API's when that is redirected: the address came from outside.
        Source: https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
        """
        if not self._is_slacks(url):
            return False
        return await asyncio.get_running_loop().run_in_executor(self._threads, _respond, url, body)

    def _is_slacks(self, url: str) -> bool:
        parts = urlsplit(url)
        own = urlsplit(self._client.base_url)
        host = parts.hostname or ""
        trusted = parts.scheme == "https" and host.endswith((".slack.com", ".slack-gov.com"))
        return trusted or (host == own.hostname and parts.scheme == own.scheme)

    def close(self) -> None:
        """Let the calls under way end; none is made afterwards."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _call(self, method: str, arguments: Arguments) -> CallResult:
        try:
            # The SDK's method knows how each is encoded: chat.update as JSON, conversations.replies in the query.
            response = getattr(self._client, method.replace(".", "_"))(**arguments)
        except SlackApiError as error:
            return result_of(error.response.status_code, error.response.data, error.response.headers)
        except (OSError, HTTPException, SlackClientError, ValueError) as error:
            return Lost(type(error).__name__)
        return result_of(response.status_code, response.data, response.headers)


def result_of(status: int, data: Any, headers: Mapping[str, Any]) -> CallResult:
    """What an answer means. `data` is not an object when the body was no JSON, as with a proxy's error page."""
    error = data.get("error") if isinstance(data, dict) else None
    if status == 429 or error in RATE_ERRORS:
        return Limited(retry_after_s(headers))
    if status != 200 or not isinstance(data, dict) or error in PASSING_ERRORS:
        return Lost(f"HTTP {status}")
    if data.get("ok"):
        return Done(data)
    # The SDK puts its own sentence where the error's name should be when the body was no JSON.
    return Denied(error) if isinstance(error, str) and " " not in error else Lost(f"HTTP {status}, no JSON")


def _put(url: str, content: bytes) -> bool:
    try:
        response = requests.post(url, data=content, timeout=(CALL_TAKES_S, SEND_WITHIN_S), allow_redirects=False)
    except requests.RequestException:
        return False
    return response.status_code == 200


def _respond(url: str, body: Mapping[str, Any]) -> bool:
    try:
        response = requests.post(url, json=dict(body), timeout=CALL_TAKES_S, allow_redirects=False)
    except requests.RequestException:
        return False
    return response.status_code == 200


def _silent_logger() -> logging.Logger:
    # The SDK logs every failed attempt as an error; the pacer logs what matters, with the method's name.
    logger = logging.getLogger("bellhop.slack_sdk")
    logger.setLevel(logging.CRITICAL)
    return logger
