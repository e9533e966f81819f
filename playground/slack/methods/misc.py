"""The small methods: auth, the connection of Socket Mode, users, bots and the team."""

from __future__ import annotations

from playground.slack import people
from playground.slack.calls import ApiError, Args, Data
from playground.slack.methods.method import Method
from playground.slack.methods.paging import page
from playground.slack.state import Workspace


def _auth_test(workspace: Workspace, _: Args) -> Data:
    grid = {"enterprise_id": people.ENTERPRISE} if workspace.options.enterprise else {}
    return {
        "url": f"https://{people.DOMAIN}.slack.com/", "team": "Bellhop Demo", "user": workspace.bot.name,
        "team_id": people.TEAM, "user_id": people.BOT_USER, "bot_id": people.BOT, "is_enterprise_install": False,
        **grid,
    }  # fmt: skip


def _api_test(_: Workspace, args: Args) -> Data:
    if args.has("error"):
        raise ApiError(args.text("error"), args=dict(args.values))
    return {"args": dict(args.values)}


def _connections_open(workspace: Workspace, _: Args) -> Data:
    return {"url": workspace.open_link()}


def _users_info(workspace: Workspace, args: Args) -> Data:
    return {"user": workspace.person(args.text("user")).to_api()}


def _users_list(workspace: Workspace, args: Args) -> Data:
    everybody = [person.to_api() for person in workspace.people.values()]
    members, cursor = page(everybody, args, default=1000, largest=1000)
    return {"members": members, "cache_ts": int(workspace.now()), "response_metadata": {"next_cursor": cursor}}


def _usergroups_list(workspace: Workspace, _: Args) -> Data:
    groups = [
        {"id": one, "team_id": people.TEAM, "is_usergroup": True, "name": name, "handle": handle, "date_delete": 0}
        for one, (name, handle) in workspace.groups.items()
    ]
    return {"usergroups": groups}


def _bots_info(workspace: Workspace, args: Args) -> Data:
    wanted = args.text("bot", people.BOT)
    for person in workspace.people.values():
        if person.bot_id == wanted:
            bot = {"id": wanted, "deleted": person.deleted, "name": person.name, "updated": 1_700_000_000}
            return {"bot": {**bot, "app_id": person.app_id, "user_id": person.id}}
    raise ApiError("bot_not_found")


def _team_info(_: Workspace, __: Args) -> Data:
    team = {"id": people.TEAM, "name": "Bellhop Demo", "domain": people.DOMAIN, "email_domain": ""}
    return {"team": {**team, "url": f"https://{people.DOMAIN}.slack.com/"}}


METHODS = {
    "api.test": Method(_api_test, token="none"),
    "apps.connections.open": Method(_connections_open, token="app"),
    "auth.test": Method(_auth_test, token="any"),
    "bots.info": Method(_bots_info, ("users:read",), json=False),
    "team.info": Method(_team_info, ("team:read",), json=False),
    "usergroups.list": Method(_usergroups_list, ("usergroups:read",), json=False),
    "users.info": Method(_users_info, ("users:read",), needs=("user",), json=False),
    "users.list": Method(_users_list, ("users:read",), json=False),
}
