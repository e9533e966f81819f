"""Local stand-ins of Slack, Google Sheets, mail and Claude, as strict as the vendors, for tests and for `make demo`."""
