"""Which line of labels gives which component: dimensions first, then what holds for all figures, then attributes."""

from __future__ import annotations

from collections import abc
from collections.abc import Sequence
from dataclasses import replace

from sdmxmig.errors import InputError
from sdmxmig.mapping.block_keys import only_codes
from sdmxmig.places import Place
from sdmxmig.suggestion.assignment import assign, twins_of
from sdmxmig.suggestion.attribute_lines import attribute_lines
from sdmxmig.suggestion.coded_lines import attribute_fits
from sdmxmig.suggestion.details import detail_fits
from sdmxmig.suggestion.doubts import constant_fits
from sdmxmig.suggestion.lines import Fit, Known, Line, is_time
from sdmxmig.suggestion.mixed_lines import Surroundings, with_mixed
from sdmxmig.suggestion.nationals import nationals
from sdmxmig.suggestion.natives import natives
from sdmxmig.suggestion.other_heads import with_other_heads
from sdmxmig.suggestion.proven_nets import with_proven_nets
from sdmxmig.suggestion.questions import Decisions, lines_decided, only_said
from sdmxmig.suggestion.regions import Region
from sdmxmig.suggestion.reporters import are_named, with_reporters
from sdmxmig.suggestion.status_flags import status_flags
from sdmxmig.suggestion.status_lines import status_fits
from sdmxmig.suggestion.sums_of_parts import whole_among
from sdmxmig.suggestion.texts_around import beside_all
from sdmxmig.suggestion.unread import same_lines, with_twins


def fits_of(
    region: Region, lines: Sequence[Line], titles: Sequence[str], known: Known, area: str, decisions: Decisions
) -> tuple[Fit, ...]:
    """Which lines give which dimensions and attributes."""
    closed = {"FREQ", *only_codes(known.flow), *(["REF_AREA"] if area and not are_named(lines, known) else [])}
    wanted = [one for one in known.flow.structure.key if one not in closed]
    orders = lines_decided(decisions, region.name)
    check_orders(orders, region, known)
    if any(known.flow.codelist(one) is None and not is_time(one, known.flow) for one in wanted):
        lines = [replace(one, whole=whole_among(region, one)) if is_column(one) else one for one in lines]
    undecided = [line for line in lines if line.source not in orders]
    own = (*nationals(undecided, area, known), *natives(undecided, area, known))
    wanted = [one for one in wanted if one not in {fit.component for fit in own}]
    same = same_lines(region, lines, known)
    free = [line for line in lines if line.source not in {fit.line.source for fit in own}]
    twinned = [with_twins(region, line, lines, same) for line in free]
    found = assign(twinned, wanted, titles, known, decided=orders, same=same)
    open_fits = [one for one in found if one.line.source not in orders]
    told = tuple(one for one in found if one.line.source in orders)
    fits = (*own, *told, *with_reporters(with_other_heads(open_fits, known), area, titles, known))
    around = Surroundings(region=region, lines=lines, titles=titles, area=area, decisions=decisions, known=known)
    fits = with_proven_nets(fits, around, orders)
    fits = (*fits, *detail_fits(fits, region.name, known, decisions))
    fits = with_mixed(fits, twins_of(fits, same), around)
    filled = [line for line in lines if len(line.texts) != 1 or beside_all(region, line)]
    fits = (*fits, *constant_fits(filled, fits, known))
    fits = (*fits, *status_fits(region, lines, fits, known))
    fits = (*fits, *status_flags(lines, fits, known))
    fits = (*fits, *attribute_lines(lines, fits, known))
    return (*fits, *attribute_fits(lines, {one.component for one in fits}, known))


def is_column(line: Line) -> bool:
    """Whether a line is a column of labels by its number."""
    return line.source.removeprefix("column ").isdecimal()


def check_orders(orders: abc.Mapping[str, str], region: Region, known: Known) -> None:
    """Raise `InputError` if a person said of two lines that they give the same dimension."""
    for component in set(orders.values()) & set(known.flow.structure.key):
        sources = [source for source, said in orders.items() if said == component]
        if len(sources) > 1:
            message = f"Two lines of labels are said to give {component}: {' and '.join(sources)}."
            hint = f"Let each give a dimension of its own, or write “{only_said('LABEL')}” to read one label of a line."
            raise InputError(message, Place(region.table.file, region.table.sheet), hint)
