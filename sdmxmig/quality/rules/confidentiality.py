"""Confidentiality of single figures, and figures as readers see them: shown or suppressed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from sdmxmig.primitives.errors import check_known
from sdmxmig.primitives.lazily import pl
from sdmxmig.quality.confidential import MASK
from sdmxmig.quality.rules import KINDS, Check, build_untestable_error, report_not_tested
from sdmxmig.quality.rules.series import read_decimal
from sdmxmig.quality.rules.values import (
    VALUE_COLUMN,
    extract_column,
    list_distinct,
    select_figures,
    select_figures_once,
)
from sdmxmig.quality.rules.words import build_reason, find_code_name, translate_parameters, write_number
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.findings import Fault, NotTestable
from sdmxmig.statistics.demography.amounts import NUMBER_PATTERN
from sdmxmig.statistics.demography.ledger import Book

CONFIDENTIALITY, STATUS = "CONF_STATUS", "OBS_STATUS"
PRIMARY, SECONDARY, RESTRICTED, UNSAID = "primary", "secondary", "restricted", "unsaid"
NOTHING_WITHHELD = "no figure is marked as confidential or suppressed"


@KINDS.add("SMALL-IS-CONFIDENTIAL")
def small_is_confidential(check: Check) -> Iterable[Fault | NotTestable]:
    """Small counts are marked as confidential if an office marks any figure.

    Parameters: `threshold`: below it counts are small; `zero`: zeros too; `always`: also if no figure is marked;
    `marks`, `units`, `except` as for all rules on confidential figures. Rounded figures are protected. Findings do not
    show the figure.
    """
    with check.parameters as parameters:
        threshold, zero = parameters.integer("threshold"), parameters.flag("zero", default=False)
        always, marks = parameters.flag("always", default=False), list_marks(parameters)
    if not (always or has_suppressed(check, marks)):
        raise build_untestable_error(
            "no figure is marked as confidential or suppressed, and it is not stated whether "
            "small figures may be published"
        )
    frame = select_figures_shown(check, marks).filter(pl.col("value").is_not_null(), pl.col("half") == 0)
    if frame.is_empty():
        yield report_not_tested("there is no count of single persons")
    value = pl.col("value")
    small = (value < threshold) & ((value > 0) | (zero & (value == 0)))
    for row in frame.filter(small, ~pl.col("mark").is_in([PRIMARY, RESTRICTED]))["row"]:
        yield check.fault(
            (row,),
            lambda language: {"threshold": write_number(str(threshold), language)},
            observed=MASK,
            expected=CONFIDENTIALITY,
        )


@KINDS.add("THRESHOLD-IS-KNOWN")
def threshold_is_known(check: Check) -> Iterable[Fault | NotTestable]:
    """The office's threshold is documented if very small counts are unmarked.

    Reported once for all data validated together. Parameters: `rule` on small counts, whose `always` confirms a
    threshold; `below`: count below which it is reported; `marks`, `units`, `except` as for all rules on confidential
    figures.
    """
    with check.parameters as parameters:
        rule, below = check.rules.get(parameters.text("rule")), parameters.integer("below")
        marks = list_marks(parameters)
    if has_suppressed(check, marks) or (rule is not None and rule.parameters.get("always")):
        return
    frame = select_figures_shown(check, marks).filter(pl.col("value").is_not_null(), pl.col("half") == 0)
    if frame.is_empty():
        yield report_not_tested("there is no count of single persons")
    count = frame.filter(pl.col("value") > 0, pl.col("value") < below).height
    others = [book for book in check.books if book.flow < check.flow.id]
    if count and not any(shows_small_counts(book, below) for book in others):
        words = translate_parameters(
            check.rule, lambda language: {"count": write_number(str(count), language), "most": str(below - 1)}
        )
        yield check.fault((), words, observed=str(count))


def shows_small_counts(book: Book, below: int) -> bool:
    unit = 10**book.amounts.scale
    is_exact = (pl.col("printed_step") == unit) & (pl.col("power") == 0)
    small = is_exact & (pl.col("amount") > 0) & (pl.col("amount") < below * unit)
    return bool(book.amounts.frame.select(small.any()).item())


@KINDS.add("WITHHELD-HAS-NO-VALUE")
def suppressed_figures_have_no_value(check: Check) -> Iterable[Fault | NotTestable]:
    """Figures that are not for publication have no value in data for release.

    Parameters: `release`: all data are for release; else only data that leave out some such figures, since agencies may
    receive marked values; `marks` and so on as for the other rules.
    """
    with check.parameters as parameters:
        release, marks = parameters.flag("release", default=False), list_marks(parameters)
    if not has_suppressed(check, marks):
        raise build_untestable_error(NOTHING_WITHHELD)
    frame = select_figures_shown(check, marks).filter(pl.col("mark") != "")
    valued = frame.filter(pl.col("value").is_not_null())
    if not release and valued.height == frame.height:
        raise build_untestable_error(
            "every figure that is not for publication has a value, so these may be data for an agency"
        )
    for row in valued["row"]:
        yield check.fault((row,), {}, observed=MASK, expected="no value")


@KINDS.add("ROUNDED-TO-BASE")
def figures_are_rounded_to_base(check: Check) -> Iterable[Fault | NotTestable]:
    """In a table rounded to a base, every figure is a multiple of the base.

    Parameters: `base`: the agreed one (0: none), else the largest of `bases` that fits at least `share` of the figures
    and `figures` different ones, with warnings for others; `units`, `except`. Figures are checked as printed, in whole
    units.
    """
    with check.parameters as parameters:
        agreed, bases = parameters.integer("base"), parameters.numbers("bases")
        share, needed = read_decimal(parameters, "share"), parameters.integer("figures")
        list_marks(parameters)
    measure = check.measure
    counts = select_figures(check).filter(pl.col("amount") != 0, ~pl.col(measure).str.contains(".", literal=True))
    printed = counts.select("row", pl.col(measure).alias("text")).with_columns(
        steps=pl.col("text").str.extract(NUMBER_PATTERN, 2).cast(pl.Int128, strict=False)
    )
    base = agreed or find_rounding_base(
        printed["steps"], [int(base) for base in bases], share=float(share), needed=needed
    )
    if not base:
        raise build_untestable_error("no rounding base is agreed, and the figures do not show one")
    for row, text in (
        printed.filter(pl.col("steps").is_not_null(), pl.col("steps") % base != 0).select("row", "text").iter_rows()
    ):
        severity = "" if agreed else "warning"
        yield check.fault(
            (row,),
            partial(phrase_rounding, base, text),
            observed=text,
            expected=f"a multiple of {base}",
            severity=severity,
        )


def find_rounding_base(steps: pl.Series, bases: Iterable[int], *, share: float, needed: int) -> int:
    """Return the largest base that fits nearly all figures; 0 if none does or there are too few.

    >>> find_rounding_base(pl.Series([5, 10, 15, 20, 7]), [3, 5], share=0.8, needed=5)
    5
    """
    distinct = steps.drop_nulls().unique().to_frame("step")
    if distinct.height < needed:
        return 0
    multiples = distinct.select((pl.col("step") % base == 0).sum().alias(str(base)) for base in bases)
    fitting = (int(base) for base, count in multiples.row(0, named=True).items() if count >= share * distinct.height)
    return max(fitting, default=0)


def phrase_rounding(base: int, text: str, language: str) -> dict[str, str]:
    return {"value": write_number(text, language), "base": write_number(str(base), language)}


@KINDS.add("FEW-FOR-THE-SAKE-OF-OTHERS")
def secondary_suppression_is_limited(check: Check) -> Iterable[Fault | NotTestable]:
    """Secondary suppression does not suppress many times more figures than primary.

    Parameters: `times`: tolerated factor; `marks` and so on as for the other rules.
    """
    with check.parameters as parameters:
        times, marks = read_decimal(parameters, "times"), list_marks(parameters)
        written = parameters.text("times")
    if not has_suppressed(check, marks):
        raise build_untestable_error(NOTHING_WITHHELD)
    counts = dict(select_figures_shown(check, marks).group_by("mark").len().iter_rows())
    primary, secondary = counts.get(PRIMARY, 0), counts.get(SECONDARY, 0)
    if counts.get(UNSAID, 0):
        yield NotTestable(
            build_reason("{count} suppressed figures have no reason for suppression", count=counts[UNSAID]),
            partial=bool(primary),
        )
    if not primary:
        yield report_not_tested("no figure is marked as confidential by itself")
    elif secondary > times * primary:

        def words(language: str) -> dict[str, str]:
            shown = {"primary": primary, "secondary": secondary, "times": written}
            return {name: write_number(str(count), language) for name, count in shown.items()}

        yield check.fault((), words, component=CONFIDENTIALITY, observed=str(secondary))


MISSING = "NaN"
EITHER, FLAGGED, BLANK = "either", "flagged", "blank"


@KINDS.add("CONFIDENTIAL-AS-AGREED")
def confidentiality_codes_agree(check: Check) -> Iterable[Fault | NotTestable]:
    """Suppressed figures are marked confidential, and confidential ones without value suppressed, as agreed.

    Parameters: `confidential`: codes of CONF_STATUS; `suppressed`: OBS_STATUS of omitted figures; `agreed`: whether
    confidential figures are sent ``flagged``, ``blank`` or ``either``.
    """
    with check.parameters as parameters:
        confidential, suppressed = parameters.strings("confidential", None), parameters.text("suppressed")
        agreed = parameters.text("agreed")
        check_known("way of sending", agreed, (EITHER, FLAGGED, BLANK), parameters.at("agreed"))
    structure = check.structure
    if CONFIDENTIALITY not in structure or STATUS not in structure:
        raise build_untestable_error("{flow} has no status of confidentiality", flow=check.flow.id)
    confidentiality = extract_column(check, structure[CONFIDENTIALITY]).select("row", kept="value")
    if confidentiality.get_column("kept").null_count() == confidentiality.height:
        raise build_untestable_error("confidential figures are not marked (CONF_STATUS)")
    values = check.frame.select("row", sent=pl.col(structure.measure.id).fill_null(MISSING) != MISSING)
    statuses = extract_column(check, structure[STATUS]).select("row", status="value")
    cells = values.join(confidentiality, on="row").join(statuses, on="row")
    kept = pl.col("kept").is_in(confidential).fill_null(value=False)
    is_suppressed = (pl.col("status") == suppressed).fill_null(value=False)
    yield from find_wrong_codes(check, cells.filter(is_suppressed, ~kept), CONFIDENTIALITY, " ".join(confidential))
    yield from find_wrong_codes(check, cells.filter(kept, ~pl.col("sent"), ~is_suppressed), STATUS, suppressed)
    if agreed == BLANK:
        yield from find_wrong_codes(check, cells.filter(kept, "sent"), structure.measure.id, "no value")
    if agreed == FLAGGED:
        yield from find_wrong_codes(check, cells.filter(kept, ~pl.col("sent")), structure.measure.id, "a value")


def find_wrong_codes(check: Check, cells: pl.DataFrame, component: str, expected: str) -> Iterable[Fault]:
    for kept, status, rows in cells.group_by("kept", "status", maintain_order=True).agg("row").iter_rows():
        codes = {CONFIDENTIALITY: kept, STATUS: status}
        yield check.fault(
            rows,
            partial(index_status_names, check.flow, codes),
            component=component,
            observed=codes.get(component) or "",
            expected=expected,
        )


def index_status_names(flow: Flow, codes: Mapping[str, str | None], language: str) -> dict[str, str]:
    names = [find_code_name(flow, name, code, language) if code else "–" for name, code in codes.items()]
    return dict(zip(("confidentiality", "status"), names, strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfidentialityMarks:
    """Status codes of suppressed figures.

    `primary`, `secondary`, `restricted` are CONF_STATUS; `suppressed` and `nothing` (impossible, zero) are statuses.
    """

    primary: tuple[str, ...] = ()
    secondary: tuple[str, ...] = ()
    restricted: tuple[str, ...] = ()
    suppressed: tuple[str, ...] = ()
    nothing: tuple[str, ...] = ()

    @property
    def of_confidentiality(self) -> tuple[str, ...]:
        return (*self.primary, *self.secondary, *self.restricted)


def list_marks(parameters: Declared) -> ConfidentialityMarks:
    marks = parameters.table("marks").read(ConfidentialityMarks)
    parameters.strings("units")
    parameters.table("except")
    return marks


def select_figures_shown(check: Check, marks: ConfidentialityMarks) -> pl.DataFrame:
    """Return the figures of a rule: key, `row`, `value`, `half`, `mark`, `shown`.

    `value` is in units; `half` is the rounding, zero for whole persons; `mark` is the reason for suppressing.
    """
    unit = 10**check.amounts.scale
    frame = select_figures_once(check)
    frame = add_code(check, add_code(check, frame, CONFIDENTIALITY, "conf"), STATUS, "status")
    value = pl.col("amount").cast(pl.Float64) / unit
    step = pl.col("printed_step").cast(pl.Float64) / unit
    conf, status = pl.col("conf").fill_null(""), pl.col("status").fill_null("")
    mark = (
        pl.when(conf.is_in(marks.primary))
        .then(pl.lit(PRIMARY))
        .when(conf.is_in(marks.secondary))
        .then(pl.lit(SECONDARY))
        .when(conf.is_in(marks.restricted))
        .then(pl.lit(RESTRICTED))
        .when(status.is_in(marks.suppressed) & pl.col("amount").is_null())
        .then(pl.lit(UNSAID))
        .otherwise(pl.lit(""))
    )
    is_nothing = pl.col("amount").is_null() & status.is_in(marks.nothing)
    return frame.select(
        *check.structure.key,
        "row",
        value=pl.when(is_nothing).then(0.0).otherwise(value),
        half=pl.when(step == 1).then(0.0).otherwise(step / 2),
        mark=mark,
    ).with_columns(shown=(pl.col("mark") == "") & pl.col("value").is_not_null())


def add_code(check: Check, frame: pl.DataFrame, component: str, name: str) -> pl.DataFrame:
    if component not in check.structure:
        return frame.with_columns(pl.lit(None, dtype=pl.String).alias(name))
    codes = extract_column(check, check.structure[component]).select("row", pl.col(VALUE_COLUMN).alias(name))
    return frame.join(codes, on="row", how="left", maintain_order="left")


def has_suppressed(check: Check, marks: ConfidentialityMarks) -> bool:
    structure, frame = check.structure, check.frame
    for component, codes in ((CONFIDENTIALITY, marks.of_confidentiality), (STATUS, marks.suppressed)):
        if component in structure:
            is_own = component in frame.columns
            values = check.books[0].codes(component) if is_own else list_distinct(check, structure[component])
            if not {*values}.isdisjoint(codes):
                return True
    return False
