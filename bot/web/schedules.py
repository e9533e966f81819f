"""The button that runs a schedule at once: POST /fire, for whoever knows WEB_TOKEN."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from bot.web.house import closed, house_of, may_look


async def fire(request: Request) -> Response:
    """Run the rule named in the form's field `rule`, then show the page again. 404 for one without a schedule."""
    house = house_of(request)
    if house.settings.web_token is None or not may_look(request, house.settings):
        return closed()
    name = str((await request.form(max_files=0, max_fields=1)).get("rule", ""))
    if house.schedules is None or name not in house.schedules.words():
        return PlainTextResponse("There is no schedule of this name.\n", 404)
    await house.schedules.fire(name)
    return RedirectResponse("/", 303)
