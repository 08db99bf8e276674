"""Comparing countries: joint groups, separate groups, and unknown values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from assessed import georgia, score
from compared import assessment, moved, rule, silent, study
from shipped import CATALOGUE

from sdmxmig.primitives.errors import DeclarationError, SdmxmigError
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.statistics.comparison import compare
from sdmxmig.statistics.model.assessment import Action, Assessment, Gap, GapReason, Point, Priority, Roadmap
from sdmxmig.statistics.model.indicator_results import SubjectAnswer
from sdmxmig.statistics.model.region import Comparison, Country, PeerGroup, RegionalStudy, StudyRequest


def compared(study: RegionalStudy, figure: str) -> Comparison:
    return next(comparison for comparison in study.comparisons if comparison.figure.id == figure)


def groups(study: RegionalStudy, figure: str) -> list[tuple[list[str], bool]]:
    """Which countries stand together for a figure, and whether they may be compared."""
    return [
        ([figure.area for figure in group.figures], group.definition.is_definite)
        for group in compared(study, figure).groups
    ]


def test_figures_under_one_rule_are_grouped() -> None:
    assert groups(study(assessment("GE"), assessment("SE")), "IMM") == [(["GE", "SE"], True)]


def test_figures_under_two_rules_are_separate() -> None:
    compared_study = study(assessment("GE"), assessment("SE", "R12"), assessment("MD", "R12"))
    assert groups(compared_study, "IMM") == [(["MD", "SE"], True), (["GE"], True)]


def test_actual_and_intended_stays_are_separate_definitions() -> None:
    assert len(groups(study(assessment("GE", "R12"), assessment("SE", "R12", "INT")), "EMI")) == 2


@pytest.mark.parametrize("code", ["OTH", "_U"])
def test_other_or_unknown_rules_are_not_comparable(code: str) -> None:
    assert groups(study(assessment("GE", code), assessment("MD", code)), "POP") == [(["GE", "MD"], False)]


def test_net_migration_under_two_rules_is_not_comparable() -> None:
    six, twelve = assessment("GE", "R6").flow_rules, assessment("GE", "R12").flow_rules
    compared_study = study(assessment("GE", flow_rules=(*six[:2], *twelve[2:])), assessment("SE"))
    assert groups(compared_study, "CNR") == [(["SE"], True), (["GE"], False)]
    assert groups(compared_study, "IMM") == [(["GE", "SE"], True)]


def test_rate_under_two_rules_is_not_comparable() -> None:
    six, twelve = assessment("GE", "R6").flow_rules, assessment("GE", "R12").flow_rules
    compared_study = study(assessment("GE", flow_rules=(*twelve[:1], *six[1:])), assessment("SE"))
    assert groups(compared_study, "CNR") == [(["SE"], True), (["GE"], False)]
    assert groups(compared_study, "IMM") == [(["GE", "SE"], True)]


def test_flows_of_uncertain_rule_are_not_comparable() -> None:
    georgia = assessment("GE", "R6")
    account = replace(rule("DF_IMM", "R12"), flow="DF_ACCOUNT")
    compared_study = study(replace(georgia, flow_rules=(*georgia.flow_rules, account)), assessment("SE", "R6"))
    assert groups(compared_study, "IMM") == [(["SE"], True), (["GE"], False)]
    assert groups(compared_study, "POP") == [(["GE", "SE"], True)]


def test_data_without_stated_rule_are_not_comparable() -> None:
    compared_study = study(replace(assessment("GE"), flow_rules=()), assessment("SE"))
    assert groups(compared_study, "IMM") == [(["SE"], True), (["GE"], False)]


def test_latest_year_with_a_value_is_shown() -> None:
    figure = compared(study(assessment("GE"), assessment("SE")), "IMM").groups[0].figures[0]
    assert (figure.period, figure.value) == ("2023", Decimal(205857))


def with_series(area: str, series: str, values: Mapping[str, str]) -> Assessment:
    """A country with one series of its own: year and value."""
    points = tuple(Point(year, Decimal(value)) for year, value in values.items())
    known = assessment(area)
    kept = (replace(column, points=points) for column in known.series if column.id == series)
    return replace(known, series=tuple(kept))


def test_countries_are_compared_in_their_latest_common_year() -> None:
    georgia = with_series("GE", "IMM", {"2021": "5", "2022": "7", "2024": "9"})
    (group,) = compared(study(georgia, with_series("SE", "IMM", {"2021": "3", "2022": "4", "2023": "6"})), "IMM").groups
    assert [(figure.area, figure.period, figure.value) for figure in group.figures] == [
        ("GE", "2022", Decimal(7)),
        ("SE", "2022", Decimal(4)),
    ]
    assert group.is_comparable


def test_countries_without_a_common_year_are_separate() -> None:
    apart = study(with_series("GE", "IMM", {"2021": "5"}), with_series("SE", "IMM", {"2022": "6"}))
    assert groups(apart, "IMM") == [(["GE"], True), (["SE"], True)]
    assert not compared(apart, "IMM").is_comparable


def test_census_is_not_grouped_with_yearly_figures() -> None:
    apart = study(with_share("GE", Text.of(en="census")), with_share("SE", Text()))
    assert [[figure.area for figure in group.figures] for group in compared(apart, "MIG_SHARE_FB").groups] == [
        ["GE"],
        ["SE"],
    ]


def with_share(area: str, basis: Text) -> Assessment:
    """A country with a share of the foreign-born that rests on a census, or on its yearly figures."""
    known = assessment(area)
    rate = known.indicators[0]
    share = replace(rate, indicator=replace(rate.indicator, id="MIG_SHARE"))
    return replace(known, indicators=(replace(share, values=(replace(rate.values[0], variant="FB", basis=basis),)),))


class TestCourses:
    """The chart of page one: lines share a panel only for countries with the same rule."""

    def test_countries_under_one_rule_share_a_panel(self) -> None:
        courses = study(assessment("GE"), assessment("SE"), assessment("MD", "R12")).courses
        assert [panel.areas for panel in courses.panels] == [("GE", "SE")]

    def test_countries_of_unknown_rule_are_not_drawn(self) -> None:
        assert study(assessment("GE", "_U"), assessment("SE", "_U")).courses is None

    def test_last_ten_years_are_drawn(self) -> None:
        values = {str(year): "1.5" for year in range(2010, 2025)}
        courses = study(with_series("GE", "CNR", values), with_series("SE", "CNR", {"2012": "2", "2020": "2"})).courses
        ((georgia, sweden),) = (panel.courses for panel in courses.panels)
        assert [figure.period for figure in sweden] == ["2020"]
        assert [figure.period for figure in georgia] == [str(year) for year in range(2015, 2025)]

    def test_study_without_figures_has_no_chart(self) -> None:
        assert study(silent("GE"), silent("SE")).courses is None


def test_country_without_a_figure_is_named() -> None:
    assert compared(study(assessment("GE"), silent("SE")), "IMM").missing == ("SE",)


def test_order_of_countries_does_not_change_the_study() -> None:
    assert study(assessment("GE"), assessment("SE")) == study(assessment("SE"), assessment("GE"))


def test_study_of_one_country_is_refused() -> None:
    with pytest.raises(SdmxmigError, match="two countries or more"):
        study(assessment("GE"))


def test_country_given_twice_is_refused_with_both_files() -> None:
    with pytest.raises(SdmxmigError, match=r"“GE” is in the study twice: in a\.json and in b\.json"):
        compare([Country(georgia(), "a.json"), Country(georgia(), "b.json")], StudyRequest(Text()), CATALOGUE)


class TestPeers:
    """Groups of peers, and how far apart countries are."""

    def test_countries_of_one_subregion_are_peers(self) -> None:
        compared_study = study(assessment("GE"), assessment("AM", "R12"), assessment("SE", "R12", "INT"))
        names = {str(group.name): group.areas for group in compared_study.groups}
        assert names == {"": ("AM", "GE", "SE"), "Asia": ("AM", "GE")}

    def test_countries_under_one_rule_are_peers(self) -> None:
        compared_study = study(assessment("GE"), assessment("SE"), assessment("MD", "R12"))
        assert [group.areas for group in compared_study.groups if group.kind == "rule"] == [("GE", "SE")]

    def test_countries_under_different_rules_are_not_peers(self) -> None:
        compared_study = study(assessment("GE", "OTH"), assessment("SE", "OTH"), assessment("MD", "R12"))
        assert not [group for group in compared_study.groups if group.kind == "rule"]

    def test_countries_with_one_source_type_of_flows_are_peers(self) -> None:
        """The first source in brackets counts: it is that of the immigrants."""
        compared_study = study(
            *(sourced(area, of) for area, of in (("GE", "H06, H01"), ("MD", "H06"), ("SE", "H01, H06")))
        )
        assert [(str(group.name), group.areas) for group in compared_study.groups if group.kind == "source"] == [
            ("Border records", ("GE", "MD"))
        ]

    def test_chosen_group_precedes_declared_groups(self) -> None:
        chosen = PeerGroup("CHOSEN.1", "chosen", name=Text.of(en="Partners"), areas=("GE", "SE"))
        countries = [Country(assessment(area)) for area in ("GE", "SE", "MD")]
        compared_study = compare(countries, StudyRequest(Text(), groups=(chosen,)), CATALOGUE)
        assert [group.kind for group in compared_study.groups] == ["all", "chosen", "area"]

    def test_chosen_group_with_country_outside_study_is_refused(self) -> None:
        chosen = PeerGroup("CHOSEN.1", "chosen", name=Text.of(en="Partners"), areas=("GE", "SW"))
        countries = [Country(assessment(area)) for area in ("GE", "SE")]
        with pytest.raises(DeclarationError, match=r"names “SW”, which is not in the study.*SE"):
            compare(countries, StudyRequest(Text(), groups=(chosen,)), CATALOGUE)

    def test_distances_are_counts_with_median_of_known_values(self) -> None:
        # Of 2 core indicators Georgia and Moldova produce 1, and nothing is known of the other.
        compared_study = study(assessment("GE"), assessment("MD"), silent("SE"))
        core = next(
            distance for distance in compared_study.distances if (distance.measure, distance.group) == ("core A", "all")
        )
        assert [(reach.area, reach.reached, reach.asked, reach.unknown) for reach in core.reaches] == [
            ("GE", 1, 2, 1),
            ("MD", 1, 2, 1),
            ("SE", 0, 2, 2),
        ]
        assert (core.known, core.median) == (2, None)

    @pytest.mark.parametrize(("silent_areas", "known", "middle"), [([], 3, Decimal(1)), (["MD"], 2, None)])
    def test_median_requires_at_least_three_countries(
        self, silent_areas: list[str], known: int, middle: Decimal | None
    ) -> None:
        """Georgia, Moldova and Sweden produce 1 of 2 core indicators each: the median is 1; two have none."""
        areas = ("GE", "MD", "SE")
        compared_study = study(*(silent(area) if area in silent_areas else assessment(area) for area in areas))
        core = next(
            distance for distance in compared_study.distances if (distance.measure, distance.group) == ("core A", "all")
        )
        assert (core.known, core.median) == (known, middle)

    def test_measure_without_any_data_is_left_out(self) -> None:
        assert not study(silent("GE"), silent("MD")).distances

    def test_measure_answered_by_one_country_is_not_compared(self) -> None:
        assert not study(assessment("GE"), silent("MD")).distances

    def test_core_and_additional_indicators_are_counted_apart(self) -> None:
        compared_study = study(assessment("GE"), assessment("SE"))
        measures = [distance.measure for distance in compared_study.distances if distance.group == "all"]
        assert measures == ["core A", "additional A", "definitions"]


def sourced(area: str, sources: str) -> Assessment:
    """A country that says from which sources its immigration rate comes."""
    known = assessment(area)
    answers = {"L03": SubjectAnswer("L03", practice=Text.of(en=f"In words. [{sources}]"))}
    rate = replace(known.indicators[0], answers=answers)
    borders = score("H06", "Border records", "YNP", "Y")
    return replace(known, indicators=(rate, *known.indicators[1:]), scores=(*known.scores, borders))


class TestGaps:
    """Gaps shared by countries, and possible joint actions."""

    def test_most_frequent_gaps_are_listed_first(self) -> None:
        open_reason = (GapReason("D05"),)
        by_reason = Gap("D05", Text.of(en="Flows by reason"), action=Text.of(en="Ask."), reasons=open_reason)
        only = replace(assessment("SE"), gaps=(by_reason,))
        gaps = study(assessment("GE"), only).gaps
        assert [(gap.subject, gap.whole, gap.partial) for gap in gaps] == [
            ("D05", ("GE", "SE"), ()),
            ("B07", (), ("GE",)),
        ]

    def test_unanswered_question_is_unknown_rather_than_a_gap(self) -> None:
        gaps = {gap.subject: gap for gap in study(assessment("GE"), silent("SE")).gaps}
        assert gaps["B07"].areas == ("GE",)
        assert gaps["B07"].unknown == ("SE",)

    def test_shared_action_follows_its_requirements(self) -> None:
        """LINK is worth more, but rests on AGREE; ALONE is that of one country."""
        first = Roadmap("2025-01", (action("AGREE", "0"), action("LINK", "9", ("AGREE",)), action("ALONE", "5")))
        second = Roadmap("2025-01", (action("LINK", "9"), action("AGREE", "1")))
        actions = study(assessment("GE", roadmap=first), assessment("SE", roadmap=second)).actions
        assert [(action.id, action.areas, action.after, action.priority) for action in actions] == [
            ("AGREE", ("GE", "SE"), (), Decimal(1)),
            ("LINK", ("GE", "SE"), ("AGREE",), Decimal(18)),
        ]

    def test_indirect_requirements_of_an_action_are_kept(self) -> None:
        """LINK rests on ALONE, which only one country needs and which rests on AGREE."""
        first = Roadmap(
            "2025-01", (action("AGREE", "0"), action("ALONE", "5", ("AGREE",)), action("LINK", "9", ("ALONE",)))
        )
        second = Roadmap("2025-01", (action("LINK", "9"), action("AGREE", "1")))
        actions = study(assessment("GE", roadmap=first), assessment("SE", roadmap=second)).actions
        assert [(action.id, action.after) for action in actions] == [("AGREE", ()), ("LINK", ("AGREE",))]


def action(name: str, priority: str, after: Sequence[str] = ()) -> Action:
    return Action(
        id=name,
        name=Text.of(en=name),
        type="LEGAL",
        phase="1",
        horizon="S",
        cost="1",
        closes=("B07",),
        unlocks=(),
        after=tuple(after),
        first=1,
        last=6,
        priority=Priority((), Decimal(1), value=Decimal(priority)),
    )


class TestFlowsBetweenCountries:
    """The mirror: emigration as one country reports it, immigration as the other does."""

    def test_both_reports_of_a_flow_are_compared(self) -> None:
        data = {
            "GE": [moved("DF_EMI", "GE", [("SE", "2022", "90"), ("SE", "2023", "80")])],
            "SE": [moved("DF_IMM", "SE", [("GE", "2022", "120"), ("GE", "2024", "10")])],
        }
        (corridor,) = study(assessment("GE"), assessment("SE"), datasets=data).corridors
        assert (corridor.origin, corridor.destination, corridor.period, corridor.ratio) == (
            "GE",
            "SE",
            "2022",
            Decimal("0.75"),
        )
        assert corridor.is_comparable

    def test_reports_under_two_rules_are_not_comparable(self) -> None:
        data = {
            "GE": [moved("DF_EMI", "GE", [("SE", "2022", "90")])],
            "SE": [moved("DF_IMM", "SE", [("GE", "2022", "120")])],
        }
        (corridor,) = study(assessment("GE"), assessment("SE", "R12"), datasets=data).corridors
        assert corridor.ratio == Decimal("0.75")
        assert not corridor.is_comparable

    def test_corridor_reported_by_one_country_has_no_ratio(self) -> None:
        data = {"GE": [moved("DF_EMI", "GE", [("SE", "2022", "90"), ("FR", "2022", "7")])], "SE": []}
        (corridor,) = study(assessment("GE"), assessment("SE"), datasets=data).corridors
        assert corridor.immigration is None
        assert corridor.ratio is None

    def test_parts_of_the_population_do_not_count_as_total(self) -> None:
        data = {"GE": [moved("DF_EMI", "GE", [("SE", "2022", "90")], SEX="F")], "SE": []}
        assert not study(assessment("GE"), assessment("SE"), datasets=data).corridors

    def test_contradictory_figures_of_a_flow_are_left_out(self) -> None:
        data = {"GE": [moved("DF_EMI", "GE", [("SE", "2022", "90"), ("SE", "2022", "91")])], "SE": []}
        assert not study(assessment("GE"), assessment("SE"), datasets=data).corridors

    def test_zero_is_reported_without_ratio(self) -> None:
        data = {
            "GE": [moved("DF_EMI", "GE", [("SE", "2022", "0")])],
            "SE": [moved("DF_IMM", "SE", [("GE", "2022", "0")])],
        }
        (corridor,) = study(assessment("GE"), assessment("SE"), datasets=data).corridors
        assert corridor.emigration is not None
        assert corridor.ratio is None
