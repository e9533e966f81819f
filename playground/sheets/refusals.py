"""How the stand-in says no: Google's error bodies, word for word where they are known."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
_ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo"
_SIGN_IN = (
    "Expected OAuth 2 access token, login cookie or other valid authentication credential. "
    "See https://developers.google.com/identity/sign-in/web/devconsole-project."
)


class Refused(Exception):
    """A request that Google would not carry out: the HTTP code, its status word, the message and the details."""

    def __init__(self, code: int, status: str, message: str, details: list[Json] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.message = message
        self.details = details or []

    @classmethod
    def argument(cls, message: str) -> Refused:
        """400 INVALID_ARGUMENT."""
        return cls(400, "INVALID_ARGUMENT", message)

    def within(self, place: str) -> Refused:
        """The same refusal with the place Google puts before it: `Invalid requests[0].updateCells: …`."""
        if self.code != 400 or self.details:
            return self
        return Refused(self.code, self.status, f"Invalid {place}: {self.message}")

    def body(self) -> Json:
        """The JSON of the response."""
        error: Json = {"code": self.code, "message": self.message, "status": self.status}
        if self.details:
            error["details"] = self.details
        return {"error": error}


def malformed(violations: list[tuple[str, str]]) -> Refused:
    """A body that does not fit the schema: (field path, description) for each offence."""
    fields = [{"field": path, "description": text} if path else {"description": text} for path, text in violations]
    details = [{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": fields}]
    return Refused(400, "INVALID_ARGUMENT", "\n".join(text for _, text in violations), details)


def bad_mask(path: str) -> Refused:
    """A `fields` mask that names what the response does not have."""
    text = f"Error expanding 'fields' parameter. Cannot find matching fields for path '{path}'."
    fields = [{"field": path, "description": text}]
    details = [{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": fields}]
    return Refused(400, "INVALID_ARGUMENT", "Request contains an invalid argument.", details)


def not_found() -> Refused:
    """An id that no spreadsheet has."""
    return Refused(404, "NOT_FOUND", "Requested entity was not found.")


def forbidden() -> Refused:
    """A spreadsheet that is not shared with the caller, or shared for reading only."""
    return Refused(403, "PERMISSION_DENIED", "The caller does not have permission")


def protected() -> Refused:
    """A cell under protection that the caller is no editor of."""
    return Refused.argument(
        "You are trying to edit a protected cell or object. Please contact the spreadsheet owner to remove "
        "protection if you need to edit."
    )


def unauthenticated(reason: str, service: str) -> Refused:
    """No bearer token (CREDENTIALS_MISSING), an unknown one, or one past its hour (ACCESS_TOKEN_EXPIRED)."""
    missing = "Request is missing required authentication credential. "
    invalid = "Request had invalid authentication credentials. "
    details = [{"@type": _ERROR_INFO, "reason": reason, "domain": "googleapis.com", "metadata": {"service": service}}]
    return Refused(
        401, "UNAUTHENTICATED", (missing if reason == "CREDENTIALS_MISSING" else invalid) + _SIGN_IN, details
    )


def scope_missing(service: str, method: str) -> Refused:
    """A token without the scope that the method asks for."""
    metadata = {"service": service, "method": method}
    details = [
        {
            "@type": _ERROR_INFO,
            "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
            "domain": "googleapis.com",
            "metadata": metadata,
        }
    ]
    return Refused(403, "PERMISSION_DENIED", "Request had insufficient authentication scopes.", details)


def over_quota(kind: str, per: str, value: int, project: str) -> Refused:
    """429 as Google sends it. `kind` is Read or Write, `per` user or project, `value` the limit per minute."""
    limit = f"{kind}RequestsPerMinutePer{per.capitalize()}"
    message = (
        f"Quota exceeded for quota metric '{kind} requests' and limit '{kind} requests per minute per {per}' "
        f"of service 'sheets.googleapis.com' for consumer 'project_number:{project}'."
    )
    metadata = {
        "service": "sheets.googleapis.com",
        "quota_metric": f"sheets.googleapis.com/{kind.lower()}_requests",
        "quota_limit": limit,
        "quota_limit_value": str(value),
        "quota_location": "global",
        "quota_unit": "1/min/{project}/{user}" if per == "user" else "1/min/{project}",
        "consumer": f"projects/{project}",
    }
    info = {"@type": _ERROR_INFO, "reason": "RATE_LIMIT_EXCEEDED", "domain": "googleapis.com", "metadata": metadata}
    links = [
        {
            "description": "Request a higher quota limit.",
            "url": "https://cloud.google.com/docs/quotas/help/request_increase",
        }
    ]
    help_detail = {"@type": "type.googleapis.com/google.rpc.Help", "links": links}
    return Refused(429, "RESOURCE_EXHAUSTED", message, [info, help_detail])
