"""The way in to the stand-in of Google Sheets: `SheetsStandIn`, served by `playground.serving.serve`."""

from playground.sheets.adversary import Adversary
from playground.sheets.calls import Answer, Call, Lost
from playground.sheets.standin import ACCOUNT, SPREADSHEET_ID, SheetsStandIn

__all__ = ["ACCOUNT", "SPREADSHEET_ID", "Adversary", "Answer", "Call", "Lost", "SheetsStandIn"]
