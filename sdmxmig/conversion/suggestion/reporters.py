"""Lines of reporting countries, such as Eurostat's “geo”.

Ambiguous lists may be origins.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sdmxmig.conversion.recognition.labels import bare, plain
from sdmxmig.conversion.suggestion.assignment import ROLES, roles_in
from sdmxmig.conversion.suggestion.lines import AREA_LISTS, Fit, FlowKnowledge, Line

REF_AREA = "REF_AREA"
UNDECIDED = 0.6
SEVERAL = 2


def are_named(lines: Iterable[Line], known: FlowKnowledge) -> bool:
    return any(len(line.texts) >= SEVERAL and REF_AREA in roles_of(line, known) for line in lines)


def with_reporters(fits: Sequence[Fit], area: str, titles: Sequence[str], known: FlowKnowledge) -> tuple[Fit, ...]:
    """Ask about lines that may give reporting countries."""
    titled_roles = frozenset(roles_in(titles, known.recogniser))
    return tuple(
        replace(fit, score=min(fit.score, UNDECIDED), alternatives=(*fit.alternatives, REF_AREA))
        if area and may_be_reporters(fit, area, titled_roles, known)
        else fit
        for fit in fits
    )


def may_be_reporters(fit: Fit, area: str, titled_roles: frozenset[str], known: FlowKnowledge) -> bool:
    codelist = known.flow.codelist(fit.component)
    if codelist is None or codelist.ref.id not in AREA_LISTS or fit.component == REF_AREA:
        return False
    components = {name for role in (roles_of(fit.line, known) | titled_roles) for name in ROLES.get(role, (role,))}
    codes = {candidates[0].code for candidates in fit.meanings.values() if candidates}
    other_countries = {code for code in codes - {area} if code.isalpha()}
    return area in codes and len(other_countries) >= SEVERAL and fit.component not in components


def roles_of(line: Line, known: FlowKnowledge) -> frozenset[str]:
    roles = known.recogniser.vocabulary.codes("ROLE", plain(bare(line.head)))
    return frozenset({*roles, *({REF_AREA} if line.head.strip().upper() == REF_AREA else ())})
