"""One socket, closed while the SDK's own threads close it too."""

import threading

from slack_bolt import App

from triggers.slack.socket_urls import SocketUrls
from triggers.slack.sockets import Socket


class Racing:
    """A session of the SDK whose socket goes away between its own look at it and its closing."""

    sock = None

    def __init__(self) -> None:
        self.closings = 0

    def close(self) -> None:
        self.closings += 1
        if self.closings == 1:
            raise AttributeError("'NoneType' object has no attribute 'close'")

    def is_active(self) -> bool:
        return False


def test_a_socket_that_closes_by_itself_in_the_same_moment_is_closed_all_the_same():
    app = App(token="xoxb-1", token_verification_enabled=False)
    one = Socket(app, "xapp-1", SocketUrls(app.client, "xapp-1"))
    session = Racing()
    vars(one._client)["current_session"] = session
    stop = threading.Event()
    stop.set()
    one.keep_open(stop)
    assert session.closings == 2
    assert not one._client.message_processor.is_alive()
