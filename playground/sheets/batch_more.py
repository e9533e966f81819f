"""The batch requests on protected ranges and developer metadata.

Source of the metadata limits: https://developers.google.com/workspace/sheets/api/guides/metadata
"""

from __future__ import annotations

import random

from playground.sheets.batch_job import Job, change_mask
from playground.sheets.book import Anchored, may_edit
from playground.sheets.masks import wants
from playground.sheets.places import area_of, dimension_span, matching, metadata_json
from playground.sheets.refusals import Json, Refused, protected
from playground.sheets.resource import protection_json
from playground.sheets.tab import Tab

METADATA_CHARACTERS = 30_000


def add_protected_range(job: Job, body: Json) -> Json:
    """A protection; the caller who adds it is one of its editors."""
    wanted = body.get("protectedRange", {})
    grid = wanted.get("range", {})
    tab = job.book.tab_by_id(int(grid.get("sheetId", 0)))
    known = {protection["id"] for one in job.book.tabs for protection in one.protections}
    number = int(wanted.get("protectedRangeId", 0)) or random.randrange(1, 2**31)
    if number in known:
        raise Refused.argument(f"ProtectedRange with id: {number} already exists.")
    caller = job.writer.who.partition(":")[2]
    protection = {
        "id": number,
        "area": area_of(grid),
        "description": wanted.get("description", ""),
        "warning_only": bool(wanted.get("warningOnly")),
        "editors": {*wanted.get("editors", {}).get("users", []), caller},
        "exceptions": [area_of(one) for one in wanted.get("unprotectedRanges", [])],
    }
    tab.protections.append(protection)
    job.writer.note("protect", tab)
    return {"addProtectedRange": {"protectedRange": protection_json(tab, protection, job.writer.who)}}


def _protection(job: Job, number: int) -> tuple[Tab, int]:
    for tab in job.book.tabs:
        for index, protection in enumerate(tab.protections):
            if protection["id"] == number:
                if not may_edit(protection, job.writer.who):
                    raise protected()
                return tab, index
    raise Refused.argument(f"No protected range with id: {number}")


def update_protected_range(job: Job, body: Json) -> Json:
    """A protection's range, words, editors or warning."""
    mask, wanted = change_mask(body, "ProtectedRange"), body.get("protectedRange", {})
    tab, index = _protection(job, int(wanted.get("protectedRangeId", 0)))
    changed = dict(tab.protections[index])
    if wants(mask, "range"):
        changed["area"] = area_of(wanted.get("range", {}))
    if wants(mask, "description"):
        changed["description"] = wanted.get("description", "")
    if wants(mask, "warningOnly"):
        changed["warning_only"] = bool(wanted.get("warningOnly"))
    if wants(mask, "editors"):
        changed["editors"] = set(wanted.get("editors", {}).get("users", []))
    tab.protections[index] = changed
    job.writer.note("protect", tab)
    return {}


def delete_protected_range(job: Job, body: Json) -> Json:
    """A protection lifted by one of its editors."""
    tab, index = _protection(job, int(body.get("protectedRangeId", 0)))
    del tab.protections[index]
    job.writer.note("protect", tab)
    return {}


def create_metadata(job: Job, body: Json) -> Json:
    """Metadata on a row, a column, a tab or the spreadsheet; a chosen id must be free."""
    wanted = body.get("developerMetadata", {})
    if not wanted.get("metadataKey"):
        raise Refused.argument("developerMetadata.metadataKey must be specified.")
    if wanted.get("visibility", "DEVELOPER_METADATA_VISIBILITY_UNSPECIFIED").startswith("DEVELOPER"):
        raise Refused.argument("developerMetadata.visibility must be specified.")
    known = {entry.metadata_id for entry in job.book.metadata}
    number = int(wanted.get("metadataId", 0)) or random.randrange(1, 2**31)
    if number in known:
        raise Refused.argument(f"Developer metadata with id {number} already exists.")
    place, tab_id, anchor = _place(job, wanted.get("location", {}))
    entry = Anchored(
        number, wanted["metadataKey"], wanted.get("metadataValue", ""), wanted["visibility"], place, tab_id, anchor
    )
    job.book.metadata.append(entry)
    _check_budget(job, tab_id)
    job.writer.changed = True
    return {"createDeveloperMetadata": {"developerMetadata": metadata_json(job.book, entry)}}


def _place(job: Job, location: Json) -> tuple[str, int, int]:
    """What the metadata holds on to: (kind, tab, anchor)."""
    if location.get("spreadsheet"):
        return "SPREADSHEET", -1, 0
    if "sheetId" in location:
        return "SHEET", job.book.tab_by_id(int(location["sheetId"])).tab_id, 0
    if "dimensionRange" not in location:
        raise Refused.argument("developerMetadata.location must be specified.")
    tab, dimension, start, end = dimension_span(job.book, location["dimensionRange"])
    anchors = tab.anchors if dimension == "ROWS" else tab.column_anchors
    if end != start + 1 or end > len(anchors):
        raise Refused.argument("developerMetadata.location.dimensionRange must represent a single row or column.")
    return dimension[:-1], tab.tab_id, anchors[start]


def _check_budget(job: Job, tab_id: int) -> None:
    """30,000 characters of keys and values per tab, and per spreadsheet for what is on no tab."""
    entries = [entry for entry in job.book.metadata if entry.tab_id == tab_id]
    if sum(len(entry.key) + len(entry.value) for entry in entries) > METADATA_CHARACTERS:
        raise Refused.argument(f"Exceeded the developer metadata limit of {METADATA_CHARACTERS} characters.")


def update_metadata(job: Job, body: Json) -> Json:
    """Key, value or visibility of everything that the filters match."""
    mask, wanted = change_mask(body, "DeveloperMetadata"), body.get("developerMetadata", {})
    chosen = {entry.metadata_id for one in body.get("dataFilters", []) for entry in _matched(job, one)}
    names = (("metadataKey", "key"), ("metadataValue", "value"), ("visibility", "visibility"))
    parts = {attribute: wanted.get(name, "") for name, attribute in names if wants(mask, name)}
    job.book.metadata = [
        entry._replace(**parts) if entry.metadata_id in chosen else entry for entry in job.book.metadata
    ]
    changed = [entry for entry in job.book.metadata if entry.metadata_id in chosen]
    for entry in changed:
        _check_budget(job, entry.tab_id)
    job.writer.changed = bool(changed) or job.writer.changed
    answer = [metadata_json(job.book, entry) for entry in changed]
    return {"updateDeveloperMetadata": {"developerMetadata": answer} if answer else {}}


def delete_metadata(job: Job, body: Json) -> Json:
    """Everything that the filter matches, gone."""
    gone = _matched(job, body.get("dataFilter", {}))
    job.book.metadata = [entry for entry in job.book.metadata if entry not in gone]
    job.writer.changed = bool(gone) or job.writer.changed
    answer = [metadata_json(job.book, entry) for entry in gone]
    return {"deleteDeveloperMetadata": {"deletedDeveloperMetadata": answer} if answer else {}}


def _matched(job: Job, data_filter: Json) -> list[Anchored]:
    if "developerMetadataLookup" not in data_filter:
        raise Refused.argument("Only developerMetadataLookup filters are played here.")
    return matching(job.book, data_filter["developerMetadataLookup"])
