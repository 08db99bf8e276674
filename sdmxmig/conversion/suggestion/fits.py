"""Assignment of components: dimensions, table-wide values, attributes."""

from __future__ import annotations

from collections import abc
from collections.abc import Sequence
from dataclasses import replace

from sdmxmig.conversion.mapping.block_keys import only_codes
from sdmxmig.conversion.suggestion.ambiguities import constant_fits
from sdmxmig.conversion.suggestion.assignment import assign, twins_of
from sdmxmig.conversion.suggestion.attribute_lines import attribute_lines
from sdmxmig.conversion.suggestion.basis import Basis
from sdmxmig.conversion.suggestion.coded_lines import attribute_fits
from sdmxmig.conversion.suggestion.details import detail_fits
from sdmxmig.conversion.suggestion.line_sources import LineSource
from sdmxmig.conversion.suggestion.lines import Fit, FlowKnowledge, Line, is_time
from sdmxmig.conversion.suggestion.mixed_lines import Surroundings, with_mixed
from sdmxmig.conversion.suggestion.nationals import nationals
from sdmxmig.conversion.suggestion.natives import natives
from sdmxmig.conversion.suggestion.other_heads import with_other_heads
from sdmxmig.conversion.suggestion.proven_nets import with_proven_nets
from sdmxmig.conversion.suggestion.questions import lines_decided, only_label
from sdmxmig.conversion.suggestion.regions import Region
from sdmxmig.conversion.suggestion.reporters import are_named, with_reporters
from sdmxmig.conversion.suggestion.status_flags import status_flags
from sdmxmig.conversion.suggestion.status_lines import status_fits
from sdmxmig.conversion.suggestion.sums_of_parts import whole_among
from sdmxmig.conversion.suggestion.texts_around import beside_all
from sdmxmig.conversion.suggestion.unread import same_lines, with_twins
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place


def fits_of(basis: Basis, lines: Sequence[Line], titles: Sequence[str]) -> tuple[Fit, ...]:
    """Which lines give which dimensions and attributes."""
    region, known = basis.region, basis.known
    wanted, orders = open_dimensions(basis, lines), orders_of(basis, lines)
    lines = with_wholes(lines, wanted, basis)
    same = same_lines(region, lines, known)
    around = Surroundings(basis=basis, lines=lines, titles=titles)
    fits = dimension_fits(around, wanted, orders, same)
    fits = with_proven_nets(fits, around, orders)
    fits = (*fits, *detail_fits(fits, basis.sheet, known, basis.decisions))
    fits = with_mixed(fits, twins_of(fits, same), around)
    return with_values_of_all(fits, around)


def open_dimensions(basis: Basis, lines: Sequence[Line]) -> list[str]:
    flow = basis.known.flow
    is_one_area = bool(basis.area) and not are_named(lines, basis.known)
    closed = {"FREQ", *only_codes(flow), *(["REF_AREA"] if is_one_area else [])}
    return [name for name in flow.structure.key if name not in closed]


def orders_of(basis: Basis, lines: Sequence[Line]) -> abc.Mapping[LineSource, str]:
    orders = lines_decided(basis.decisions, basis.sheet)
    check_orders(orders, basis.region, basis.known)
    return {line.source: orders[str(line.source)] for line in lines if str(line.source) in orders}


def with_wholes(lines: Sequence[Line], wanted: Sequence[str], basis: Basis) -> Sequence[Line]:
    flow = basis.known.flow
    if all(flow.codelist(name) is not None or is_time(name, flow) for name in wanted):
        return lines
    return [
        replace(line, whole=whole_among(basis.region, line)) if line.source.is_label_column else line for line in lines
    ]


def dimension_fits(
    around: Surroundings,
    wanted: Sequence[str],
    orders: abc.Mapping[LineSource, str],
    same: frozenset[tuple[LineSource, LineSource]],
) -> tuple[Fit, ...]:
    """Assign wanted dimensions to lines.

    `same` are equivalent lines.
    """
    known, area = around.basis.known, around.basis.area
    undecided = [line for line in around.lines if line.source not in orders]
    by_one_country = (*nationals(undecided, area, known), *natives(undecided, area, known))
    components, taken = {fit.component for fit in by_one_country}, {fit.line.source for fit in by_one_country}
    free = [line for line in around.lines if line.source not in taken]
    twinned = [with_twins(around.basis.region, line, around.lines, same) for line in free]
    still_wanted = [name for name in wanted if name not in components]
    assigned = assign(twinned, still_wanted, around.titles, known, decided=orders, same=same)
    ordered = tuple(fit for fit in assigned if fit.line.source in orders)
    best = with_other_heads([fit for fit in assigned if fit.line.source not in orders], known)
    return (*by_one_country, *ordered, *with_reporters(best, area, around.titles, known))


def with_values_of_all(fits: tuple[Fit, ...], around: Surroundings) -> tuple[Fit, ...]:
    region, lines, known = around.basis.region, around.lines, around.basis.known
    filled = [line for line in lines if len(line.texts) != 1 or beside_all(region, line)]
    fits = (*fits, *constant_fits(filled, fits, known))
    fits = (*fits, *status_fits(region, lines, fits, known))
    fits = (*fits, *status_flags(lines, fits, known))
    fits = (*fits, *attribute_lines(lines, fits, known))
    return (*fits, *attribute_fits(lines, {fit.component for fit in fits}, known))


def check_orders(orders: abc.Mapping[str, str], region: Region, known: FlowKnowledge) -> None:
    for component in set(orders.values()) & set(known.flow.structure.key):
        sources = [source for source, ordered in orders.items() if ordered == component]
        if len(sources) > 1:
            message = f"Two lines of labels are said to give {component}: {' and '.join(sources)}."
            hint = (
                f"Let each give a dimension of its own, or write “{only_label('LABEL')}” to read one label of a line."
            )
            raise InputError(message, Place(region.table.file, region.table.sheet), hint)
