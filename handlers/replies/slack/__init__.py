"""This package is Slack's way out: one pacer for the whole workspace, and replies that grow in their threads."""

from handlers.replies.slack.desk import SlackDesk
from handlers.replies.slack.diary import FileDiary
from handlers.replies.slack.reply import SlackReply

__all__ = ["FileDiary", "SlackDesk", "SlackReply"]
