"""The page of an event in a real Chromium: it comes back by itself, changes only what changed, and can be printed."""

from __future__ import annotations

import asyncio
import base64
import io

import pypdf
import pytest

from tests.triggers.webhook.person import Person, form
from tests.triggers.webhook.rig import site

pytestmark = pytest.mark.anyio
WIDE = "| a | b |\n|---|---|\n| " + "long " * 40 + "| " + "x" * 300 + " |"


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/bot.db"


class Reader(Person):
    """Somebody who has sent the form and looks at the page of its answer."""

    def ask(self):
        self.open("/forms/feedback")
        self.fill()
        self.send()
        self.wait(lambda: "/events/" in self.browser.current_url)


async def test_after_a_proxys_refusals_the_page_comes_back_and_ends_with_the_exact_text(url, browser):
    async with site(url, form()) as here:
        loop = asyncio.get_running_loop()
        here.claude.steps, here.claude.stops_at = ["One.\n\nTw", "One.\n\nTwo.\n\nThree."], "One.\n\nTw"

        def acts():
            person = Reader(browser, here.base)
            person.ask()
            person.wait(lambda: "Tw" in person.text(".answer"))
            assert browser.title == "On its way: Tell us"
            here.proxy.shut = True
            loop.call_soon_threadsafe(here.let_go)
            person.wait(lambda: here.proxy.refused >= 2)
            person.wait(lambda: person.status() == "The connection is lost. Trying again")
            here.proxy.shut = False
            loop.call_soon_threadsafe(here.claude.step.set)
            person.wait(lambda: person.status() == "Answered", timeout_s=30)
            assert person.text(".answer").split() == ["One.", "Two.", "Three."]
            assert person.find("[data-copy]").get_attribute("data-copy") == "One.\n\nTwo.\n\nThree."
            assert browser.title == "Answered: Tell us"

        await asyncio.to_thread(acts)


async def test_a_stop_that_did_not_get_through_says_so_and_can_be_pressed_again(url, browser):
    async with site(url, form()) as here:
        here.claude.finish.clear()

        def acts():
            person = Reader(browser, here.base)
            person.ask()
            person.wait(lambda: "Because it is." in person.text())
            here.proxy.shut = True
            person.find("[data-stop]").click()
            person.wait(lambda: person.text("[data-stop]") == "Could not stop. Try again")
            here.proxy.shut = False
            person.find("[data-stop]").click()
            person.wait(lambda: not browser.find_elements("css selector", "[data-stop]"))
            assert browser.switch_to.active_element.tag_name == "button", "whoever pressed it is led on"

        await asyncio.to_thread(acts)


CUT = """
return [...document.querySelectorAll(".wide, pre")].filter((one) => one.scrollWidth > one.clientWidth).length;
"""
READING = """
document.querySelector("details").open = true;
document.querySelector(".acts a").focus();
document.querySelector(".wide").scrollLeft = 150;
window.kept = [".status", ".answer p", ".wide", "details"].map((name) => document.querySelector(name));
getSelection().selectAllChildren(window.kept[1]);
"""
STILL = """
return [window.kept.every((one) => one.isConnected), document.querySelector("details").open,
  document.activeElement.textContent, document.querySelector(".wide").scrollLeft, getSelection().toString()];
"""


async def test_the_end_of_an_answer_disturbs_nobody_who_reads_it(url, browser, quiet):
    text = f"Words.\n\n{WIDE}\n\nen"
    async with site(url, form()) as here:
        loop = asyncio.get_running_loop()
        here.claude.steps, here.claude.stops_at = [text, f"{text}d"], text

        def acts():
            person = Reader(browser, here.base)
            person.ask()
            person.wait(lambda: "en" in person.text(".answer > p:last-child"))
            browser.execute_script(READING)
            loop.call_soon_threadsafe(here.claude.step.set)
            person.wait(lambda: person.status() == "Answered")
            assert person.text(".answer > p:last-child") == "end"
            assert browser.execute_script(STILL) == [True, True, "Ask another", 150, "Words."]
            assert person.find("[data-copy]").is_displayed()
            assert not browser.find_elements("css selector", "[data-stop], [aria-busy]")
            grown = browser.execute_script("return document.getElementById('main').innerText")
            browser.refresh()
            browser.execute_script("document.querySelector('details').open = true")
            assert browser.execute_script("return document.getElementById('main').innerText") == grown

        await asyncio.to_thread(acts)


async def test_where_the_script_does_not_come_the_page_says_how_to_look_again(url, browser, quiet):
    async with site(url, form()) as here:
        here.claude.go.clear()

        def acts():
            person = Reader(browser, here.base)
            person.ask()
            assert not browser.find_elements("css selector", ".look")
            browser.execute_cdp_cmd("Network.enable", {})
            browser.execute_cdp_cmd("Network.setBlockedURLs", {"urls": ["*event.js*"]})
            browser.refresh()
            assert (
                browser.execute_script("return getComputedStyle(document.querySelector('.look')).visibility")
                == "hidden"
            )
            browser.execute_script("document.querySelector('.look').getAnimations()[0].finish()")
            browser.get_log("browser")  # which says that it was blocked

        def later():
            person = Reader(browser, here.base)
            person.find(".look a").click()
            browser.execute_cdp_cmd("Network.setBlockedURLs", {"urls": []})
            person.wait(lambda: person.status() == "Answered")
            browser.get_log("browser")

        try:
            await asyncio.to_thread(acts)
            here.claude.go.set()
            await asyncio.to_thread(later)
        finally:
            browser.execute_cdp_cmd("Network.setBlockedURLs", {"urls": []})


async def test_a_printed_answer_has_all_of_a_wide_table_and_of_its_code(url, browser, quiet):
    code = "begin " + "word " * 80 + "finis"
    async with site(url, form()) as here:
        here.claude.steps = [
            f"| a | b | c |\n|---|---|---|\n| {'cell ' * 30} | {'y' * 200} | edge |\n\n```\n{code}\n```"
        ]

        def acts():
            person = Reader(browser, here.base)
            person.ask()
            person.wait(lambda: person.status() == "Answered")
            printed = browser.execute_cdp_cmd("Page.printToPDF", {})["data"]
            pages = pypdf.PdfReader(io.BytesIO(base64.b64decode(printed))).pages
            text = "".join("".join(page.extract_text() for page in pages).split())
            assert text.count("y") >= 200
            assert "edge" in text
            assert "finis" in text
            print_it = {"media": "print", "features": []}
            browser.execute_cdp_cmd("Emulation.setEmulatedMedia", print_it)
            assert browser.execute_script(CUT) == 0
            browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})

        await asyncio.to_thread(acts)


async def test_words_from_the_right_are_written_from_the_right(url, browser, quiet):
    async with site(url, form()) as here:
        here.claude.steps = ["שלום עולם\n\nHello\n\n- אחת"]

        def acts():
            person = Reader(browser, here.base)
            person.open("/forms/feedback")
            person.fill()
            person.find("[name=Message]").clear()
            person.find("[name=Message]").send_keys("שלום")
            person.send()
            person.wait(lambda: person.status() == "Answered")
            sides = (
                "return [...document.querySelectorAll('.answer > *, dd')].map((one) => getComputedStyle(one).direction)"
            )
            assert browser.execute_script(sides)[:3] == ["rtl", "ltr", "rtl"]
            assert "rtl" in browser.execute_script(sides)[3:]

        await asyncio.to_thread(acts)
