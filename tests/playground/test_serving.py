"""A stand-in may be called before it serves: who comes too early waits at its port, and is answered then."""

import threading
import urllib.request

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from playground.listening import listen, url_of
from playground.serving import serve

APP = Starlette(routes=[Route("/", lambda _: PlainTextResponse("here"))])


def test_who_comes_before_it_serves_is_answered_when_it_does():
    listener = listen()
    answers = []
    early = threading.Thread(target=lambda: answers.append(urllib.request.urlopen(url_of(listener), timeout=20).read()))
    early.start()
    with serve(APP, listener) as url:
        early.join(20)
        assert url == url_of(listener)
    assert answers == [b"here"]
    assert listener.fileno() == -1


def test_a_port_may_be_given_and_is_free_again_afterwards():
    with listen() as free:
        port = free.getsockname()[1]
    for _ in range(2):
        with serve(APP, port) as url:
            assert url == f"http://127.0.0.1:{port}"
