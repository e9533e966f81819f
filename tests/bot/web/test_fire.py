"""POST /fire: a schedule is run at once by whoever knows WEB_TOKEN, and by nobody else."""

from datetime import UTC, datetime
from typing import Any

import pytest
from starlette.testclient import TestClient

from bot.settings import load_settings
from bot.web.house import House, Schedules
from bot.web.server import web_app

NOW = datetime(2026, 11, 29, 11, 0, tzinfo=UTC)


def post(rule, *, token="word", headers=None, **given):
    fired: list[str] = []

    async def fire(name) -> Any:
        fired.append(name)

    nothing: Any = None
    schedules = Schedules(lambda: {"week": "every Monday"}, fire)
    settings = load_settings(_env_file=None, web_token=token, **given)
    house = House(settings, nothing, nothing, dict, lambda: 1, NOW, nothing, schedules=schedules)
    with TestClient(web_app(house), follow_redirects=False) as client:
        answer = client.post("/fire", data={"rule": rule}, headers=headers or {})
    return answer.headers.get("location", answer.status_code), fired


def test_whoever_knows_the_token_runs_it_and_sees_the_page_again():
    assert post("week", headers={"authorization": "Bearer word"}) == ("/", ["week"])


def test_below_a_path_the_way_back_is_below_it_too():
    headers = {"authorization": "Bearer word"}
    assert post("week", headers=headers, public_url="https://x.org/hop") == ("/hop/", ["week"])


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer other"}, {"cookie": "bellhop=other"}])
def test_nobody_else_does(headers):
    assert post("week", headers=headers) == (401, [])


def test_without_a_token_there_is_no_button_and_no_way():
    assert post("week", token=None) == (401, [])


def test_a_rule_without_a_schedule_is_not_run():
    assert post("chat", headers={"authorization": "Bearer word"}) == (404, [])
