"""The page in a real browser: what one does there reaches the real bot, and what the bot says stands there, exact."""

import json
import re
import time
import urllib.error
import urllib.request

import pytest
from selenium.webdriver.common.keys import Keys

from playground.claude import Fault
from playground.stage.sheet import FIVE_ROWS

WATCH = """
window.seen = [];
new MutationObserver(() => {
  const code = document.querySelectorAll('.from-bot pre code');
  if (code.length) window.seen.push(code[code.length - 1].textContent);
}).observe(document.getElementById('messages'), {childList: true, subtree: true, characterData: true});
"""


@pytest.fixture
def chat(page):
    """The chat in front, in #general, as Anna."""
    page.find("#tab-chat").click()
    page.find('input[value="U0ANNA"]').click()
    page.find('[data-channel="C0GENERAL"]').click()
    return page


def test_an_answer_streams_and_ends_exact(chat):
    chat.js(WATCH)
    chat.send("@bellhop write Python code about apples")
    chat.wait(lambda: chat.settled("about apples"))
    answer = chat.answers(chat.root("about apples"))[0]
    chat.wait(lambda: not chat.all(".body.streaming"))
    code = answer.visible.split("```python\n")[1].split("\n```")[0]
    shown = chat.wait(lambda: chat.js("return window.seen").count(code) and chat.js("return window.seen"))
    grown = [text for at, text in enumerate(shown) if at == 0 or text != shown[at - 1]]
    assert len(grown) >= 2
    assert all(code.startswith(text.rstrip()) for text in grown)
    assert [text for text in grown if text == code] == [code]


def test_a_second_person_goes_on_in_the_thread_without_a_mention(chat):
    chat.send("@bellhop how many pears are in 3 boxes?")
    chat.wait(lambda: chat.settled("how many pears"))
    chat.find('input[value="U0BEN"]').click()
    root = chat.root("how many pears")
    thread = f'//article[@data-ts="{root}"]/following-sibling::div[1]//button[contains(@class, "reply")]'
    chat.wait(lambda: chat.browser.find_elements("xpath", thread))[0].click()
    chat.send("and what did we ask before?")
    chat.wait(lambda: len(chat.answers(root)) == 2 and chat.settled("what did we ask"))
    said = chat.stage.slack.thread("C0GENERAL", root)
    assert [one.user for one in said] == ["U0BELLHOP", "U0BEN", "U0BELLHOP"]


def test_without_a_mention_the_page_says_that_nobody_is_asked(chat):
    chat.find("#text").send_keys("hello all")
    assert "nobody is asked" in chat.find("#hint").text
    chat.find("#text").clear()


def test_stop_ends_an_answer_and_the_thumb_is_noted(chat):
    chat.send("@bellhop tell me in detail about plums")
    chat.wait(lambda: chat.all('[data-action="bellhop_stop"]'))[-1].click()
    chat.wait(lambda: chat.settled("about plums"), timeout_s=10)
    chat.wait(lambda: not chat.all('[data-action="bellhop_stop"]'))
    message = chat.answers(chat.root("about plums"))[0]
    assert 0 < len(message.visible) < 3_000
    chat.send("@bellhop what is 17 * 3?")
    chat.wait(lambda: chat.settled("17 * 3"))
    root = chat.root("17 * 3")
    thumb = f'//article[@data-ts="{root}"]/following-sibling::div[1]//button[@data-action="bellhop_feedback_up"]'
    chat.wait(lambda: chat.browser.find_elements("xpath", thumb))[0].click()
    chat.wait(lambda: chat.receipts("17 * 3")[0].feedback == "up")


def test_a_file_attached_to_a_message_is_read(chat, tmp_path):
    path = tmp_path / "quinces.txt"
    path.write_text("Nine quinces cost 41 euros.\n")
    chat.find("#chat-file").send_keys(str(path))
    chat.send("@bellhop what does this file say about quinces?")
    chat.wait(lambda: chat.settled("about quinces"))
    answer = chat.answers(chat.root("about quinces"))[0]
    chat.wait(lambda: "41" in answer.visible)


def test_a_file_dropped_on_the_chat_goes_along_with_the_next_message(chat):
    chat.js(
        "const data = new DataTransfer(); data.items.add(new File(['Six sloes cost 3 euros.'], 'sloes.txt'));"
        "document.getElementById('chat').dispatchEvent("
        "new DragEvent('drop', {bubbles: true, cancelable: true, dataTransfer: data}));"
    )
    assert "sloes.txt" in chat.find("#attached").text
    chat.send("@bellhop what do sloes cost?")
    chat.wait(lambda: chat.settled("do sloes cost"))
    assert "Six sloes cost 3 euros" in chat.answers(chat.root("do sloes cost"))[0].visible


def test_a_dropped_file_is_answered_beside_it(page):
    page.find("#tab-folder").click()
    page.js(
        "const data = new DataTransfer(); data.items.add(new File(['Seven figs cost 12 euros.'], 'figs.txt'));"
        "document.getElementById('folder').dispatchEvent("
        "new DragEvent('drop', {bubbles: true, cancelable: true, dataTransfer: data}));"
    )
    page.wait(lambda: "Seven figs cost 12 euros" in page.find("#answer").text)
    assert page.find("#answer h2").text == "figs.txt"
    assert page.receipts("figs.txt")[0].state == "answered"


def test_the_sample_is_one_click_away(page):
    page.find('[data-try="drop"]').click()
    page.wait(lambda: "2026-1147" in page.find("#answer").text)


def test_kill_and_restart_loses_nothing(chat):
    pid = chat.stage.bot.pid
    assert chat.make_trouble("kill").endswith("Healed: one answer came whole, word for word in its own place.")
    assert chat.stage.bot.pid not in {0, pid}
    receipt = chat.wait(lambda: chat.receipts("counts the guests"))[-1]
    assert receipt.state == "answered"
    answers = chat.answers(chat.stage.slack.messages("C0GENERAL")[-1].root_ts)
    assert len(answers) == 1
    assert answers[0].visible == chat.stage.ledger.answer_text(receipt.id)


@pytest.mark.parametrize("name", ["claude_busy", "claude_cut", "claude_lost", "slack_busy", "slack_lost"])
def test_a_trouble_is_called_healed_when_its_answer_is_whole(chat, name):
    text = chat.make_trouble(name)
    assert ": healed" in text
    assert "Healed: one answer came whole" in text


@pytest.mark.parametrize("name", ["sheet_busy", "sheet_lost"])
def test_a_trouble_of_the_sheet_is_called_healed_when_the_row_holds_its_own_answer(page, name):
    text = page.make_trouble(name)
    assert ": healed" in text
    row = [row for row in page.rows() if row[0] == FIVE_ROWS[0]][-1]
    assert str(row[3]) == "12"
    assert row[-1].startswith("done")


def test_what_a_trouble_does_is_in_sight_whichever_button_ordered_it(page):
    size = {"width": 1200, "height": 500, "deviceScaleFactor": 1, "mobile": False}
    page.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        page.make_trouble("sheet_lost")  # the last button of the panel
        page.find("#open-trouble").click()
        assert page.js("return document.querySelector('#happened > li').getBoundingClientRect().top >= 0")
        page.find('[data-trouble="sheet_lost"]').click()
        page.wait(
            lambda: page.js("return document.querySelectorAll('#happened > :not(.healed, .failed, .over)').length")
        )
        page.wait(lambda: page.js("return document.querySelector('#happened > li').getBoundingClientRect().top >= 0"))
        page.find("#close-trouble").click()
    finally:
        page.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {**size, "height": 900})


def test_a_trouble_is_called_failed_when_the_answer_failed_and_says_why(chat):
    refusal = Fault("status", status=403, message="No.")
    chat.stage.claude.fault(refusal, where=lambda body: "<already_shown" in json.dumps(body))
    text = chat.make_trouble("claude_cut")
    assert "Cut the stream: failed" in text
    assert "Failed: " in text
    assert "healed" not in text.lower()


def test_after_a_failure_retry_asks_again(chat):
    chat.stage.claude.fault(Fault("status", status=403, message="No."), where=lambda body: "about medlars" in str(body))
    before = len(chat.all('[data-action="bellhop_retry"]'))
    chat.send("@bellhop write Python code about medlars")
    chat.wait(lambda: chat.receipts("about medlars") and chat.receipts("about medlars")[0].state == "failed")
    chat.wait(lambda: len(chat.all('[data-action="bellhop_retry"]')) > before)
    chat.all('[data-action="bellhop_retry"]')[-1].click()
    chat.wait(lambda: chat.receipts("about medlars")[0].state == "answered")
    answer = chat.answers(chat.root("about medlars"))[-1]
    assert answer.visible == chat.stage.ledger.answer_text(chat.receipts("about medlars")[0].id)


def test_the_lines_of_a_door_are_copied_on_a_click(page):
    page.find("#open-connect").click()
    button = page.find("#connect-sheet [data-copy]")
    button.click()
    page.wait(lambda: button.text in {"Copied", "Press Ctrl-C"})
    text = page.find("#connect").text
    assert all(
        words in text for words in ("client_email", "GOOGLE_SERVICE_ACCOUNT_FILE=", "SHEET_ID=", "Question", "Answer")
    )
    page.find("#connect").send_keys(Keys.ESCAPE)


def test_the_tabs_turn_by_arrow_keys(page):
    page.find("#tab-chat").click()
    page.find("#tab-chat").send_keys(Keys.ARROW_LEFT)
    assert page.js("return document.activeElement.id") == "tab-schedule"
    assert page.find("#schedule").is_displayed()
    page.find("#tab-schedule").send_keys(Keys.ARROW_RIGHT)
    assert page.find("#chat").is_displayed()


def test_every_control_has_a_name(page):
    nameless = page.js(
        "return [...document.querySelectorAll('button, input, textarea, a, dialog, [role=tab]')].filter((one) =>"
        "!(one.textContent.trim() || one.getAttribute('aria-label') || one.getAttribute('aria-labelledby') ||"
        "(one.labels && [...one.labels].some((label) => label.textContent.trim())))).map((one) => one.outerHTML)"
    )
    assert nameless == []


def test_what_connecting_takes_is_told_on_the_page(page):
    page.find("#open-connect").click()
    text = page.find("#connect").text
    assert all(name in text for name in ("ANTHROPIC_API_KEY=", "SLACK_BOT_TOKEN=", "SLACK_APP_TOKEN=", "WATCH_FOLDER="))
    page.find("#connect").send_keys(Keys.ESCAPE)
    assert not page.find("#connect").is_displayed()


def test_a_banner_says_that_a_stand_in_answers(page):
    assert "stand-in answers here, not Claude" in page.find(".banner").text


def test_the_receipts_show_time_tokens_and_cost(page):
    page.stage.slack.say("U0ANNA", "C0HELP", "@bellhop what is 6 * 7?")
    text = page.wait(lambda: page.receipt_row("6 * 7", "answered"))
    assert re.search(r"received\s+working\s+answered \d+\.\d s\s+[\d,]+ tokens\s+\$0\.\d{4}", text)


def test_a_step_that_is_not_reached_is_not_said_to_a_screen_reader(page):
    page.stage.slack.say("U0ANNA", "C0HELP", "@bellhop write Python code about cherries")
    text = page.wait(lambda: page.receipt_row("about cherries", "working"))
    assert "received" in text
    assert "answered" not in text
    page.wait(lambda: page.receipt_row("about cherries", "answered"))


def test_what_people_write_is_never_markup(chat):
    chat.send('<img src=x onerror="window.hurt=1"> **bold** [x](javascript:window.hurt=2)')
    message = chat.wait(lambda: [one for one in chat.all(".message") if "onerror" in one.text])[-1]
    assert message.find_elements("css selector", ".body img, .body a") == []
    assert chat.js("return window.hurt") is None


def test_markdown_is_drawn_as_it_is_meant(page):
    html = page.browser.execute_async_script(
        "const done = arguments[arguments.length - 1];"
        "import('/static/markdown.js').then(({markdown}) => {"
        "const box = document.createElement('div'); box.append(markdown(arguments[0])); done(box.innerHTML); });",
        "# Top\n\nA **b** `c<d>` [e](https://example.com/f)\n\n| g | h |\n|---|---|\n| 1 | 2 |\n\n"
        "- i\n  - j\n- k\n\n```py\nl",
    )
    assert "<h3" in html
    assert "<strong>b</strong>" in html
    assert "<code>c&lt;d&gt;</code>" in html
    assert 'href="https://example.com/f"' in html
    assert "(example.com)" in html
    assert "<th>g</th><th>h</th>" in html
    assert "<td>1</td><td>2</td>" in html
    assert "<li>i<ul><li>j</li></ul></li><li>k</li>" in html
    assert html.endswith("<code>l</code></pre>")


def test_the_page_fits_a_phone(page):
    size = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}
    page.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        time.sleep(0.2)
        assert page.js("return document.documentElement.scrollWidth") <= 390
    finally:
        wide = {"width": 1200, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        page.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", wide)


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://evil.example"}, {"Host": "evil.example"}, {"Sec-Fetch-Site": "cross-site"}]
)
@pytest.mark.parametrize("path", ["", "live", "static/main.js", "act/trouble"])
def test_another_page_is_refused_everywhere(page, path, headers):
    token = page.find('meta[name="playground-token"]').get_attribute("content")
    data = b'{"name": "kill"}' if path.startswith("act") else None
    request = urllib.request.Request(page.url + path, data, {**headers, "X-Playground-Token": token})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=5)
    assert refused.value.code == 403


def test_without_the_token_nothing_is_done(page):
    starts, pid = page.stage.bot.starts, page.stage.bot.pid
    request = urllib.request.Request(page.url + "act/trouble", b'{"name": "kill"}')
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=5)
    assert refused.value.code == 403
    assert (page.stage.bot.starts, page.stage.bot.pid) == (starts, pid)


def test_the_page_asks_a_browser_for_strictness(page):
    with urllib.request.urlopen(page.url, timeout=5) as answer:
        policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_the_clock_is_turned_to_the_report_which_is_posted_and_can_be_asked_about(page):
    def thread():
        return [one for one in page.stage.slack.messages("C0GENERAL") if one.root_ts == report.ts]

    page.find("#tab-schedule").click()
    assert page.find("#clock-rule").text == "every weekday (Monday to Friday) at 08:00, Europe/Berlin"
    page.find("[data-turn=report]").click()
    page.wait(lambda: page.find("#clock-time").text.startswith("08:00:"))
    page.wait(lambda: page.all("#receipts [data-event^='schedule:report:'][data-state=answered]"))
    (report,) = [one for one in page.stage.slack.messages("C0GENERAL") if "morning report" in one.visible]
    asked = page.stage.slack.say("U0BEN", "C0GENERAL", "and what is urgent?", report.ts)
    page.wait(lambda: [one for one in thread() if float(one.ts) > float(asked)])
    page.find("#to-general").click()
    assert page.find("#chat").is_displayed()
