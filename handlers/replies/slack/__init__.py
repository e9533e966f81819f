"""This package is Slack's way out: replies that grow in their threads."""
