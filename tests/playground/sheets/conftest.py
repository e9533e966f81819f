"""What the tests of the Sheets stand-in share: one with a spreadsheet, its answers judged, and ways to call it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import gspread
import pytest

from playground.serving import serve
from playground.sheets import SPREADSHEET_ID, Answer, Call, SheetsStandIn
from tests.playground.sheets.discovery import violations


class ManualClock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.at = 1_000_000.0

    def __call__(self) -> float:
        return self.at

    def pass_(self, seconds: float) -> None:
        self.at += seconds


@dataclass
class Caller:
    """Calls the stand-in without a socket."""

    standin: SheetsStandIn
    token: str
    spreadsheet_id: str = SPREADSHEET_ID

    def __call__(self, method: str, rest: str, body: Any = None, **query: Any) -> Answer:
        """`rest` follows the spreadsheet's id: ":batchUpdate", "/values:batchGet"."""
        path = f"/v4/spreadsheets/{self.spreadsheet_id}{rest}"
        data = b"" if body is None else json.dumps(body).encode()
        headers = {"authorization": f"Bearer {self.token}"}
        return self.standin.handle(method, path, urlencode(query, doseq=True), data, headers)

    def get(self, range_: str, **query: Any) -> dict[str, Any]:
        """values.get."""
        return self("GET", f"/values/{quote(range_, safe='')}", **query).json()

    def put(self, range_: str, values: list[list[Any]], option: str = "RAW", **query: Any) -> Answer:
        """values.update."""
        path = f"/values/{quote(range_, safe='')}"
        return self("PUT", path, {"values": values}, valueInputOption=option, **query)

    def batch(self, *requests: dict[str, Any]) -> Answer:
        """spreadsheets.batchUpdate."""
        return self("POST", ":batchUpdate", {"requests": list(requests)})


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def standin(clock: ManualClock) -> Iterator[SheetsStandIn]:
    """A stand-in with one spreadsheet, every answer of which is held to Google's discovery document."""
    standin = SheetsStandIn(clock=clock, sleep=clock.pass_)
    standin.quota.user_limit = standin.quota.project_limit = 1_000_000
    standin.add_spreadsheet(
        {
            "Questions": [["Question", "Answer", "Bot"], ["why?"], ["how?", "so", "done"], [], ["who?"]],
            "My tab": [["a", 1, True], [2.5]],
        }
    )
    wrong: list[str] = []

    def judge(call: Call, answer: Answer) -> None:
        wrong.extend(violations(call, answer))

    standin.after_call = judge
    yield standin
    assert wrong == []


@pytest.fixture
def call(standin: SheetsStandIn) -> Caller:
    return Caller(standin, standin.issue_token())


@pytest.fixture
def base_url(standin: SheetsStandIn) -> Iterator[str]:
    with serve(standin.app) as base_url:
        yield base_url


@pytest.fixture
def client(standin: SheetsStandIn, base_url: str, tmp_path) -> gspread.Client:
    """A real gspread client, signed in with the service account's file."""

    class Redirected(gspread.HTTPClient):
        def request(self, method: str, endpoint: str, *args: Any, **kwargs: Any) -> Any:
            for google in ("https://sheets.googleapis.com", "https://www.googleapis.com"):
                endpoint = endpoint.replace(google, base_url)
            return super().request(method, endpoint, *args, **kwargs)

    path = standin.service_account_file(tmp_path / "account.json", base_url)
    client = gspread.service_account(str(path), http_client=Redirected)
    client.set_timeout((3, 5))
    return client
