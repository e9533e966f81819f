"""What somebody wrote and chose stays before their eyes, in a real Chromium, whatever keeps a form from being taken."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.doors.webhook.rule import WebhookRule
from bot.rules.rule import Rule
from tests.triggers.webhook.person import Person, form
from tests.triggers.webhook.rig import site

pytestmark = pytest.mark.anyio
DROP = """
const data = new DataTransfer();
data.items.add(new File(["x"], "dropped.txt"));
const event = new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
document.querySelector(arguments[0]).dispatchEvent(event);
return event.defaultPrevented;
"""
LISTEN = """
const place = document.querySelector(".progress [role=status]");
window.heard = [];
new MutationObserver(() => heard.push(place.textContent)).observe(place, { childList: true, subtree: true });
"""


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/bot.db"


class Writer(Person):
    """Somebody with a form that has a file in it."""

    def begin(self, file: Path, path="/forms/feedback", **more):
        file.write_text("The move is on Friday.")
        self.open(path, **more)
        self.fill()
        self.find("[name=File]").send_keys(str(file))

    def is_complete(self):
        self.wait(lambda: not self.find("button[type=submit]").get_attribute("disabled"))
        assert self.find("[name=Name]").get_attribute("value") == "Ada"
        assert self.find("[name=Message]").get_attribute("value") == "It is broken."
        assert self.find("[value=wish]").is_selected()
        assert self.browser.execute_script("return document.querySelector('[type=file]').files[0].name") == "plan.txt"

    def is_answered(self):
        self.wait(lambda: self.status() == "Answered")
        self.browser.execute_script("document.querySelector('details').open = true")
        assert "plan.txt" in self.text(".sent")


async def test_a_form_that_met_a_proxys_page_or_no_server_stays_and_is_sent_again(url, browser, tmp_path):
    async with site(url, form()) as here:

        def acts():
            person = Writer(browser, here.base)
            person.begin(tmp_path / "plan.txt")
            here.proxy.shut = True
            person.send()
            person.wait(lambda: "It could not be taken just now." in person.text("#alert"))
            assert browser.switch_to.active_element.get_attribute("id") == "alert"
            person.is_complete()
            here.proxy.shut = False
            browser.execute_cdp_cmd("Network.enable", {})
            away = {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}
            browser.execute_cdp_cmd("Network.emulateNetworkConditions", away)
            person.send()
            person.wait(lambda: "The connection broke." in person.text("#alert"))
            browser.execute_cdp_cmd("Network.emulateNetworkConditions", {**away, "offline": False})
            person.is_complete()
            person.send()
            person.is_answered()

        await asyncio.to_thread(acts)


async def test_a_mistake_elsewhere_and_an_old_page_leave_the_chosen_file(url, browser, quiet, tmp_path):
    async with site(url, form()) as here:

        def acts():
            person = Writer(browser, here.base)
            person.begin(tmp_path / "plan.txt")
            person.find("[name=Email]").send_keys("nobody")
            person.send()
            person.wait(lambda: "This is not a mail address." in person.text("#alert"))
            assert person.find("[name=Email]").get_attribute("aria-invalid") == "true"
            assert "chosen again" not in person.text()
            person.is_complete()
            person.find("[name=Email]").clear()
            browser.execute_script("document.querySelector('[name=_token]').value = '1.2.3'")
            person.send()
            person.wait(lambda: "open for very long" in person.text("#alert"))
            assert person.find("[name=Email]").get_attribute("aria-invalid") is None
            person.is_complete()
            person.send()
            person.is_answered()

        await asyncio.to_thread(acts)


async def test_too_many_or_too_large_files_are_told_before_anything_is_sent(url, browser, quiet, tmp_path):
    many = [tmp_path / f"{number}.txt" for number in range(21)]
    for one in many:
        one.write_text("x")
    large = tmp_path / "large.bin"
    large.write_bytes(bytes(10_000_000))
    async with site(url, form()) as here:

        def acts():
            person = Writer(browser, here.base)
            for chosen, words in ((many, "These are 21 files; at most 20"), ([large], "at most 9.9 MB can be sent")):
                person.open("/forms/feedback")
                person.fill()
                person.find("[name=File]").send_keys("\n".join(map(str, chosen)))
                person.send()
                person.wait(lambda words=words: words in person.text("#alert"))
                assert person.find("[name=Message]").get_attribute("value") == "It is broken."

        await asyncio.to_thread(acts)


async def test_a_rule_with_other_fields_since_gives_its_new_form_with_what_fits(url, browser, quiet, tmp_path):
    async with site(url, form()) as here:

        def acts():
            person = Writer(browser, here.base)
            person.begin(tmp_path / "plan.txt")
            browser.execute_script("document.querySelector('[name=Message]').name = 'Words'")
            person.send()
            person.wait(lambda: person.find("[name=Message]").get_attribute("aria-invalid"))
            person.find("[name=Message]").send_keys("It is broken.")
            person.is_complete()
            person.send()
            person.is_answered()

        await asyncio.to_thread(acts)


async def test_without_scripts_the_files_to_choose_again_are_named(url, browser, quiet, tmp_path):
    async with site(url, form()) as here:

        def acts():
            person = Writer(browser, here.base)
            person.begin(tmp_path / "plan.txt", scripts=False)
            person.find("[name=Email]").send_keys("nobody")
            person.send()
            person.wait(lambda: "Please choose again: plan.txt" in person.text("form"))
            assert person.find("[name=Message]").get_attribute("value") == "It is broken."
            browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})

        await asyncio.to_thread(acts)


async def test_the_progress_of_a_file_is_read_aloud_at_its_turns_alone(url, browser, tmp_path):
    (tmp_path / "plan.txt").write_bytes(bytes(5_000_000))
    async with site(url, form()) as here:

        def acts():
            person = Person(browser, here.base)
            person.open("/forms/feedback")
            person.find("[name=File]").send_keys(str(tmp_path / "plan.txt"))
            browser.execute_script(LISTEN)
            here.proxy.shut = True
            person.send()
            person.wait(lambda: "It could not be taken just now." in person.text("#alert"))
            assert set(browser.execute_script("return heard")) <= {"Sending", "Sent, one moment", ""}
            assert len(browser.execute_script("return heard")) <= 3

        await asyncio.to_thread(acts)


async def test_a_file_dropped_beside_its_place_opens_nothing(url, browser, quiet):
    async with site(url, form()) as here:

        def acts():
            person = Person(browser, here.base)
            person.open("/forms/feedback")
            assert browser.execute_script(DROP, "h1") is True
            assert person.text(".chosen") == ""
            browser.execute_script(DROP, ".drop")
            assert person.text(".chosen") == "dropped.txt, 1 KB"

        await asyncio.to_thread(acts)


async def test_a_field_may_be_called_as_a_part_of_the_page_is(url, browser, quiet):
    options = WebhookRule(hook="odd", fields=dict.fromkeys(("action", "elements", "dataset", "before"), "text"))
    async with site(url, Rule(name="odd", on="webhook", ask="Sort it.", options=options)) as here:

        def acts():
            person = Person(browser, here.base)
            person.open("/forms/odd")
            person.send()
            person.wait(lambda: "4 fields need a second look." in person.text())
            for name in ("action", "elements", "dataset", "before"):
                person.find(f"[name={name}]").send_keys("x")
            person.send()
            person.wait(lambda: person.status() == "Answered")

        await asyncio.to_thread(acts)


async def test_long_words_make_no_page_wider_than_a_phone(url, browser, quiet):
    word = "Donaudampfschifffahrtsgesellschaft" * 3
    fields = {"Kind": (word, "wish"), "Mood?": ("good", "bad"), word[:90]: "text", "Area": ("a", "b", "c", "d", word)}
    options = WebhookRule(hook="long", fields=fields, title=word, intro=word, thanks=word)
    async with site(url, Rule(name="long", on="webhook", ask="Sort it.", options=options)) as here:
        here.claude.steps = [
            f"{word}\n\n| {word} | {word} |\n|---|---|\n| {word} | b |\n\n```\n{word}\n```\n\n- {word}"
        ]

        def fits(person):
            assert browser.execute_script("return document.documentElement.scrollWidth") <= 360

        def acts():
            person = Person(browser, here.base)
            person.open("/forms/long", 360)
            fits(person)
            person.send()
            person.wait(lambda: "second look" in person.text())
            fits(person)
            assert not person.find(".none").is_displayed()
            person.find("[value=good]").click()
            assert person.find(".none").is_displayed()
            fits(person)
            person.find("[value=wish]").click()
            person.find("input[type=text]:not([name^=_])").send_keys(word)
            person.find("select").send_keys("a")
            person.send()
            person.wait(lambda: person.status() == "Answered")
            browser.execute_script("document.querySelector('details').open = true")
            fits(person)

        await asyncio.to_thread(acts)


async def test_a_mistake_at_a_choice_is_one_key_away(url, browser, quiet):
    async with site(url, form()) as here:

        def acts():
            person = Person(browser, here.base)
            person.open("/forms/feedback")
            person.send()
            person.wait(lambda: "second look" in person.text())
            person.find(".alert a[href='#field-2']").click()
            assert browser.switch_to.active_element.get_attribute("value") == "bug"

        await asyncio.to_thread(acts)
