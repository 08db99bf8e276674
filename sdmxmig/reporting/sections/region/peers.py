"""Peer groups, without ranking."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from sdmxmig.reporting.sections.blocks import (
    ReportCell,
    ReportColumn,
    ReportRow,
    ReportTable,
    build_row,
)
from sdmxmig.reporting.sections.columns import build_table
from sdmxmig.reporting.sections.region.naming import count_decimals, name_country, name_group
from sdmxmig.reporting.sections.views import REGION_VIEWS
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.statistics.model.region import Distance, PeerGroup, RegionalStudy, Tally


@REGION_VIEWS.add("peers")
def view(study: RegionalStudy, wording: Wording) -> Mapping[str, object]:
    if not study.distances:
        return {}
    measured = {distance.group for distance in study.distances}
    groups = [describe_group(group, study, wording) for group in study.groups if group.id in measured]
    return {
        "label": wording.say("Peers"),
        "heading": write_heading(len(groups), wording),
        "note": f"{wording.say(UNANSWERED_NOTE)} {wording.say(TOO_FEW_NOTE)}",
        "groups": groups,
    }


def describe_group(group: PeerGroup, study: RegionalStudy, wording: Wording) -> Mapping[str, object]:
    """Describe a group, or refer to an earlier group with the same countries."""
    name = wording.count(
        "{group}: {n} country", "{group}: {n} countries", len(group.areas), group=name_group(group, wording)
    )
    source = wording.say("Source: {sources}.", sources=group.source) if group.source else ""
    first = next(peer_group for peer_group in study.groups if peer_group.areas == group.areas)
    if first is not group:
        same = wording.say("Same countries as in: {group}.", group=name_group(first, wording))
        return {"name": name, "source": source, "table": None, "same": same}
    return {"name": name, "source": source, "table": tabulate_peers(group, study, wording), "same": ""}


def write_heading(groups: int, wording: Wording) -> str:
    return wording.count(
        "Each country is compared with its peers in {n} group and with the reference documents",
        "Each country is compared with its peers in {n} groups and with the reference documents",
        groups,
    )


def tabulate_peers(group: PeerGroup, study: RegionalStudy, wording: Wording) -> ReportTable:
    distances = [distance for distance in study.distances if distance.group == group.id]
    rows = [
        build_row(
            (
                name_country(study, area, wording),
                *(build_distance_cell(distance, distance.reaches[place], wording) for distance in distances),
            )
        )
        for place, area in enumerate(group.areas)
    ]
    if any(distance.median is not None for distance in distances):
        rows.append(
            build_row(
                (wording.say("Median"), *(build_median_cell(distance, wording) for distance in distances)), "total"
            )
        )
    caption = wording.say("Distance to peers and to the reference documents: {group}", group=name_group(group, wording))
    name = f"table-peers-{group.id.lower().replace('.', '-').replace('_', '-')}"
    return build_table(
        name,
        caption,
        ("Country", *(ReportColumn(wording.say_code("distance", distance.measure)) for distance in distances)),
        rows,
        wording,
        stacked=True,
    )


UNANSWERED_NOTE = (
    "Unanswered questions are not counted as met, although the practice may exist. The second line shows "
    "two distances. One is to the reference documents, the other to the median of the countries with "
    "answers (n)."
)
TOO_FEW_NOTE = "No distance is calculated for countries with fewer than half of the questions answered."


def build_distance_cell(distance: Distance, reached: Tally, wording: Wording) -> ReportCell:
    """Write how many items a country has and lacks, and its distance from the median of its peers."""
    if not reached.is_known:
        answers = wording.say(
            "{n} of {total} answered",
            n=wording.number(reached.asked - reached.unknown),
            total=wording.number(reached.asked),
        )
        return ReportCell(wording.say("too few answers"), note=answers, is_absent=True)
    words = wording.say("{n} of {total}", n=wording.number(reached.reached), total=wording.number(reached.asked))
    missing = wording.number(reached.asked - reached.reached)
    remarks = [
        wording.say(
            "to the reference documents: {n}, of which {unknown} not rated",
            n=missing,
            unknown=wording.number(reached.unknown),
        )
        if reached.unknown
        else wording.say("to the reference documents: {n}", n=missing)
    ]
    if distance.median is not None:
        difference = Decimal(reached.reached) - distance.median
        remarks.append(
            wording.say("to the median: {n}", n=wording.write_signed(difference, count_decimals(difference)))
        )
    return ReportCell(words, note=wording.join_with_semicolons(remarks))


def build_median_cell(distance: Distance, wording: Wording) -> ReportCell:
    counted = wording.say("n = {n}", n=wording.number(distance.known))
    if distance.median is None:
        return ReportCell(wording.say("no median"), note=counted, is_absent=True)
    return ReportCell(wording.number(distance.median, count_decimals(distance.median)), note=counted)


def build_peer_group_cell(distance: Distance, area: str, study: RegionalStudy, wording: Wording) -> ReportCell:
    if distance.median is not None:
        counted = wording.say("n = {n}", n=wording.number(distance.known))
        median_words = wording.pair(
            wording.say("Median"), wording.number(distance.median, count_decimals(distance.median))
        )
        return ReportCell(median_words, note=counted)
    others = [reach for reach in distance.reaches if reach.is_known and reach.area != area]
    phrases = [
        wording.pair(
            name_country(study, reach.area, wording),
            wording.say("{n} of {total}", n=wording.number(reach.reached), total=wording.number(reach.asked)),
        )
        for reach in others
    ]
    return ReportCell(wording.join_with_semicolons(phrases)) if phrases else wording.absent("too few answers")


def build_distance_rows(study: RegionalStudy, area: str, wording: Wording) -> list[ReportRow]:
    rows = []
    measured = {distance.group for distance in study.distances}
    for group in study.groups:
        if area in group.areas and group.id in measured:
            rows.append(build_row((name_group(group, wording),), "group"))
            place = group.areas.index(area)
            for distance in (distance for distance in study.distances if distance.group == group.id):
                reach_cell = build_distance_cell(distance, distance.reaches[place], wording)
                rows.append(
                    build_row(
                        (
                            wording.say_code("distance", distance.measure),
                            reach_cell,
                            build_peer_group_cell(distance, area, study, wording),
                        )
                    )
                )
    return rows
