"""A form and a program in a real browser: the bot's page in a frame, a response as it comes, a signed receipt."""

import json
import re

import pytest


@pytest.fixture
def program(page):
    page.find("#tab-program").click()
    return page


def test_the_real_form_stands_in_a_frame_and_is_answered_there(page):
    page.find("#tab-form").click()
    page.wait(lambda: page.find("#form-frame").get_attribute("src").endswith("/forms/feedback"))
    page.browser.switch_to.frame("form-frame")
    try:
        page.wait(lambda: page.all("[name=Name]"))[0].send_keys("Ada")
        page.find("[value=bug]").click()
        page.find("[name=Message]").send_keys("The third lamp is broken.")
        page.find("button[type=submit]").click()
        page.wait(lambda: [one.text for one in page.all(".status")] == ["Answered"])
        assert "lamp" in page.find(".answer").text
    finally:
        page.browser.switch_to.default_content()
    page.wait(lambda: page.receipt_row("Tell us what went wrong", "answered"))


def test_a_programs_response_streams_and_its_receipt_is_called_back_signed(program):
    body = program.find("#request-body")
    body.clear()
    body.send_keys(json.dumps({"text": "Write a small Python program about lamps, please"}))
    assert "text/event-stream" in program.find("#request-curl").text
    program.find("#request button[type=submit]").click()
    response = program.find("#response")
    program.wait(lambda: "event: delta" in response.text)
    assert "event: done" not in response.text
    program.wait(lambda: "event: done" in response.text)
    assert response.text.startswith("HTTP/1.1 200 OK\ncontent-type: text/event-stream")
    told = "".join(json.loads(one)["text"] for one in re.findall(r'event: delta\ndata: (\{"text.*)', response.text))
    program.wait(lambda: "Signature genuine, answered" in program.find("#callbacks").text)
    assert told.split("\n")[0] in program.find("#callbacks").text


def test_a_program_may_wait_or_come_back_later(program):
    for way, words in (("wait", "preference-applied: wait=30"), ("later", "HTTP/1.1 202 Accepted")):
        program.find(f'[name=way][value="{way}"]').click()
        program.find("#request button[type=submit]").click()
        program.wait(lambda words=words: words in program.find("#response").text)
    program.wait(lambda: '"status_url":"http://127.0.0.1' in program.find("#response").text)
    program.find('[name=way][value="stream"]').click()


def test_what_is_no_json_is_answered_as_the_bot_answers_it(program):
    body = program.find("#request-body")
    body.clear()
    body.send_keys("{")
    program.find("#request button[type=submit]").click()
    program.wait(lambda: program.find("#response").text.startswith("HTTP/1.1 400"))
    program.complaints.clear()
