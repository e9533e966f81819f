"""POST /hooks/<hook> over real sockets: each way of asking, each status, and nothing twice."""

import asyncio
import json
from typing import Any

import pytest

from bot.doors.webhook.delivery_store import DeliveryStore
from bot.doors.webhook.rule import WebhookRule
from bot.errors import Refused, TryAgain
from bot.rules.rule import Rule
from tests.bot.engines import throwaway_database, until
from tests.triggers.webhook.rig import ASK, BEARER, SECRET, events_of, site, told
from triggers.webhook.hooks import wanted_wait_s

pytestmark = pytest.mark.anyio


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'bot.db'}"


async def test_a_question_is_durable_before_it_is_acknowledged_and_its_receipt_is_looked_at_with_its_key(url):
    async with site(url) as web:
        web.claude.go.clear()
        answer = await web.ask()
        assert answer.status_code == 202
        accepted = answer.json()
        assert set(accepted) == {"id", "state", "status_url"}
        assert accepted["state"] == "received"
        assert answer.headers["location"] == accepted["status_url"]
        assert accepted["status_url"].startswith(f"/events/{accepted['id']}?key=")
        open_now = (await web.client.get(accepted["status_url"])).json()
        assert (open_now["id"], open_now["answer"]) == (accepted["id"], None)
        web.claude.go.set()
        receipt = await web.until_over(accepted["id"])
        assert receipt["state"] == "answered"
        assert receipt["answer"] == {"text": "Because it is.", "values": None, "notes": [], "sources": []}
        assert (receipt["source"], receipt["rule"], receipt["attempts"]) == ("webhook", "ask", 1)
        assert receipt["usage"]["input_tokens"] == 10
        assert {"person", "conversation"}.isdisjoint(receipt)


async def test_whoever_prefers_to_wait_gets_the_receipt_itself(url):
    async with site(url) as web:
        answer = await web.ask(prefer="wait=20")
        assert (answer.status_code, answer.json()["answer"]["text"]) == (200, "Because it is.")
        assert answer.headers["preference-applied"] == "wait=20"
        web.claude.go.clear()
        answer = await web.ask(prefer="wait=0")
        assert answer.status_code == 202


async def test_what_a_caller_prefers_and_accepts_may_stand_on_several_lines(url):
    lines = [*BEARER.items(), ("Prefer", "respond-async"), ("Prefer", "wait=20"), ("Accept", "application/json")]
    async with site(url) as web:
        answer = await web.post("ask", json={"text": "Why?"}, headers=lines)
        assert (answer.status_code, answer.headers["preference-applied"]) == (200, "wait=20")
        answer = await web.post("ask", json={"text": "Why?"}, headers=[*lines, ("Accept", "text/event-stream")])
        assert answer.headers["content-type"].startswith("text/event-stream")


@pytest.mark.parametrize(
    ("prefer", "wait_s"),
    [
        ("wait=5", 5), ('respond-async, WAIT = "7"', 7), ("wait=60", 60), ("wait=61", 60), ("wait=99999999", 60),
        (f"wait={'9' * 5_000}", 60), ("wait=0", 0), ("", 3), ("wait=-1", 3), ("wait=1.5", 3),
        ("await=5", 3), ("wait", 3),
    ],
)  # fmt: skip
def test_whoever_prefers_to_wait_longer_than_a_minute_waits_a_minute(prefer, wait_s):
    assert wanted_wait_s(prefer, 3.0) == wait_s


async def test_no_address_leads_on_to_another_host(url):
    async with site(url, public_url="https://bot.example/below") as web:
        for path in ("/hooks/ask/", "/health/", "/docs/"):
            assert (await web.client.get(path, headers={"Host": "evil.example"})).status_code == 404
        absolute = "POST http://other.example/hooks/ask HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        reader, writer = await asyncio.open_connection("127.0.0.1", int(web.base.rpartition(":")[2]))
        writer.write(f"{absolute}Authorization: Bearer {SECRET}\r\nContent-Length: 3\r\n".encode())
        writer.write(b"Content-Type: text/plain\r\n\r\nWhy")
        assert (await reader.read()).startswith(b"HTTP/1.1 202 ")
        writer.close()


async def test_a_rule_may_say_how_long_is_waited(url):
    patient = Rule(name="p", on="webhook", options=WebhookRule(hook="ask", wait_s=20.0))
    async with site(url, patient) as web:
        assert (await web.ask()).status_code == 200


async def test_the_text_streams_as_it_grows(url):
    async with site(url) as web:
        web.claude.pace_s = 0.05
        events = await web.follow("/hooks/ask", "POST", json={"text": "Why?"}, headers=BEARER)
        kinds = [event for _, event, _ in events]
        assert kinds[0] == "accepted"
        assert kinds[-1] == "done"
        assert set(kinds[1:-1]) == {"delta"}
        assert set(json.loads(events[0][2])) == {"id", "status_url"}
        assert told(events) == "Because it is." == json.loads(events[-1][2])["answer"]["text"]
        assert all(event_id for event_id, _, _ in events)


async def test_a_late_onlooker_gets_it_all_and_one_who_comes_back_goes_on_where_it_was(url):
    async with site(url) as web:
        web.claude.finish.clear()
        accepted = (await web.ask()).json()
        one = asyncio.create_task(web.follow(accepted["status_url"]))
        await asyncio.sleep(0.3)
        two = asyncio.create_task(web.follow(accepted["status_url"]))
        await asyncio.sleep(0.1)
        web.claude.finish.set()
        assert told(await one) == told(await two) == "Because it is."
        last = next(event_id for event_id, event, _ in await one if event == "delta")
        again = await web.follow(accepted["status_url"], headers={"Last-Event-ID": last})
        assert told(await one)[: int(last.partition("-")[0])] + told(again) == "Because it is."
        after_all = await web.client.get(
            accepted["status_url"], headers={"Accept": "text/event-stream", "Last-Event-ID": "end"}
        )
        assert after_all.status_code == 204


async def test_a_beginning_that_is_replaced_is_said(url):
    async with site(url) as web:
        web.claude.steps, web.claude.stops_at = ["It was", "It was red", "Bl", "Blue."], "It was red"
        web.claude.finish.clear()
        headers, events = {**BEARER, "Accept": "text/event-stream"}, list[tuple[str, str, str]]()
        async with web.client.stream("POST", "/hooks/ask", json={"text": "Which?"}, headers=headers) as answer:
            async for event in events_of(answer):
                events.append(event)
                if told(events) == "It was red":
                    web.claude.step.set()
                if told(events) == "Blue.":
                    web.claude.finish.set()
        assert "reset" in [event for _, event, _ in events]


async def test_going_away_does_not_stop_the_work_and_asking_for_it_does(url):
    async with site(url) as web:
        web.claude.finish.clear()
        accepted = (await web.ask()).json()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await web.follow(accepted["status_url"])
        assert (await web.client.get(accepted["status_url"])).json()["state"] == "working"
        stopped = await web.client.delete(accepted["status_url"])
        assert stopped.status_code == 202
        receipt = await web.until_over(accepted["id"])
        assert receipt["finished_at"]
        assert (await web.client.delete(accepted["status_url"])).status_code == 200


async def test_whoever_watches_or_waits_is_let_go_when_the_process_ends(url):
    async with site(url) as web:
        web.claude.finish.clear()
        accepted = (await web.ask()).json()
        watching = asyncio.create_task(web.follow(accepted["status_url"]))
        waiting = asyncio.create_task(web.ask(prefer="wait=60"))
        await until(lambda: web.looks() == 2)
        web.let_go()
        assert "done" not in [event for _, event, _ in await watching]
        assert (await waiting).status_code == 202


async def test_only_the_key_of_an_event_opens_it(url):
    async with site(url, web_token="operator") as web:
        one, two = (await web.ask()).json(), (await web.ask()).json()
        other_key = two["status_url"].partition("=")[2]
        for bad in ("", "?key=", "?key=x", f"?key={other_key}", "?key=%00%ff"):
            for method in ("GET", "DELETE"):
                answer = await web.client.request(method, f"/events/{one['id']}{bad}")
                assert (answer.status_code, list(answer.json())) == (401, ["error"])
        by_operator = await web.client.get(f"/events/{one['id']}", headers={"Authorization": "Bearer operator"})
        assert by_operator.status_code == 200
        unknown = await web.client.get("/events/none", headers={"Authorization": "Bearer operator"})
        assert unknown.status_code == 404


async def test_the_same_id_is_the_same_event_and_with_another_body_it_is_refused(url):
    async with site(url) as web:
        first = await web.ask("Why?", idempotency_key="k1", prefer="wait=20")
        again = await web.ask("Why?", idempotency_key="k1")
        other = await web.ask("How?", idempotency_key="k1")
        assert (first.status_code, again.status_code, other.status_code) == (200, 200, 409)
        assert first.json() == again.json()
        assert len(web.claude.asks) == 1
        assert (await web.ask("Why?")).status_code == 202, "without an id it is another question"


async def test_a_thousand_replays_at_once_are_one_run_also_after_a_restart(url):
    async with site(url, Rule(name="a", on="webhook", options=WebhookRule(hook="ask", rate_per_minute=10**6))) as web:
        answers = await asyncio.gather(*(web.ask(idempotency_key="k") for _ in range(200)))
        assert {answer.status_code for answer in answers} <= {200, 202}
        event_id = answers[0].json()["id"]
        assert {answer.json()["id"] for answer in answers} == {event_id}
        await web.until_over(event_id)
        assert len(web.claude.asks) == 1
    async with site(url) as web:
        assert (await web.ask(idempotency_key="k")).status_code == 200
        assert web.claude.asks == []


async def test_files_come_along_and_are_read(url):
    async with site(url) as web:
        files = [("f", ("a.txt", b"All facts.")), ("f", ("../../b.txt", b"More facts."))]
        answer = await web.post("ask", data={"text": "Sum up"}, files=files, headers={**BEARER, "Prefer": "wait=20"})
        assert answer.status_code == 200
        said = str(web.claude.asks[0].messages[-1]["content"])
        assert "All facts." in said
        assert "More facts." in said
        assert "Sum up" in said


@pytest.mark.parametrize("store", ["sqlite", "postgres"])
async def test_what_no_database_keeps_is_kept_without_it_wherever_it_stands(store, tmp_path):
    nul = {"text": "a\0b", "conversation": "c\0", "subject": "s\0", "k\0": "v\0"}
    bodies: list[dict[str, Any]] = [
        {"json": {**nul, "files": [{"name": "a\0.txt", "data": "aGk="}]}},
        {"json": {"text": "x", "files": [{"name": "\0\r\n", "data": "aGk="}]}},
        {
            "content": PART + b'--b\r\nContent-Disposition: form-data; name="f"; filename="a\0\x1b"\r\n\r\nhi\r\n--b--',
            "headers": {"Content-Type": "multipart/form-data; boundary=b"},
        },
    ]
    with throwaway_database(store, tmp_path) as url:
        async with site(url) as web:
            for body in bodies:
                headers = {**BEARER, "Prefer": "wait=20", **body.pop("headers", {})}
                answer = await web.post("ask", headers=headers, **body)
                assert (answer.status_code, answer.json().get("state")) == (200, "answered"), body
                event = web.engine.receipts.event(answer.json()["id"])
                kept = DeliveryStore(web.parts.database).files(answer.json()["id"])
                assert event is not None
                assert [file.name for file in event.attachments] == [file.name for file in kept]
                assert all(file.name.isprintable() for file in kept)


@pytest.mark.parametrize("store", ["sqlite", "postgres"])
async def test_an_id_that_no_event_can_have_is_no_events(store, tmp_path):
    with throwaway_database(store, tmp_path) as url:
        async with site(url, web_token="operator") as web:
            for odd in ("a%00b", "%00", "%ff", "a%0ab", "x" * 5_000):
                for method in ("GET", "DELETE"):
                    answer = await web.client.request(
                        method, f"/events/{odd}", headers={"Authorization": "Bearer operator"}
                    )
                    assert (answer.status_code, list(answer.json())) == (404, ["error"]), odd


@pytest.mark.parametrize("end", [b"--b--", b"--b--\r\n", b"--b--\r\nAnd more"])
async def test_a_whole_form_is_taken_however_it_ends_and_a_files_name_may_be_in_any_letters(url, end):
    file = b'--b\r\nContent-Disposition: form-data; name="f"; filename="\xfc.txt"\r\n\r\n\xff\xfe\r\n'
    async with site(url) as web:
        headers = {**BEARER, "Content-Type": "multipart/form-data; boundary=b; charset=utf-7"}
        answer = await web.post("ask", content=PART + file + end, headers=headers)
        assert answer.status_code == 202
        event = web.engine.receipts.event(answer.json()["id"])
        assert event is not None
        assert (event.text, [one.name for one in event.attachments]) == ("Sum it", ["ü.txt"])


async def test_questions_of_one_conversation_follow_on_each_other(url):
    async with site(url) as web:
        for text in ("Why?", "And why that?"):
            body = {"text": text, "conversation": "c1"}
            assert (await web.post("ask", json=body, headers={**BEARER, "Prefer": "wait=20"})).status_code == 200
        spoken = [(message["role"], message["content"][0]["text"]) for message in web.claude.asks[1].messages]
        assert spoken == [("user", "Why?"), ("assistant", "Because it is."), ("user", "And why that?")]


async def test_the_hook_ask_takes_a_system_prompt_a_model_and_a_length(url):
    async with site(url) as web:
        body = {"text": "Why?", "system": "Be brief.", "model": "claude-haiku-5-5", "max_tokens": 77}
        await web.post("ask", json=body, headers={**BEARER, "Prefer": "wait=20"})
        (ask,) = web.claude.asks
        assert (ask.model, ask.max_tokens) == ("claude-haiku-5-5", 77)
        assert "Be brief." in ask.system


async def test_typed_columns_come_as_values(url):
    typed = Rule(name="t", on="webhook", columns={"Team": ("app", "web"), "Days": "integer"}, options=ASK.options)
    async with site(url, typed) as web:
        web.claude.steps = ['{"Team": "web", "Days": 3}']
        answer = (await web.ask(prefer="wait=20")).json()["answer"]
        assert answer == {
            "text": "Team: web\nDays: 3",
            "values": {"Team": "web", "Days": 3},
            "notes": [],
            "sources": [],
        }


async def test_what_fails_says_why_in_the_receipt_and_in_the_stream(url):
    async with site(url) as web:
        web.claude.fault = "Claude declined."
        receipt = (await web.ask(prefer="wait=20")).json()
        assert (receipt["state"], receipt["reason"], receipt["answer"]) == ("failed", "Claude declined.", None)
        events = await web.follow("/hooks/ask", "POST", json={"text": "Why?"}, headers=BEARER)
        assert [event for _, event, _ in events] == ["accepted", "failed"]
        assert json.loads(events[1][2])["reason"] == "Claude declined."


@pytest.mark.parametrize("store", ["sqlite", "postgres"])
async def test_text_that_grows_in_another_process_is_seen_growing(store, tmp_path):
    with throwaway_database(store, tmp_path) as url:
        async with site(url) as worker, site(url, works=False) as web:
            worker.claude.steps = ["One", "One two"]
            worker.claude.finish.clear()
            headers, events = {**BEARER, "Accept": "text/event-stream"}, list[tuple[str, str, str]]()
            async with web.client.stream("POST", "/hooks/ask", json={"text": "Count"}, headers=headers) as answer:
                async for event in events_of(answer):
                    events.append(event)
                    if told(events) == "One two":
                        worker.claude.finish.set()  # not before it was seen here
            assert [event for _, event, _ in events][-1] == "done"


PART = b'--b\r\nContent-Disposition: form-data; name="text"\r\n\r\nSum it\r\n'
NAMED = PART.replace(b"text", b"te\xfft")
CUT = [PART, PART + b"--b", PART + b'--b\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\n\r\nha', b""]
MULTIPART = "multipart/form-data; boundary=b"
CUT += [PART.replace(b"Sum", b"S\xfcm") + b"--b--\r\n", NAMED + b"--b--"]
"""Multipart that ends too early, or is not UTF-8."""

REFUSED: list[tuple[int, dict[str, Any]]] = [
    (404, {"hook": "none", "json": {"text": "x"}, "headers": BEARER}),
    (401, {"json": {"text": "x"}}),
    (401, {"json": {"text": "x"}, "headers": {"Authorization": "Bearer wrong"}}),
    (401, {"json": {"text": "x"}, "headers": {"Authorization": "Basic wrong"}}),
    (400, {"content": b"{", "headers": {**BEARER, "Content-Type": "application/json"}}),
    (400, {"json": ["text"], "headers": BEARER}),
    (400, {"json": {"text": 5}, "headers": BEARER}),
    (400, {"json": {"text": "x", "max_tokens": 0}, "headers": BEARER}),
    (400, {"json": {"text": "x", "files": [{"name": "a", "data": "?"}]}, "headers": BEARER}),
    (400, {"content": b"--", "headers": {**BEARER, "Content-Type": "multipart/form-data"}}),
    (400, {"content": b"x", "headers": {**BEARER, "Content-Type": "multipart/form-data; boundary=b"}}),
    (400, {"content": b"a=%ff", "headers": {**BEARER, "Content-Type": "application/x-www-form-urlencoded"}}),
    (400, {"content": b"\xff", "headers": {**BEARER, "Content-Type": "text/plain"}}),
    (413, {"content": b"x" * 1_048_577, "headers": {**BEARER, "Content-Type": "text/plain"}}),
    (415, {"content": b"<x/>", "headers": {**BEARER, "Content-Type": "application/xml"}}),
    (415, {"content": b'{"text": "x"}', "headers": {**BEARER, "Content-Type": "application/x-www-form-urlencoded"}}),
    (422, {"json": {"text": " "}, "headers": BEARER}),
    (422, {"json": {"other": "x"}, "headers": BEARER}),
    (422, {"content": b"", "headers": BEARER}),
]
REFUSED += [(400, {"content": cut, "headers": {**BEARER, "Content-Type": MULTIPART}}) for cut in CUT]


async def test_what_cannot_be_served_is_refused_in_one_plain_sentence(url):
    async with site(url) as web:
        for status, refused in REFUSED:
            request = dict(refused)
            answer = await web.post(request.pop("hook", "ask"), **request)
            assert (answer.status_code, list(answer.json())) == (status, ["error"]), request
            assert answer.json()["error"].endswith(".")
        assert (await web.client.get("/hooks/ask")).status_code == 405
        assert web.engine.receipts.newest() == []


async def test_over_the_rate_it_is_said_when_to_come_back_but_what_was_taken_is_found_again(url):
    slow = Rule(name="a", on="webhook", options=WebhookRule(hook="ask", rate_per_minute=2))
    async with site(url, slow) as web:
        answers = [await web.ask(idempotency_key=key) for key in ("1", "2", "3", "1")]
        assert [answer.status_code for answer in answers[:3]] == [202, 202, 429]
        assert 1 <= int(answers[2].headers["retry-after"]) <= 30
        assert answers[3].status_code in (200, 202)


@pytest.mark.full
async def test_a_slow_body_is_cut_over_a_real_socket(url):
    async with site(url) as web:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(web.base.rpartition(":")[2]))
        writer.write(b"POST /hooks/ask HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\nab")
        answer = await asyncio.wait_for(reader.read(), 15)
        assert answer.startswith(b"HTTP/1.1 408 ")
        writer.close()


async def test_what_is_still_being_sent_when_the_process_ends_can_be_sent_again(url):
    async with site(url) as web:
        reader, writer = await web.begin("/hooks/ask", "Content-Type: text/plain", "Content-Length: 9")
        writer.write(b"half")
        web.end()
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
        assert head.startswith(b"HTTP/1.1 503 ")
        assert b"retry-after: 5" in head
        assert list(json.loads(body)) == ["error"]


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data; boundary=b"])
async def test_a_caller_who_reads_nothing_until_all_is_sent_sees_that_it_is_too_large(url, kind):
    async with site(url) as web:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(web.base.rpartition(":")[2]))
        writer.write(f"POST /hooks/ask HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\n".encode())
        writer.write(b"Content-Length: 12000000\r\n\r\n")
        for _ in range(120):
            writer.write(b"x" * 100_000)
            await writer.drain()
        assert (await reader.read()).startswith(b"HTTP/1.1 413 ")
        writer.close()


async def test_who_asks_first_whether_to_send_is_refused_before(url):
    async with site(url) as web:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(web.base.rpartition(":")[2]))
        writer.write(b"POST /hooks/ask HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 12000000\r\n\r\n")
        assert (await reader.read()).startswith(b"HTTP/1.1 413 ")
        writer.close()


async def test_a_process_that_only_serves_hooks_says_what_waits_for_one_that_runs_the_door(url):
    called = WebhookRule(hook="ask", callback="https://x.example", callback_secret_env="CALLER")
    async with site(url) as plain:
        assert plain.trigger.health().without_run == "Listening at /hooks/ask."
    async with site(url, Rule(name="c", on="webhook", options=called)) as calling:
        assert calling.trigger.health().without_run == (
            "Listening at /hooks/ask. Callbacks wait for a process that sends them: "
            "start one with `python -m bot run --role triggers`."
        )


async def test_while_nothing_can_be_stored_the_caller_is_told_to_come_back(url):
    async def full(event, record=None):
        raise TryAgain("The disk is full.")

    async with site(url, emit=full) as web:
        answer = await web.ask()
        assert (answer.status_code, answer.headers["retry-after"], list(answer.json())) == (503, "5", ["error"])


async def test_what_can_never_be_stored_is_no_outage(url):
    async def never(event, record=None):
        raise Refused("It cannot be kept.")

    async with site(url, emit=never) as web:
        answer = await web.ask()
        assert (answer.status_code, answer.json()) == (400, {"error": "It cannot be kept."})
