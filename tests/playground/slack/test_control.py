"""The tests of the remote control, of response_urls, and of the stand-in started on its own."""

import base64
import subprocess
import sys

import pytest
import requests

from playground.slack import Options, SlackStandIn

BUTTON = {"type": "button", "action_id": "stop", "text": {"type": "plain_text", "text": "Stop"}, "value": "1"}


def act(slack, verb, **arguments):
    return requests.post(f"{slack.workspace.base_url}/_control/{verb}", json=arguments, timeout=5)


def state(slack, **params):
    return requests.get(f"{slack.workspace.base_url}/_control/state", params=params, timeout=5).json()


def test_a_page_can_say_click_and_look(slack, web):
    ts = act(slack, "say", user="U0ANNA", channel="C0HELP", text="@bellhop hi").json()["result"]
    reply = web.chat_postMessage(
        channel="C0HELP", text="x", thread_ts=ts, blocks=[{"type": "actions", "elements": [BUTTON]}]
    )
    clicked = act(slack, "click", user="U0ANNA", ts=reply["ts"], action_id="stop").json()
    assert clicked["result"]["outcome"] in ("pending", "given_up")
    web.assistant_threads_setStatus(channel_id="C0HELP", thread_ts=ts, status="is writing…")
    seen = state(slack, channel="C0HELP")
    assert [one["ts"] for one in seen["messages"]["C0HELP"]] == [ts, reply["ts"]]
    assert seen["messages"]["C0HELP"][1]["blocks"][0]["type"] == "actions"
    assert seen["statuses"] == [{"channel": "C0HELP", "thread_ts": ts, "status": "is writing…"}]
    assert seen["budgets"]["chat.postMessage"]["used"] == 1
    assert (seen["ratelimited"], seen["sockets"]) == (0, 0)


def test_all_versions_of_a_message_can_be_read(slack, web):
    ts = web.chat_postMessage(channel="C0HELP", text="one")["ts"]
    web.chat_update(channel="C0HELP", ts=ts, text="two")
    found = requests.get(f"{slack.workspace.base_url}/_control/messages/C0HELP/{ts}", timeout=5).json()
    assert [one["text"] for one in found["versions"]] == ["one", "two"]
    assert requests.get(f"{slack.workspace.base_url}/_control/messages/C0HELP/1.1", timeout=5).status_code == 404


def test_files_come_in_base64(slack):
    act(slack, "say", user="U0ANNA", channel="C0HELP", text="", files={"a.txt": base64.b64encode(b"abc").decode()})
    assert slack.messages("C0HELP")[0].files[0]["size"] == 3


def test_trouble_can_be_ordered(slack, web):
    act(slack, "fault", method="auth.test", kind="error", error="fatal_error")
    answer = requests.post(
        slack.api_url + "auth.test", headers={"Authorization": f"Bearer {slack.bot_token}"}, timeout=5
    )
    assert answer.json()["error"] == "fatal_error"
    act(slack, "change", ratelimited_status=200)
    assert slack.workspace.options.ratelimited_status == 200


@pytest.mark.parametrize("verb", ["refresh", "half_open", "drop"])
def test_sockets_can_be_troubled_from_outside(quick, verb):
    assert act(quick, verb).status_code == 200


@pytest.mark.parametrize(
    ("verb", "arguments", "status"),
    [("sing", {}, 404), ("say", {"tune": "x"}, 400), ("click", {"user": "U0ANNA", "ts": "1.1", "action_id": "x"}, 400)],
)
def test_a_wrong_order_is_explained(slack, verb, arguments, status):
    answer = act(slack, verb, **arguments)
    assert (answer.status_code, "error" in answer.json()) == (status, True)


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Host": "evil.example"}, {"Origin": "null"}])
def test_pages_from_elsewhere_are_refused(slack, headers):
    url = f"{slack.workspace.base_url}/_control/say"
    body = {"user": "U0ANNA", "channel": "C0HELP", "text": "x"}
    assert requests.post(url, json=body, headers=headers, timeout=5).status_code == 403
    assert requests.get(f"{slack.workspace.base_url}/_control/state", headers=headers, timeout=5).status_code == 403
    assert slack.messages("C0HELP") == []


class TestResponseUrl:
    @pytest.fixture
    def original(self, web):
        return web.chat_postMessage(channel="C0HELP", text="x", blocks=[{"type": "actions", "elements": [BUTTON]}])[
            "ts"
        ]

    @pytest.fixture
    def url(self, slack, original):
        return slack.click("U0ANNA", original, "stop").payload["response_url"]

    def test_it_answers_one_person_by_default(self, slack, url):
        requests.post(url, json={"text": "only you"}, timeout=5)
        assert [(one.only_for, one.text) for one in slack.workspace.ephemerals] == [("U0ANNA", "only you")]

    def test_it_replaces_deletes_or_tells_everybody(self, slack, url, original):
        requests.post(url, json={"text": "all", "response_type": "in_channel"}, timeout=5)
        assert slack.messages("C0HELP")[-1].text == "all"
        requests.post(url, json={"text": "new", "replace_original": True}, timeout=5)
        assert slack.message("C0HELP", original).text == "new"
        requests.post(url, json={"delete_original": True}, timeout=5)
        assert slack.message("C0HELP", original).deleted

    def test_it_is_good_for_five_posts(self, url):
        answers = [requests.post(url, json={"text": "x"}, timeout=5) for _ in range(6)]
        assert [one.status_code for one in answers] == [200] * 5 + [404]
        assert answers[5].json()["error"] == "used_url"

    def test_it_is_good_for_thirty_minutes(self, url, clock):
        clock.advance(1801)
        assert requests.post(url, json={"text": "x"}, timeout=5).json()["error"] == "expired_url"


def test_it_runs_on_its_own_and_says_where():
    command = [sys.executable, "-m", "playground.slack", "--bot-token", "xoxb-mine"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        said = [process.stdout.readline().strip().partition("=") for _ in range(4)]
        lines = {name: value for name, _, value in said}
        token = {"Authorization": f"Bearer {lines['SLACK_BOT_TOKEN']}"}
        answer = requests.post(lines["SLACK_API_URL"] + "auth.test", headers=token, timeout=5)
        process.terminate()
    assert (lines["SLACK_BOT_TOKEN"], answer.json()["ok"]) == ("xoxb-mine", True)


def test_it_can_be_served_by_the_common_server():
    from playground.serving import serve
    from tests.playground.slack.conftest import client_of

    slack = SlackStandIn(options=Options())
    with serve(slack.app) as url:
        slack.workspace.base_url = url
        assert client_of(slack).auth_test()["ok"]
