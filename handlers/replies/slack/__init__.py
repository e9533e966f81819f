"""This package is Slack's way out: one pacer for the whole workspace, and replies that grow in their threads."""

from bot.doors.slack.call_log import FileCallLog
from handlers.replies.slack.reply import SlackReply
from handlers.replies.slack.slack_replies import SlackReplies

__all__ = ["FileCallLog", "SlackReplies", "SlackReply"]
