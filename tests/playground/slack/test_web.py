"""The tests of how calls come in and how they are answered."""

import json
import urllib.error
import urllib.request

import pytest

from playground.slack import Fault, Options, SlackStandIn
from tests.playground.slack.conftest import client_of, error_of


def raw(url, *, data=None, headers=None):
    request = urllib.request.Request(url, data=data, headers=headers or {})
    with urllib.request.urlopen(request, timeout=5) as answer:
        return json.loads(answer.read())


def bearer(slack):
    return {"Authorization": f"Bearer {slack.bot_token}"}


def test_the_bots_token_is_known(web):
    answer = web.auth_test()
    assert (answer["user_id"], answer["bot_id"], answer["team_id"]) == ("U0BELLHOP", "B0BELLHOP", "T0BELLHOP")
    assert "chat:write" in answer.headers["x-oauth-scopes"]


@pytest.mark.parametrize(("token", "error"), [("xoxb-wrong", "invalid_auth"), ("", "not_authed")])
def test_a_wrong_or_missing_token_is_refused(slack, token, error):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    assert raw(slack.api_url + "auth.test", data=b"", headers=headers) == {"ok": False, "error": error}


def test_each_kind_of_token_opens_its_own_doors(slack, web):
    assert error_of(web.apps_connections_open, app_token=slack.bot_token)[0] == "not_allowed_token_type"
    app = client_of(slack, slack.app_token)
    assert error_of(app.chat_postMessage, channel="C0HELP", text="x")[0] == "not_allowed_token_type"


def test_a_missing_scope_is_named():
    slack = SlackStandIn(options=Options(scopes=("app_mentions:read",)))
    with slack.serve():
        error, answer = error_of(client_of(slack).chat_postMessage, channel="C0HELP", text="x")
    assert (error, answer["needed"], answer["provided"]) == ("missing_scope", "chat:write", "app_mentions:read")


def test_an_unknown_method_is_told_as_such(web):
    assert error_of(web.api_call, "chat.sing")[0] == "unknown_method"


def test_arguments_may_come_in_the_query_the_form_or_json(slack):
    post = slack.api_url + "chat.postMessage"
    query = "?channel=C0HELP&text=query"
    form = {**bearer(slack), "Content-Type": "application/x-www-form-urlencoded"}
    as_json = {**bearer(slack), "Content-Type": "application/json; charset=utf-8"}
    assert raw(post + query, headers=bearer(slack))["message"]["text"] == "query"
    assert raw(post, data=b"channel=C0HELP&text=form", headers=form)["message"]["text"] == "form"
    body = json.dumps({"channel": "C0HELP", "text": "json", "no_such_argument": 1}).encode()
    assert raw(post, data=body, headers=as_json)["message"]["text"] == "json"


def test_reading_methods_do_not_see_arguments_in_json(slack):
    ts = slack.say("U0ANNA", "C0HELP", "hello")
    body = json.dumps({"channel": "C0HELP", "ts": ts}).encode()
    headers = {**bearer(slack), "Content-Type": "application/json; charset=utf-8"}
    answer = raw(slack.api_url + "conversations.replies", data=body, headers=headers)
    assert answer["error"] == "invalid_arguments"
    assert "[ERROR] missing required field: channel" in answer["response_metadata"]["messages"]
    assert raw(slack.api_url + f"conversations.replies?channel=C0HELP&ts={ts}", headers=bearer(slack))["ok"]


def test_a_token_is_not_taken_from_json(slack):
    body = json.dumps({"token": slack.bot_token}).encode()
    answer = raw(slack.api_url + "auth.test", data=body, headers={"Content-Type": "application/json"})
    assert answer["error"] == "not_authed"


@pytest.mark.parametrize(("body", "error"), [(b"{broken", "invalid_json"), (b"[]", "json_not_object")])
def test_broken_json_is_told_as_such(slack, body, error):
    headers = {**bearer(slack), "Content-Type": "application/json"}
    assert raw(slack.api_url + "chat.postMessage", data=body, headers=headers)["error"] == error


def test_json_without_a_charset_gets_a_warning(slack):
    headers = {**bearer(slack), "Content-Type": "application/json"}
    body = json.dumps({"channel": "C0HELP", "text": "x"}).encode()
    assert raw(slack.api_url + "chat.postMessage", data=body, headers=headers)["warning"] == "missing_charset"


def test_every_call_is_noted_without_its_token(slack, web):
    web.chat_postMessage(channel="C0HELP", text="noted")
    (record,) = slack.calls.of("chat.postMessage")
    assert (record.status, record.error, record.args["text"]) == (200, None, "noted")
    assert slack.bot_token not in json.dumps(dict(record.args))


def test_a_server_error_is_a_page_and_changes_nothing(slack, web):
    slack.fault("chat.postMessage", Fault("server_error"))
    with pytest.raises(urllib.error.HTTPError) as caught:
        raw(slack.api_url + "chat.postMessage?channel=C0HELP&text=x", headers=bearer(slack))
    assert caught.value.code == 500
    assert caught.value.read().startswith(b"<!DOCTYPE html>")
    caught.value.close()
    assert slack.messages("C0HELP") == []


@pytest.mark.parametrize(("kind", "posted"), [("lost", 1), ("drop", 0), ("hang", 0), ("hang_applied", 1)])
def test_a_broken_connection_may_hide_that_the_call_was_done(slack, web, kind, posted):
    slack.fault("chat.postMessage", Fault(kind, seconds=0.05))
    with pytest.raises((ConnectionError, urllib.error.URLError)):
        web.chat_postMessage(channel="C0HELP", text="perhaps")
    assert len(slack.messages("C0HELP")) == posted
    web.chat_postMessage(channel="C0HELP", text="after the trouble")


def test_a_plan_decides_about_each_call(slack, web):
    slack.plan_faults(lambda method, args: Fault("error", error="fatal_error") if args.get("text") == "bad" else None)
    web.chat_postMessage(channel="C0HELP", text="good")
    assert error_of(web.chat_postMessage, channel="C0HELP", text="bad")[0] == "fatal_error"
    slack.clear_faults()
    web.chat_postMessage(channel="C0HELP", text="bad")


def test_a_slow_answer_comes_in_the_end(slack, web):
    slack.fault("auth.test", Fault("slow", seconds=0.05))
    assert web.auth_test()["ok"]
