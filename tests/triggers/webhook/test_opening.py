"""`bot check` of the hooks: secrets, the public address, and where callbacks go; each with what to do."""

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bot.doors.webhook.rule import WebhookRule
from bot.rules.rule import Rule
from bot.settings import load_settings
from playground.serving import serve
from tests.bot.running import free_port
from triggers.webhook.opening import check

pytestmark = pytest.mark.anyio


def rule(**keys):
    return Rule(name="r", on="webhook", options=WebhookRule(hook="ask", **keys))


def settings(**given):
    return load_settings(_env_file=None, port=int(free_port()), **given)


def speaking(words):
    return Starlette(routes=[Route("/health", lambda _: PlainTextResponse(words))])


async def test_a_secret_that_is_not_set_is_named():
    (found,) = await check(settings(), (rule(secret_env=["A", "B"]),))
    assert (found.ok, found.words) == (False, "A and B not set")
    (found,) = await check(settings(a="x", b="y"), (rule(secret_env=["A", "B"], verify="github"),))
    assert (found.ok, found.subject, found.words) == (True, "/hooks/ask", "A and B set, github")


async def test_the_public_address_must_lead_here():
    given = {"webhook_secret": "s"}
    with serve(speaking("ok")) as url:
        assert (await check(settings(public_url=url, **given), (rule(),)))[1].ok
        port = int(url.rpartition(":")[2])
        away = load_settings(_env_file=None, port=port, public_url=f"http://127.0.0.1:{free_port()}", **given)
        found = (await check(away, (rule(),)))[1]
        assert (found.ok, found.words) == (False, "nothing answers there, seen from here")
    with serve(speaking("another program")) as url:
        found = (await check(settings(public_url=url, **given), (rule(),)))[1]
        assert (found.ok, found.words) == (False, "something else answers there")
    found = (await check(settings(public_url=f"http://127.0.0.1:{free_port()}", **given), (rule(),)))[1]
    assert (found.ok, found.words) == (True, "cannot be told while Bellhop does not run")


@pytest.mark.parametrize(
    ("callback", "allow", "ok", "words"),
    [
        ("https://1.1.1.1/in", "", True, "1.1.1.1 can be found"),
        ("https://10.0.0.1/in", "", False, "10.0.0.1 is no public address"),
        ("https://10.0.0.1/in", "10.0.0.0/8", True, "10.0.0.1 can be found"),
        ("https://nowhere.invalid/in", "", False, "nowhere.invalid cannot be found"),
    ],
)
async def test_where_a_callback_goes_is_looked_up(callback, allow, ok, words):
    given = settings(webhook_secret="s", callback_allow=allow)
    found = (await check(given, (rule(callback=callback, callback_secret_env="CB"),)))[1]
    assert (found.ok, found.words) == (ok, words)
    assert bool(found.fix) is not ok
