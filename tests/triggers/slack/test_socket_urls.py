"""When Slack is asked for a socket, and when it is left alone."""

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from triggers.slack.socket_urls import NotYet, SocketUrls


class FakeClient:
    """Answers apps.connections.open with what it was given, one after the other; counts the calls."""

    def __init__(self, *answers):
        self.answers, self.calls = list(answers), 0

    def apps_connections_open(self, *, app_token):
        self.calls += 1
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def refused(status, data, headers=None):
    response = SlackResponse(
        client=None, http_verb="POST", api_url="", req_args={}, data=data, headers=headers or {}, status_code=status
    )
    return SlackApiError("refused", response)


LIMITED = {"ok": False, "error": "ratelimited"}


@pytest.mark.parametrize(
    ("error", "wait_s"),
    [
        (refused(429, LIMITED, {"Retry-After": "7"}), 7.0),
        (refused(200, LIMITED, {"retry-after": "7"}), 7.0),
        (refused(429, "<html>slow down</html>"), 30.0),
        (refused(429, LIMITED, {"Retry-After": "soon"}), 30.0),
    ],
)
def test_slack_is_not_asked_again_before_its_time(error, wait_s):
    now = [100.0]
    client = FakeClient(error, {"url": "wss://new"})
    urls = SocketUrls(client, "xapp-1", lambda: now[0])
    for _ in range(3):
        with pytest.raises(NotYet) as raised:
            urls.new()
        assert raised.value.wait_s == wait_s
    assert client.calls == 1
    now[0] += wait_s
    assert urls.new() == "wss://new"


@pytest.mark.parametrize("error", [refused(500, "<html>oops</html>"), refused(200, {"ok": False, "error": "other"})])
def test_other_refusals_are_the_callers_matter(error):
    with pytest.raises(SlackApiError):
        SocketUrls(FakeClient(error), "xapp-1").new()
