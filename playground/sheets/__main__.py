"""The stand-in on its own: `python -m playground.sheets --port 8900 --account account.json`."""

from __future__ import annotations

import argparse
import sys
import threading

from playground.serving import serve
from playground.sheets.standin import ACCOUNT, SPREADSHEET_ID, SheetsStandIn


def main() -> int:
    """Serve until interrupted; prints the settings that point a bot here."""
    parser = argparse.ArgumentParser(description="A local stand-in of Google Sheets and Drive.")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1 (0: any free one)")
    parser.add_argument("--account", default="service-account.json", help="where to write the service account's file")
    parser.add_argument("--speed", type=float, default=1.0, help="how many times faster minutes pass")
    options = parser.parse_args()
    standin = SheetsStandIn(speed=options.speed)
    standin.add_spreadsheet({"Questions": [["Question", "Answer", "Bot"]]})
    with serve(standin.app, options.port) as base_url:
        path = standin.service_account_file(options.account, base_url)
        sys.stdout.write(
            f"GOOGLE_SERVICE_ACCOUNT_FILE={path}\nSHEET_ID={SPREADSHEET_ID}\nSHEET_TAB=Questions\n"
            f"GOOGLE_SHEETS_API_URL={base_url}\nGOOGLE_DRIVE_API_URL={base_url}\n# shared with {ACCOUNT}\n"
        )
        sys.stdout.flush()
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
