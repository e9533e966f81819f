"""Forms and the pages of their answers in a real Chromium: with keys alone, without scripts, on a phone, by axe."""

from __future__ import annotations

import asyncio
from importlib.resources import files

import pytest
from selenium.webdriver.common.keys import Keys
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

from playground.serving import serve
from tests.triggers.webhook.person import ANSWER, Person, form
from tests.triggers.webhook.rig import site

pytestmark = pytest.mark.anyio


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/bot.db"


async def test_with_keys_alone_a_form_is_mended_sent_with_a_file_and_its_answer_read(url, browser, quiet, tmp_path):
    (tmp_path / "plan.txt").write_text("The move is on Friday.")
    async with site(url, form()) as here:
        here.claude.steps, here.claude.pace_s = [ANSWER[:n] for n in range(9, len(ANSWER), 9)] + [ANSWER], 0.05

        def acts():
            person = Person(browser, here.base)
            person.open("/forms/feedback")
            keys = browser.switch_to.active_element
            keys.send_keys(Keys.TAB)
            browser.switch_to.active_element.send_keys("Ada", Keys.ENTER)
            person.wait(lambda: "2 fields need a second look." in person.text())
            person.wait(lambda: browser.switch_to.active_element.get_attribute("id") == "alert")
            assert browser.title == "Please check: Tell us"
            assert person.find("[name=Name]").get_attribute("value") == "Ada"
            wrong = person.find("[name=Message]")
            assert person.text(f"#{wrong.get_attribute('aria-describedby')}").endswith("Please fill this in.")
            person.find("fieldset input").send_keys(Keys.SPACE)
            wrong.send_keys("It is broken.")
            person.find("[name=File]").send_keys(str(tmp_path / "plan.txt"))
            assert person.text(".chosen") == "plan.txt, 1 KB"
            person.find("button").send_keys(Keys.ENTER)
            person.wait(lambda: person.status() == "Writing the answer")
            grown = person.wait(lambda: browser.find_elements("css selector", ".answer h1"))
            assert grown[0].text == "Head"
            person.wait(lambda: person.status() == "Answered")
            assert person.text(".answer pre") == "code"
            person.find("[data-copy]").click()
            person.wait(lambda: person.text("[data-copy]") == "Copied")
            person.find("a.quiet").click()
            person.wait(lambda: browser.find_elements("css selector", "form"))

        await asyncio.to_thread(acts)


async def test_without_scripts_the_form_is_sent_and_the_answer_comes_with_the_next_look(url, browser, quiet):
    async with site(url, form()) as here:
        here.claude.go.clear()

        def acts():
            person = Person(browser, here.base)
            person.open("/forms/feedback", scripts=False)
            person.send()
            person.wait(lambda: "3 fields need a second look." in person.text())
            person.fill()
            person.send()
            person.wait(lambda: "/events/" in browser.current_url)
            assert person.text(".status") in {"Received, the answer is on its way", "Writing the answer"}
            assert not person.find("[data-stop]").is_displayed()

        def later():
            person = Person(browser, here.base)
            person.wait(lambda: person.status() == "Answered")
            assert person.text(".answer") == "Because it is."
            browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})

        await asyncio.to_thread(acts)
        here.claude.go.set()
        await asyncio.to_thread(later)


async def test_who_does_not_want_the_answer_any_more_stops_it(url, browser, quiet):
    async with site(url, form()) as here:
        here.claude.finish.clear()

        def acts():
            person = Person(browser, here.base)
            person.open("/forms/feedback")
            person.fill()
            person.send()
            person.wait(lambda: "Because it is." in person.text())
            person.find("[data-stop]").click()
            person.wait(lambda: not browser.find_elements("css selector", "[data-stop]"))

        await asyncio.to_thread(acts)


def judged(person):
    """Raises when axe objects to the page as it is now, or when it is wider than the window."""
    browser = person.browser
    browser.execute_script(files("axe_core_python").joinpath("axe.min.js").read_text())
    found = browser.execute_async_script("axe.run().then(arguments[arguments.length - 1])")
    assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == []
    assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth")


VIEWS = ((1200, False), (1200, True), (320, False))
"""Width in pixels, and whether it is dark."""


@pytest.mark.full
async def test_every_page_fits_a_phone_and_passes_axe_by_day_and_by_night(url, browser):
    async with site(url, form()) as here:
        here.claude.steps = [ANSWER]

        def acts():
            person = Person(browser, here.base)
            for width, dark in VIEWS:
                person.open("/forms/feedback", width, dark=dark)
                judged(person)
                person.send()
                person.wait(lambda: "second look" in person.text())
                judged(person)
                person.fill()
                person.send()
                person.wait(lambda: person.status() == "Answered")
                browser.execute_script("document.querySelector('details').open = true")
                judged(person)
                person.open("/forms/nothing", width, dark=dark)
                judged(person)

        await asyncio.to_thread(acts)


@pytest.mark.full
async def test_an_answer_that_waits_grows_or_failed_and_one_for_others_eyes_pass_axe_too(url, browser, quiet, tmp_path):
    async with site(url, form(), form("private", (f"file:{tmp_path}",))) as here:
        loop = asyncio.get_running_loop()

        def tell(event, *, comes):
            loop.call_soon_threadsafe(event.set if comes else event.clear)

        def sent(person, hook, width, dark):
            person.open(f"/forms/{hook}", width, dark=dark)
            person.fill()
            person.send()
            person.wait(lambda: "/events/" in browser.current_url)

        def acts():
            person = Person(browser, here.base)
            for width, dark in VIEWS:
                here.claude.fault = ""
                tell(here.claude.go, comes=False)
                tell(here.claude.finish, comes=False)
                sent(person, "feedback", width, dark)
                judged(person)
                tell(here.claude.go, comes=True)
                person.wait(lambda: "Because it is." in person.text())
                judged(person)
                tell(here.claude.finish, comes=True)
                person.wait(lambda: person.status() == "Answered")
                here.claude.fault = "Claude is away."
                sent(person, "feedback", width, dark)
                person.wait(lambda: "Claude is away." in person.text())
                judged(person)
                here.claude.fault = ""
                sent(person, "private", width, dark)
                person.wait(lambda: "Send another" in person.text())
                assert "Because it is." not in person.text()
                judged(person)

        await asyncio.to_thread(acts)


async def test_a_site_that_the_rule_names_may_frame_the_form_and_no_other(url, browser):
    def framed(site_of_others, base):
        browser.get(f"{site_of_others}/?of={base}/forms/feedback")
        browser.switch_to.frame(0)
        found = browser.find_elements("css selector", "form")
        browser.switch_to.default_content()
        return bool(found)

    with serve(Starlette(routes=[Route("/", frame)])) as others:
        for embed, shown in (((others,), True), ((), False)):
            async with site(f"{url}-{shown}", form(embed=embed)) as here:
                assert await asyncio.to_thread(framed, others, here.base) is shown


async def frame(request):
    """A page of somebody else's that shows another in a frame."""
    return HTMLResponse(f"<iframe src='{request.query_params['of']}'></iframe>")
