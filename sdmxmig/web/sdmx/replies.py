"""Headers and error answers."""

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
"""SDMX error codes of HTTP statuses."""
HEADERS = {
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "vary": VARY,
    "connection": "keep-alive",
}
PRINTED = re.compile(
    r"[A-Z][a-z]{2} ([A-Z][a-z]{2} \d\d \d{4} \d\d:\d\d:\d\d)(?: GMT([+-]\d{4})?)?(?: \([^()]*\))?", re.ASCII
)
ISO = re.compile(r"\d{4}-\d\d-\d\dT", re.ASCII)
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


def refused(status: int, error: SdmxmigError, *, api: int, headers: Mapping[str, str] | None = None) -> Response:
    sentence = visible(f"{error.message} {error.hint}".strip())
    code = str(SDMX_CODES.get(status, 500 if status >= 500 else 1000 + status))
    if api == 1:
        content = write_error(ErrorMessage((Note(code, Text.of(en=sentence)),)), SDMX_21)
        return Response(content, status, media_type=XML_ERROR, headers={**HEADERS, **(headers or {})})
    return json_error(status, code, sentence, headers)


def json_error(status: int, code: str, sentence: str, headers: Mapping[str, str] | None = None) -> Response:
    import msgspec

    content = msgspec.json.encode({"errors": [{"code": int(code), "title": sentence}]})
    return Response(content, status, media_type=JSON_ERROR, headers={**HEADERS, **(headers or {})})


def http_date(moment: datetime) -> str:
    return email.utils.format_datetime(moment.replace(microsecond=0), usegmt=True)


def is_known(headers: Mapping[str, str], tags: tuple[str, ...], changed: datetime) -> bool:
    if "if-none-match" in headers:
        named = [name.strip().removeprefix("W/") for name in headers["if-none-match"].split(",")]
        return "*" in named or any(tag in named for tag in tags)
    since = moment_in(headers.get("if-modified-since", ""))
    return since is not None and since >= changed.replace(microsecond=0)


def moment_in(text: str) -> datetime | None:
    """Parse a header date, UTC without zone, or None.

    JavaScript clients, including the SDMX test kit, send ISO 8601 or ``Mon Nov 23 2026 10:00:00 GMT+0100 (Central
    European Time)``.
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
    weights = {}
    for part in headers.get("accept-encoding", "").split(",")[:20]:
        name, _, rest = part.partition(";")
        weights[name.strip().lower()] = rest.strip().lower()
    weight = weights.get("gzip", weights.get("*"))
    return weight is not None and weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")


def asked_range(headers: Mapping[str, str], tag: str) -> re.Match[str] | None:
    match = RANGE.fullmatch(headers.get("range", "").replace(" ", ""))
    condition = headers.get("if-range", "")
    if match is None or not (match[1] or match[2]) or condition not in ("", tag):
        return None
    return match


def in_bounds(match: re.Match[str], size: int) -> tuple[int, int] | None:
    if not match[1]:
        count = min(int(match[2]), size)
        return (size - count, size - 1) if count else None
    start, end = int(match[1]), min(int(match[2] or size - 1), size - 1)
    return (start, end) if start <= end else None
