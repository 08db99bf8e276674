"""What an answer says of itself in its headers, and what is answered instead of one."""

from __future__ import annotations

import email.utils
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from starlette.responses import Response

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.visible import visible
from sdmxmig.sdmx.formats.sdmx_ml.dialects import SDMX_21
from sdmxmig.sdmx.formats.sdmx_ml.registry import write_error
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.messages import ErrorMessage
from sdmxmig.sdmx.model.submission import Note

VARY = "Accept, Accept-Encoding, Accept-Language, Authorization"
XML_ERROR, JSON_ERROR = "application/xml", "application/json"
SDMX_CODES = {
    204: 100,
    304: 100,
    400: 140,
    401: 110,
    403: 110,
    404: 100,
    413: 130,
    414: 140,
    422: 150,
    503: 503,
}
"""What SDMX calls these statuses of HTTP in its messages of errors."""
HEADERS = {
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "vary": VARY,
    "connection": "keep-alive",
}
"""What every answer says."""
PRINTED = re.compile(
    r"[A-Z][a-z]{2} ([A-Z][a-z]{2} \d\d \d{4} \d\d:\d\d:\d\d)(?: GMT([+-]\d{4})?)?(?: \([^()]*\))?", re.ASCII
)
ISO = re.compile(r"\d{4}-\d\d-\d\dT", re.ASCII)
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


def refused(status: int, error: SdmxmigError, *, api: int, headers: Mapping[str, str] | None = None) -> Response:
    """Why there is no answer, in the words of the version of the API: XML in 1.x, JSON in 2.x."""
    sentence = visible(f"{error.message} {error.hint}".strip())
    code = str(SDMX_CODES.get(status, 500 if status >= 500 else 1000 + status))
    if api == 1:
        content = write_error(ErrorMessage((Note(code, Text.of(en=sentence)),)), SDMX_21)
        return Response(content, status, media_type=XML_ERROR, headers={**HEADERS, **(headers or {})})
    return json_error(status, code, sentence, headers)


def json_error(status: int, code: str, sentence: str, headers: Mapping[str, str] | None = None) -> Response:
    """An error as SDMX-JSON has it."""
    import msgspec

    content = msgspec.json.encode({"errors": [{"code": int(code), "title": sentence}]})
    return Response(content, status, media_type=JSON_ERROR, headers={**HEADERS, **(headers or {})})


def http_date(moment: datetime) -> str:
    """A moment as HTTP writes it."""
    return email.utils.format_datetime(moment.replace(microsecond=0), usegmt=True)


def is_known(headers: Mapping[str, str], tags: tuple[str, ...], changed: datetime) -> bool:
    """Whether a client has the answer already, by its tag or, if it says none, by its date."""
    if "if-none-match" in headers:
        named = [name.strip().removeprefix("W/") for name in headers["if-none-match"].split(",")]
        return "*" in named or any(tag in named for tag in tags)
    since = moment_in(headers.get("if-modified-since", ""))
    return since is not None and since >= changed.replace(microsecond=0)


def moment_in(text: str) -> datetime | None:
    """The moment that a header says, in UTC if it says no zone; None if it is none.

    HTTP has one way to write it. Clients in JavaScript, among them the kit that tries SDMX services, send a date as
    they print it: by ISO 8601, or as ``Mon Nov 23 2026 10:00:00 GMT+0100 (Central European Time)``.
    """
    printed = PRINTED.fullmatch(text)
    try:
        if printed:
            moment = datetime.strptime(f"{printed[1]} {printed[2] or '+0000'}", "%b %d %Y %H:%M:%S %z")
        elif ISO.match(text):
            moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
        else:
            moment = email.utils.parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def wants_gzip(headers: Mapping[str, str]) -> bool:
    """Whether a client takes compressed answers."""
    weights = {}
    for part in headers.get("accept-encoding", "").split(",")[:20]:
        name, _, rest = part.partition(";")
        weights[name.strip().lower()] = rest.strip().lower()
    weight = weights.get("gzip", weights.get("*"))
    return weight is not None and weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")


def asked_range(headers: Mapping[str, str], tag: str) -> re.Match[str] | None:
    """The part of the answer that is asked for; None for all of it, also where a condition does not hold."""
    match = RANGE.fullmatch(headers.get("range", "").replace(" ", ""))
    condition = headers.get("if-range", "")
    if match is None or not (match[1] or match[2]) or condition not in ("", tag):
        return None
    return match


def in_bounds(match: re.Match[str], size: int) -> tuple[int, int] | None:
    """The first and last byte of a part of an answer of this size; None if it has no such part."""
    if not match[1]:
        count = min(int(match[2]), size)
        return (size - count, size - 1) if count else None
    start, end = int(match[1]), min(int(match[2] or size - 1), size - 1)
    return (start, end) if start <= end else None
