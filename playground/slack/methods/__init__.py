"""The list of every Web API method the stand-in knows."""

from playground.slack.methods import assistant, chat, conversations, files, misc, reactions, streams, views
from playground.slack.methods.method import Method

METHODS: dict[str, Method] = {
    **misc.METHODS,
    **chat.METHODS,
    **streams.METHODS,
    **conversations.METHODS,
    **reactions.METHODS,
    **files.METHODS,
    **assistant.METHODS,
    **views.METHODS,
}
