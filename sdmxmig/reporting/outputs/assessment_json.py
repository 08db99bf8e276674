"""Assessments as JSON."""

from __future__ import annotations

import hashlib
import json
import typing
from collections.abc import Mapping
from typing import Any

import msgspec

from sdmxmig.io.documents import JsonDocument
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place
from sdmxmig.reporting.outputs.typed_json import as_json, typed
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.assessment import Assessment
from sdmxmig.statistics.calculations.progress import (
    LOOKED_FOR,
    NOT_KNOWN,
    TOPICS_ITEM,
    EarlierAssessment,
    EarlierGap,
    topics_of,
)

DOCUMENT = JsonDocument("sdmxmig-assessment", 9, what="an assessment", hint="Make it anew with: sdmxmig assess")
DAY = len("2025-01-31")


def render(assessment: Assessment) -> bytes:
    """Write an assessment as JSON; deterministic, with all digits.

    Texts are objects by language. A hash reveals changes.
    """
    plain = as_json(assessment)
    document = {"schema": DOCUMENT.schema, "version": DOCUMENT.version, "sha256": _hash(plain), "assessment": plain}
    written = json.dumps(document, ensure_ascii=False, allow_nan=False).encode()  # its own indentation is slow
    return msgspec.json.format(written, indent=1) + b"\n"


def read(content: bytes, name: str = "assessment.json", *, changed: bool = False) -> Assessment:
    """Read an assessment; ``read(render(a)) == a``.

    Raises `InputError` for invalid files, other versions, and changes unless `changed`.
    """
    document = DOCUMENT.opened(content, name)
    assessment = typed(Assessment, document.get("assessment"), Place(name, key="assessment"), DOCUMENT.hint)
    if not changed and is_changed(content, name):
        hint = f"{DOCUMENT.hint}. Or take it as it is: --changed."
        raise InputError("This assessment was changed since sdmxmig made it.", Place(name), hint)
    return typing.cast("Assessment", assessment)


def read_earlier(content: bytes, name: str) -> EarlierAssessment:
    """Read date, answers and gaps of an earlier assessment, in any version.

    Raises `InputError` for other files.
    """
    try:
        document = json.loads(content.decode("utf-8"))
        plain = document["assessment"] if document["schema"] == DOCUMENT.schema else {}
        prepared = dict(plain["provenance"]).get("prepared", "")
        answers = [str(score["answer"]) for score in plain["scores"]]
        gaps = tuple(EarlierGap(_subjects(gap), Text.of(gap["statement"])) for gap in plain["gaps"])
        known_then = _known_then(plain)
        area, year = str(plain["area"]), str(plain["year"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        hint = "Name the assessment.json that sdmxmig assess wrote at the time."
        raise InputError("This is not an assessment.", Place(name), hint) from None
    known = sum(answer not in NOT_KNOWN for answer in answers)
    return EarlierAssessment(area, prepared[:DAY] or year, answers=known, gaps=gaps, known=known_then)


def is_changed(content: bytes, name: str = "assessment.json") -> bool:
    document = DOCUMENT.opened(content, name)
    return document.get("sha256") != _hash(document.get("assessment"))


def _subjects(gap: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(reason["subject"]) for reason in gap.get("reasons") or [gap])


def _known_then(plain: Mapping[str, Any]) -> frozenset[str] | None:
    if any(part not in plain for part in ("indicators", "quality")) or any(
        "item" not in score for score in plain["scores"]
    ):
        return None
    items = [score["item"]["id"] for score in plain["scores"] if score["answer"] not in NOT_KNOWN]
    results = plain["indicators"]
    indicators = [
        result["indicator"]["id"]
        for result in results
        if result["declared"] not in NOT_KNOWN or any(not value.get("basis") for value in result.get("values", ()))
    ]
    topics = [
        topics_of(result["indicator"]["id"])
        for result in results
        if result.get("answers", {}).get(TOPICS_ITEM, {}).get("answer", "") not in NOT_KNOWN
    ]
    issues = [issue["issue"] for issue in plain["quality"] if issue["state"] in LOOKED_FOR]
    return frozenset(map(str, (*items, *indicators, *topics, *issues)))


def _hash(plain: object) -> str:
    return hashlib.sha256(json.dumps(plain, ensure_ascii=True).encode()).hexdigest()
