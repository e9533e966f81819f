"""Modals: views.open, update and publish. Source: docs.slack.dev/reference/methods/views."""

from __future__ import annotations

import uuid

from playground.slack import people
from playground.slack.blocks import check_blocks
from playground.slack.calls import ApiError, Args, Data
from playground.slack.methods.method import Method
from playground.slack.state import Workspace

VIEW_BLOCKS = 100


def _open(workspace: Workspace, args: Args) -> Data:
    view = _read(args, "modal")
    _exchange(workspace, args.text("trigger_id"))
    return {"view": _keep(workspace, view, None)}


def _update(workspace: Workspace, args: Args) -> Data:
    view = _read(args, "modal")
    known = workspace.views.get(args.text("view_id"))
    if known is None:
        raise ApiError("not_found")
    _check_hash(known, args)
    return {"view": _keep(workspace, view, known["id"])}


def _publish(workspace: Workspace, args: Args) -> Data:
    user = workspace.person(args.text("user_id")).id
    view = _read(args, "home")
    known = workspace.homes.get(user)
    _check_hash(known, args)
    workspace.homes[user] = _keep(workspace, view, known["id"] if known else None)
    return {"view": workspace.homes[user]}


def _read(args: Args, kind: str) -> Data:
    view = args.object("view", "invalid_arguments")
    if view is None or view.get("type") != kind or (kind == "modal" and not view.get("title")):
        raise ApiError("invalid_arguments")
    check_blocks(view.get("blocks") or [], largest=VIEW_BLOCKS)
    return view


def _exchange(workspace: Workspace, trigger_id: str) -> None:
    trigger = workspace.triggers.get(trigger_id)
    if trigger is None:
        raise ApiError("invalid_trigger_id")
    if trigger.used:
        raise ApiError("exchanged_trigger_id")
    if workspace.now() > trigger.expires_at:
        raise ApiError("expired_trigger_id")
    trigger.used = True


def _check_hash(known: Data | None, args: Args) -> None:
    if known is not None and args.has("hash") and args.text("hash") != known["hash"]:
        raise ApiError("hash_conflict")


def _keep(workspace: Workspace, view: Data, view_id: str | None) -> Data:
    view_id = view_id or workspace.next_id("V")
    own = {"id": view_id, "team_id": people.TEAM, "app_id": people.APP, "bot_id": people.BOT, "root_view_id": view_id}
    workspace.views[view_id] = {"state": {"values": {}}, **view, **own, "hash": uuid.uuid4().hex}
    return workspace.views[view_id]


METHODS = {
    "views.open": Method(_open, needs=("trigger_id", "view")),
    "views.update": Method(_update, needs=("view",)),
    "views.publish": Method(_publish, needs=("user_id", "view")),
}
