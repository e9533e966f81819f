"""`python -m playground.slack`: the stand-in alone, until Ctrl-C."""

from __future__ import annotations

import argparse
import sys
import threading

from playground.slack.options import Options
from playground.slack.stand_in import SlackStandIn


def main() -> None:
    """Serve a Slack and print where it is and which tokens it takes."""
    parser = argparse.ArgumentParser(prog="python -m playground.slack", description="A strict local stand-in of Slack.")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1 (default: any free one)")
    parser.add_argument("--speed", type=float, default=1.0, help="how many times faster its limits' clock runs")
    parser.add_argument("--bot-token", default=Options().bot_token)
    parser.add_argument("--app-token", default=Options().app_token)
    chosen = parser.parse_args()
    options = Options(bot_token=chosen.bot_token, app_token=chosen.app_token)
    slack = SlackStandIn(speed=chosen.speed, options=options)
    with slack.serve(chosen.port):
        sys.stdout.write(environment(slack))
        sys.stdout.flush()
        _wait_for_interrupt()


def environment(slack: SlackStandIn) -> str:
    """The lines that point Bellhop at this stand-in."""
    return (
        f"SLACK_API_URL={slack.api_url}\nSLACK_BOT_TOKEN={slack.bot_token}\n"
        f"SLACK_APP_TOKEN={slack.app_token}\nSLACK_SIGNING_SECRET={slack.signing_secret}\n"
    )


def _wait_for_interrupt() -> None:
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()
