"""Who lives in the stand-in's workspace: people, bots, outsiders and channels."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

TEAM = "T0BELLHOP"
PARTNER_TEAM = "T0PARTNER"
SISTER_TEAM, ENTERPRISE = "T0SISTER", "E0GRAND"
"""Another workspace of the organisation that this one belongs to, once the option `enterprise` says so."""
DOMAIN = "bellhop-demo"
APP = "A0BELLHOP"
BOT_USER = "U0BELLHOP"
BOT = "B0BELLHOP"

Kind = Literal["channel", "group", "im", "mpim"]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a user id; a bot has a `bot_id` too."""

    id: str
    name: str
    real_name: str
    team: str = TEAM
    bot_id: str | None = None
    app_id: str | None = None
    deleted: bool = False
    is_admin: bool = False
    zone: str = "Europe/Berlin"
    enterprise: str = ""

    def to_api(self, home: str = TEAM) -> dict[str, Any]:
        """The `user` object of users.info."""
        data: dict[str, Any] = {
            "id": self.id, "team_id": self.team, "name": self.name, "real_name": self.real_name,
            "deleted": self.deleted,
            **self._zone(), "profile": self._profile(),
            "is_admin": self.is_admin, "is_owner": False, "is_bot": self.bot_id is not None, "is_app_user": False,
            "is_restricted": False, "is_ultra_restricted": False, "updated": 1_700_000_000,
        }  # fmt: skip
        if self.enterprise:
            data["enterprise_user"] = {
                "id": self.id, "enterprise_id": self.enterprise, "enterprise_name": "Grand", "is_admin": False,
                "is_owner": False, "teams": [self.team],
            }  # fmt: skip
        if self.team != home and not self.enterprise:
            data["is_stranger"] = True
        return data

    def _zone(self) -> dict[str, Any]:
        now = datetime.now(ZoneInfo(self.zone))
        offset = now.utcoffset()
        return {"tz": self.zone, "tz_label": now.tzname(), "tz_offset": int(offset.total_seconds()) if offset else 0}

    def _profile(self) -> dict[str, Any]:
        profile = {"real_name": self.real_name, "display_name": self.name, "team": self.team}
        return {**profile, "bot_id": self.bot_id, "api_app_id": self.app_id} if self.bot_id else profile


@dataclass(slots=True)
class Channel:
    """A channel, private channel (`group`), direct message (`im`) or group direct message (`mpim`)."""

    id: str
    name: str
    kind: Kind = "channel"
    members: set[str] = field(default_factory=set)
    is_ext_shared: bool = False
    is_archived: bool = False
    is_read_only: bool = False

    def to_api(self, bot_user: str = BOT_USER) -> dict[str, Any]:
        """The `channel` object of conversations.info."""
        data: dict[str, Any] = {
            "id": self.id, "created": 1_700_000_000, "is_archived": self.is_archived, "is_im": self.kind == "im",
            "is_channel": self.kind == "channel", "is_group": self.kind == "group", "is_mpim": self.kind == "mpim",
            "is_private": self.kind != "channel", "is_ext_shared": self.is_ext_shared, "is_shared": self.is_ext_shared,
            "context_team_id": TEAM, "is_read_only": self.is_read_only,
        }  # fmt: skip
        if self.kind == "im":
            others = sorted(self.members - {bot_user})
            return {**data, "user": others[0] if others else bot_user, "is_open": True}
        return {
            **data, "name": self.name, "name_normalized": self.name, "is_general": self.name == "general",
            "is_member": bot_user in self.members, "creator": "U0ANNA", "num_members": len(self.members),
            "topic": {"value": "", "creator": "", "last_set": 0},
            "purpose": {"value": "", "creator": "", "last_set": 0},
        }  # fmt: skip


def first_people() -> dict[str, Person]:
    """The workspace's people by id: Anna and Ben ask, Carla is an admin, the others are edge cases."""
    people = [
        Person(BOT_USER, "bellhop", "Bellhop", bot_id=BOT, app_id=APP),
        Person("U0ANNA", "anna", "Anna Arendt"),
        Person("U0BEN", "ben", "Ben Brecht", zone="America/New_York"),
        Person("U0CARLA", "carla", "Carla Curie", is_admin=True),
        Person("U0GONE", "gone", "Gustav Gone", deleted=True),
        Person("U0OTHERBOT", "otherbot", "Other Bot", bot_id="B0OTHERBOT", app_id="A0OTHERBOT"),
        Person("U0OUTSIDER", "olga", "Olga Outsider", team=PARTNER_TEAM),
        Person("W0SISTER", "sita", "Sita Sister", team=SISTER_TEAM, enterprise=ENTERPRISE, zone="Asia/Kolkata"),
    ]
    return {person.id: person for person in people}


def first_groups() -> dict[str, tuple[str, ...]]:
    """The user groups as usergroups.list tells them: id, then name and handle."""
    return {"S0ONCALL": ("On call", "oncall"), "S0SALES": ("Sales people", "sales")}


def first_channels() -> dict[str, Channel]:
    """The channels by id: two to talk in, one shared with partners, one private, one the bot is not in, and DMs."""
    team = {BOT_USER, "U0ANNA", "U0BEN", "U0CARLA", "U0OTHERBOT"}
    channels = [
        Channel("C0GENERAL", "general", members=set(team)),
        Channel("C0HELP", "help", members=set(team)),
        Channel("C0SHARED", "with-partners", members={*team, "U0OUTSIDER", "W0SISTER"}, is_ext_shared=True),
        Channel("C0PRIVATE", "private", "group", {BOT_USER, "U0ANNA"}),
        Channel("C0QUIET", "quiet", members=team - {BOT_USER}),
        Channel("C0OLD", "old", members=set(team), is_archived=True),
        Channel("G0TEAM", "mpdm-anna--ben--bellhop-1", "mpim", {BOT_USER, "U0ANNA", "U0BEN"}),
    ]
    ims = [Channel("D" + user[1:], "", "im", {BOT_USER, user}) for user in ("U0ANNA", "U0BEN", "U0CARLA", "U0OUTSIDER")]
    return {channel.id: channel for channel in channels + ims}
