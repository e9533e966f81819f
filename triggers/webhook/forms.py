"""GET and POST /forms/<hook>: a form that people fill in becomes an event, and leads to the page of its answer."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.doors.webhook.deliveries import Deliveries, Delivery
from bot.doors.webhook.fields import Sent, checked
from bot.doors.webhook.form_tokens import FormTokens
from bot.doors.webhook.rule import WebhookRule
from bot.errors import Refused, TryAgain
from bot.events import Receipt
from bot.rules.placeholders import folded, used
from bot.rules.rule import Rule
from bot.settings import Settings
from bot.web.arrivals import Interrupted
from bot.web.body import drain, media_type, read_body
from bot.web.clients import client_of, is_from_here, networks_of
from bot.web.event_access import EventAccess
from bot.web.headers import listed
from bot.web.problem import Problem
from bot.web.templates import message_page
from triggers.webhook.content import FORM, MULTIPART, content_of
from triggers.webhook.form_page import form_page, logo_response
from triggers.webhook.models import MOST_FILES
from triggers.webhook.rates import Rates

log = structlog.get_logger()

PER_CLIENT_A_MINUTE = 10
READ_MOST_FILES = 1_000
"""More than are taken: so many too many are told so, and keep what they wrote."""
READ_S = 180.0
"""A person's line may be slow, and files are sent along."""
NO_FORM = "There is no such form."
ELSEWHERE = "This form was sent from another site. Please send it from here."
OLD_PAGE = "This page was open for very long. Please look it over and send it again."
MACHINE = "This looked as if a program had filled it in. If you are a person, please send it again."
TOO_MANY = "These are {count} files; at most {most} can be sent together."
TOO_OFTEN = "That was often. Please wait {after_s} seconds, then send it again."
NOT_STORED = "It could not be taken just now. Please send it again in a moment."
TRAP, TOKEN = "_leave_empty", "_token"  # names of hidden fields; what people call theirs never begins so


class Refusal(Exception):
    """A form that was not taken: shown again, with everything that was written in it."""

    def __init__(self, status: int, problem: str, sent: Sent, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(problem)
        self.status, self.problem, self.sent, self.headers = status, problem, sent, headers or {}


class Forms:
    """The routes of the rules that have fields. `on_event` is called for each event that was accepted here."""

    def __init__(
        self,
        rules: Sequence[Rule],
        settings: Settings,
        access: EventAccess,
        tokens: FormTokens,
        on_event: Callable[[], None],
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rules = {rule.of(WebhookRule).hook: rule for rule in rules if rule.of(WebhookRule).fields}
        self._own_host = settings.public_url.partition("://")[2].partition("/")[0].lower()
        self._trusted = networks_of(settings.trusted_proxies)
        self._access, self._tokens, self._on_event = access, tokens, on_event
        self._rates = Rates(monotonic)

    @property
    def names(self) -> tuple[str, ...]:
        """The hooks that have a form."""
        return tuple(self._rules)

    def routes(self, deliveries: Deliveries) -> list[Route]:
        """The form, its reception and its picture; none where no rule has fields."""

        async def post(request: Request) -> Response:
            rule = self._rule(request)
            return self._unknown() if rule is None else await self._post(request, rule, deliveries)

        own = [
            Route("/forms/{hook}", self._show, methods=["GET"]),
            Route("/forms/{hook}", post, methods=["POST"]),
            Route("/forms/{hook}/logo", self._logo, methods=["GET"]),
        ]
        return own if self._rules else []

    def _rule(self, request: Request) -> Rule | None:
        return self._rules.get(request.path_params["hook"])

    async def _show(self, request: Request) -> Response:
        """What stands in the address fills the fields: a link to a form may say what it is about."""
        rule = self._rule(request)
        if rule is None:
            return self._unknown()
        return form_page(rule, self._token(rule), dict(request.query_params), root=self._access.root)

    async def _logo(self, request: Request) -> Response:
        rule = self._rule(request)
        path = rule.of(WebhookRule).logo if rule else ""
        return await asyncio.to_thread(logo_response, request, path) if path else self._unknown()

    async def _post(self, request: Request, rule: Rule, deliveries: Deliveries) -> Response:
        try:
            sent, page_name = await self._sent(request, rule)
            receipt = await _accepted(deliveries, delivery_of(rule, sent, page_name), sent)
        except Refusal as refusal:
            log.info("form not taken", hook=rule.of(WebhookRule).hook, status=refusal.status)
            return self._shown_again(rule, refusal)
        except Interrupted as end:
            return self._unread(rule, Problem(503, NOT_STORED, end.headers))
        except Problem as problem:
            if problem.status == 413:
                await drain(request)
            return self._unread(rule, problem)
        self._on_event()
        return RedirectResponse(self._access.status_path(receipt.id), 303, {"cache-control": "no-store"})

    def _shown_again(self, rule: Rule, refusal: Refusal) -> Response:
        page = form_page(
            rule,
            self._token(rule),
            refusal.sent.values,
            root=self._access.root,
            errors=refusal.sent.errors,
            problem=refusal.problem,
            status=refusal.status,
        )
        page.headers.update(refusal.headers)
        return page

    def _unread(self, rule: Rule, problem: Problem) -> Response:
        root, words = self._access.root, problem.words
        page = form_page(rule, "", {}, root=root, problem=words, status=problem.status, is_unread=True)
        page.headers.update(problem.headers)
        return page

    def _unknown(self) -> Response:
        return message_page("Not found", NO_FORM, 404, root=self._access.root)

    def _token(self, rule: Rule) -> str:
        return self._tokens.new(rule.of(WebhookRule).hook)

    async def _sent(self, request: Request, rule: Rule) -> tuple[Sent, str]:
        """What was sent, if all of it is right, and the name of the page. Raises Refusal and Problem."""
        keys = rule.of(WebhookRule)
        said, sent = await _read(request, keys)
        page_name = self._tokens.opened(keys.hook, said.get(TOKEN, ""))
        status, problem = self._fault(request, page_name, said, sent)
        if problem:
            raise Refusal(status, problem, _without_errors(sent))
        if sent.errors:
            raise Refusal(422, "", sent)
        self._demand_rate(request, keys, sent)
        return sent, page_name

    def _fault(self, request: Request, page_name: str, said: Mapping[str, str], sent: Sent) -> tuple[int, str]:
        """What is wrong with a form beyond its fields: a status and words; "" when nothing is."""
        if not is_from_here(request.headers, (request.headers.get("host", "").lower(), self._own_host)):
            return 403, ELSEWHERE
        if not page_name:
            return 403, OLD_PAGE
        if said.get(TRAP, ""):
            return 422, MACHINE
        count = len(sent.files)
        return 422, TOO_MANY.format(count=count, most=MOST_FILES) if count > MOST_FILES else ""

    def _demand_rate(self, request: Request, keys: WebhookRule, sent: Sent) -> None:
        peer = request.client.host if request.client else ""
        client = client_of(peer, listed(request.headers, "x-forwarded-for"), self._trusted)
        after_s = self._rates.take(f"{keys.hook} {client}", PER_CLIENT_A_MINUTE)
        after_s = after_s or self._rates.take(keys.hook, keys.rate_per_minute)
        if after_s:
            raise Refusal(429, TOO_OFTEN.format(after_s=after_s), sent, {"retry-after": str(after_s)})


async def _read(request: Request, keys: WebhookRule) -> tuple[Mapping[str, str], Sent]:
    """What came, by name, and held against the fields. Raises Problem where it cannot be read."""
    media = media_type(request)
    if media not in {FORM, MULTIPART}:
        raise Problem(415, f"Send {FORM} or {MULTIPART}.")
    body = await read_body(request, takes_files=True, read_s=READ_S)
    content = await content_of(media, request.headers.get("content-type", ""), body, most_files=READ_MOST_FILES)
    payload = content.payload if isinstance(content.payload, dict) else {}
    said = {name: str(value) for name, value in payload.items()}
    files = list(zip(content.file_fields, content.files, strict=True))
    return said, checked(keys.form_fields(), said, files)


async def _accepted(deliveries: Deliveries, delivery: Delivery, sent: Sent) -> Receipt:
    try:
        return await deliveries.accept(delivery)
    except Refused as error:
        raise Refusal(400, error.reason, sent) from None
    except TryAgain as error:
        log.warning("form not stored", hook=delivery.hook, reason=error.reason)
        raise Refusal(503, NOT_STORED, sent, {"retry-after": "5"}) from None


def delivery_of(rule: Rule, sent: Sent, page_name: str) -> Delivery:
    """The delivery of a form. Sent twice from one page, with the same in it, it is the same event. Pure.

    Where the rule's `ask` names fields, Claude gets those; else all of them, as what came along.
    """
    keys = rule.of(WebhookRule)
    lines = "\n".join(f"{name}: {value}" for name, value in sent.values.items() if value)
    is_picked = bool(used(rule.ask, tuple(sent.values)))
    inside = [list(sent.values.items()), [hashlib.sha256(file.data).hexdigest() for file in sent.files]]
    return Delivery(
        rule=rule,
        text=lines if rule.ask.strip() and not is_picked else "",
        fields=dict(sent.values),
        files=sent.files,
        delivery_id=f"form {page_name} {hashlib.sha256(json.dumps(inside).encode()).hexdigest()}",
        subject=_subject(sent) or keys.event_page().title,
    )


def _subject(sent: Sent) -> str:
    return next((value for name, value in sent.values.items() if folded(name) == "subject"), "")


def _without_errors(sent: Sent) -> Sent:
    return Sent(sent.values, sent.files)
