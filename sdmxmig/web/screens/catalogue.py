"""Catalogue screen."""

from __future__ import annotations

import mimetypes
from dataclasses import asdict, replace
from typing import Any

from sdmxmig.catalogue.documentation import LANGUAGES, LiveSite
from sdmxmig.catalogue.documentation.pages import SearchEntry
from sdmxmig.catalogue.showing.cards import Card, build_card
from sdmxmig.catalogue.showing.names import NamedThing, choose_namesake, list_matching
from sdmxmig.primitives.errors import SdmxmigError, did_you_mean
from sdmxmig.primitives.text import fold_text, quote_path
from sdmxmig.quality.rules import describe_kinds
from sdmxmig.web.screens import Document, Screen, ScreenContent, Visit
from sdmxmig.workspace.tasks.session import Session

MAX_HITS, MAX_LINES, MAX_NAMESAKES = 40, 100, 40
MAX_NUMBER = 1_000_000
MAX_SEARCH_LENGTH = 200
START_PAGE = "index.html"
SITE_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'self'",
    )
)


def show(visit: Visit) -> ScreenContent:
    session = visit.workbench.session()
    site = build_site(visit, session)
    language = visit.language if visit.language in LANGUAGES else "en"
    in_language = site.language(language)
    page = visit.asked.get("page", START_PAGE)
    file = page.partition("#")[0]
    if file not in in_language.pages:
        raise SdmxmigError(f"There is no page “{page}”.", hint=did_you_mean(file, in_language.pages))
    asked = visit.asked.get("q", "").strip()[:MAX_SEARCH_LENGTH]
    facts: dict[str, Any] = {
        "site": f"/catalogue/file/site/{language}/{page}",
        "page": page,
        "q": asked,
        "count": 0,
        "results": [],
        "named": None,
    }
    command = f"sdmxmig docs --workspace {quote_path(visit.workbench.folder)} --language {language}"
    if asked:
        results = search_entries(in_language.entries, asked)
        facts |= {
            "count": len(results),
            "results": [{"title": entry.title, "kind": entry.kind, "page": entry.href} for entry in results[:MAX_HITS]],
            "named": find_named(visit, session, asked),
        }
        command = (
            f"sdmxmig show {quote_path(asked)} --workspace {quote_path(visit.workbench.folder)} --language {language}"
        )
    return ScreenContent(facts, command=command)


def build_site(visit: Visit, session: Session) -> LiveSite:
    catalogue = session.catalogue
    return visit.workbench.keep_result("site", catalogue, lambda: LiveSite(catalogue))


def search_entries(entries: tuple[SearchEntry, ...], asked: str) -> list[SearchEntry]:
    """Search entries with all words; exact titles come first, then prefixes, and definitions before codelists."""
    words = fold_text(asked).split()
    matching = [
        entry
        for entry in entries
        if all(word in fold_text(f"{entry.title} {entry.words} {entry.kind}") for word in words)
    ]

    def rank(entry: SearchEntry) -> tuple[int, int]:
        title, whole = fold_text(entry.title), " ".join(words)
        is_first = entry.href.startswith(("definitions", "indicator-"))
        return (0 if title == whole else 1 if title.startswith(whole) else 2, 0 if is_first else 1)

    return sorted(matching, key=rank)


def find_named(visit: Visit, session: Session, name: str) -> dict[str, Any] | None:
    candidates = list_matching(session.catalogue, name)
    if not candidates:
        return None
    thing = choose_namesake(candidates)
    others = [candidate for candidate in candidates if candidate is not thing]
    facts: dict[str, Any] = {
        "others": [describe_other(candidate, visit.language) for candidate in others[:MAX_NAMESAKES]],
        "card": None,
    }
    if thing is not None:
        facts["card"] = describe_card(
            build_card(thing, session.catalogue, visit.language, describe_kinds=describe_kinds), visit
        )
    return facts


def describe_other(candidate: NamedThing, language: str) -> dict[str, str]:
    return {"kind": candidate.kind, "name": candidate.name, "title": candidate.title.in_language(language)}


def describe_card(shown: Card, visit: Visit) -> dict[str, Any]:
    first = visit.number("first", 0, most=MAX_NUMBER)
    return {
        **asdict(replace(shown, lines=())),
        "first": first,
        "a_page": MAX_LINES,
        "count": len(shown.lines),
        "lines": [
            {**asdict(line), "cells": list(line.cells), "notes": [": ".join(note) for note in line.notes]}
            for line in shown.lines[first : first + MAX_LINES]
        ],
    }


def serve_page(visit: Visit) -> Document:
    name = visit.form["path"]
    try:
        content = build_site(visit, visit.workbench.session()).content(name)
    except KeyError:
        raise SdmxmigError(f"The site has no file “{name}”.") from None
    media_type = mimetypes.guess_type(name)[0] or "text/plain"
    return Document(
        name.rpartition("/")[2], content, media_type=f"{media_type}; charset=utf-8", shown=True, policy=SITE_POLICY
    )


SCREEN = Screen(name="catalogue", title="Catalogue", show=show, documents={"site": serve_page})
