"""Columns of other measures than the one counted, and columns calculated from others."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from functools import lru_cache
from itertools import permutations, repeat

from sdmxmig.conversion.mapping.block_keys import find_only_codes
from sdmxmig.conversion.recognition import Recogniser
from sdmxmig.conversion.recognition.country_wordings import strip_of_which
from sdmxmig.conversion.recognition.labels import bare, plain
from sdmxmig.conversion.recognition.mentions import read_title
from sdmxmig.conversion.recognition.words import Vocabulary
from sdmxmig.conversion.suggestion.line_sources import LineSource, build_skip
from sdmxmig.conversion.suggestion.lines import FlowKnowledge, Line, is_total, list_codes, map_labels
from sdmxmig.conversion.suggestion.other_counts import OF_DIRECTION
from sdmxmig.conversion.suggestion.questions import Decisions, Question, ask, build_only_label, find_line_decisions
from sdmxmig.conversion.suggestion.region_splitting import find_shares, is_share
from sdmxmig.conversion.suggestion.regions import Region
from sdmxmig.conversion.suggestion.sums_of_parts import parse_number
from sdmxmig.primitives.places import name_column
from sdmxmig.sdmx.model.data import LEFT_OUT_BY_ANSWER, NO_COUNTS, OF_ANOTHER_FLOW, ComponentMap, Skip

DIRECTION, UNIT, PERSONS = "DIRECTION", "UNIT_MEASURE", "PS"
NOT_PROPOSED_REASON = f"not proposed: {NO_COUNTS}"
NET, BALANCES = "NET", "balances are not counts"
NET_MIGRATION = "NET_MIG"
INTERNAL, WITHIN = "INTERNAL", "moves within the country are not international migration"
SCOPE, EXTERNAL = "SCOPE", "EXTERNAL"
MOVE_CONCEPTS = frozenset({"ARTICLE", "DIRECTION", "MEASURE", "MOVE", "PLAIN", "WORDING"})
PRECISION, ERRORS = "PRECISION", "standard errors and bounds of estimates are not counts"


@dataclass(frozen=True, slots=True)
class OtherMeasures:
    """Rows and columns left out, and their labels; `carried` labels also apply to gaps."""

    rows: tuple[Skip, ...]
    columns: tuple[Skip, ...]
    _: KW_ONLY
    labels: Mapping[LineSource, frozenset[str]]
    carried: tuple[ComponentMap, ...]
    questions: tuple[Question, ...] = ()
    silent: Mapping[LineSource, frozenset[str]] = field(default_factory=dict)
    """Labels of figures that are read, which say no more than that the others are left out: “external”."""

    @property
    def directions(self) -> Mapping[str, frozenset[str]]:
        """The direction of moves as a component, if the heads name both."""
        reasons = {skip.reason for skip in (*self.rows, *self.columns)}
        return {DIRECTION: frozenset()} if OF_ANOTHER_FLOW in reasons else {}

    def holds(self, headers: Sequence[str]) -> bool:
        return any(text in texts for texts in self.labels.values() for text in headers)


def find_other_measures(region: Region, lines: Sequence[Line], known: FlowKnowledge) -> OtherMeasures:
    beside = dict(region.fold_column(region.side)) if region.rates else {}
    rows = [Skip(text, NO_COUNTS) for text in dict.fromkeys(beside[row] for row in sorted(region.rates))]
    columns: list[Skip] = []
    labels: dict[LineSource, frozenset[str]] = {}
    silent: dict[LineSource, frozenset[str]] = {}
    carried: list[ComponentMap] = []
    left_out: set[int] = set()
    for line in lines:
        kind, number = line.source.kind, line.source.number
        scopes = find_scopes(line, known)
        has_internal = INTERNAL in scopes.values()
        is_read = kind == "header" or has_internal or has_directions(line, known.vocabulary)
        if number is None or len(line.texts) < 2 or not is_read:
            continue
        shares = find_shares(region, line, known) | find_calculated_labels(region, line, known)
        reason_by_label = {
            text: explain_skip(text, known) or (NO_COUNTS if text in shares else "") for text in line.texts
        }
        if has_internal:  # a total beside them counts both
            totals = {text for text in line.texts if is_total(text, known.recogniser)}
            within = (text for text in line.texts if text in totals or scopes.get(text) == INTERNAL)
            reason_by_label |= dict.fromkeys(within, WITHIN)
        reasons = {text: reason for text, reason in reason_by_label.items() if reason}
        if not reasons or len(reasons) == len(line.texts):
            continue
        skips = [Skip(text, reason, headers=(number,)) for text, reason in reasons.items()]
        counts = {text: reason for text, reason in reasons.items() if reason not in (NO_COUNTS, ERRORS)}
        beside_them = find_other_columns(region, line, counts, scopes, known.vocabulary) if kind == "header" else ()
        (columns if kind == "header" else rows).extend((*skips, *beside_them))
        silent[line.source] = frozenset(text for text, scope in scopes.items() if scope == EXTERNAL)
        labels[line.source] = frozenset(reasons) | list_skipped_labels(region, line, beside_them)
        if kind == "header":
            letters = {skip.column for skip in beside_them}
            placed = map_labels(region, line).items()
            left_out |= {column for column, text in placed if text in reasons or name_column(column) in letters}
        if line.has_gaps:
            carried.append(build_component(line, reasons, known))
    for line in lines:
        if left_out and line.source.kind == "header" and line.source not in labels:
            over = map_labels(region, line).items()
            read = {text for column, text in over if column not in left_out}
            labels[line.source] = frozenset(text for column, text in over if column in left_out) - read
    labels = {source: texts for source, texts in labels.items() if texts}
    return OtherMeasures(tuple(rows), tuple(columns), labels=labels, carried=tuple(carried), silent=silent)


def find_calculated_labels(region: Region, line: Line, known: FlowKnowledge) -> frozenset[str]:
    if line.source.kind != "header" or find_only_codes(known.flow).get(UNIT, PERSONS) != PERSONS:
        return frozenset()
    calculated = find_calculated_columns(
        region, with_differences=NET_MIGRATION not in list_codes(known.flow, "ACC_ITEM")
    )
    placed = map_labels(region, line)
    return frozenset(placed[column] for column in calculated) - {
        text for column, text in placed.items() if column not in calculated
    }


def skip_unchosen_labels(
    measures: OtherMeasures, lines: Sequence[Line], sheet: str, decisions: Decisions
) -> OtherMeasures:
    rows, columns, labels = list(measures.rows), list(measures.columns), dict(measures.labels)
    orders = find_line_decisions(decisions, sheet)
    for line in lines:
        only = next((text for text in line.texts if build_only_label(text) == orders.get(str(line.source))), "")
        unchosen = [text for text in line.texts if only and text != only]
        if line.source.is_numbered:
            skips = (build_skip(line.source, text, LEFT_OUT_BY_ANSWER, carried=line.carried) for text in unchosen)
            (columns if line.source.kind == "header" else rows).extend(skips)
            labels[line.source] = labels.get(line.source, frozenset()) | frozenset(unchosen)
    labels = {source: texts for source, texts in labels.items() if texts}
    return replace(measures, rows=tuple(rows), columns=tuple(columns), labels=labels)


def has_directions(line: Line, vocabulary: Vocabulary) -> bool:
    directions = [find_directions(text, vocabulary) for text in line.texts]
    return (
        sum(map(bool, directions)) * 2 > len(directions) and len({code for codes in directions for code in codes}) > 1
    )


def build_component(line: Line, reasons: Mapping[str, str], known: FlowKnowledge) -> ComponentMap:
    name = DIRECTION if OF_ANOTHER_FLOW in reasons.values() else UNIT
    code = find_only_codes(known.flow).get(DIRECTION, "") if name == DIRECTION else PERSONS
    codes = tuple((text, code) for text in line.texts if text not in reasons)
    return ComponentMap(name, line.source.place, codes=codes, carried=line.carried)


def find_directions(text: str, vocabulary: Vocabulary) -> frozenset[str]:
    return frozenset(candidate.code for candidate in vocabulary.inside(DIRECTION, text))


def has_balances(known: FlowKnowledge) -> bool:
    return known.flow.codelist(DIRECTION) is not None or NET_MIGRATION in list_codes(known.flow, "ACC_ITEM")


def is_internal(text: str, known: FlowKnowledge) -> bool:
    return set(known.vocabulary.codes("MEASURE", plain(bare(text)))) == {INTERNAL}


def find_scopes(line: Line, known: FlowKnowledge) -> Mapping[str, str]:
    """Return whether labels mean moves within the country or across its border; words alone need both kinds."""
    scopes = {text: find_scope(text, known.recogniser) for text in line.texts} if has_balances(known) else {}
    of_words = {text: scope for text, scope in scopes.items() if scope and EXTERNAL in scopes.values()}
    return {**of_words, **{text: INTERNAL for text in line.texts if is_internal(text, known)}}


def find_scope(text: str, recogniser: Recogniser) -> str:
    """Return the code of a label such as “internal”, “internal moves” or “from abroad”; empty for others."""
    vocabulary, label = recogniser.vocabulary, plain(bare(text))
    if vocabulary.codes("ABROAD", label):
        return EXTERNAL
    if not vocabulary.inside(SCOPE, text):
        return ""
    reading = read_title(text, recogniser)
    is_of_moves = {mention.concept for mention in reading.mentions} <= MOVE_CONCEPTS
    phrases = (label, plain(" ".join(reading.unexplained)) if is_of_moves else "")
    return next((code for phrase in phrases for code in vocabulary.codes(SCOPE, phrase)), "")


def explain_skip(text: str, known: FlowKnowledge) -> str:
    vocabulary = known.vocabulary
    if is_internal(text, known):
        return WITHIN
    measures = set(vocabulary.codes("MEASURE", plain(text)))
    if measures == {NET} and not has_balances(known):
        return BALANCES
    if vocabulary.inside(PRECISION, text):
        return ERRORS
    counted = {code for code, measure in OF_DIRECTION.items() if measure in measures}
    direction, directions = find_only_codes(known.flow).get(DIRECTION, ""), find_directions(text, vocabulary) or counted
    return OF_ANOTHER_FLOW if direction and directions and direction not in directions else ""


def ask_about_shares(region: Region, lines: Sequence[Line], known: FlowKnowledge) -> tuple[Question, ...]:
    """Explain why a table of shares or rates only is not proposed; empty for other tables."""
    vocabulary = known.vocabulary
    if find_only_codes(known.flow).get(UNIT, PERSONS) != PERSONS:
        return ()
    if region.is_part and is_below_shares(region, vocabulary):
        return (ask(region.name, "sheet", NOT_PROPOSED_REASON, label=region.head(region.side)),)
    for line in lines:
        is_whole = line.source.kind == "header" and not line.has_gaps
        if is_whole and all(is_share(text, vocabulary) for text in line.texts):
            return (ask(region.name, "sheet", NOT_PROPOSED_REASON, label=line.texts[0][:120]),)
    return ()


def is_below_shares(region: Region, vocabulary: Vocabulary) -> bool:
    over = {text for column in region.values for text in region.over(column)}
    title = region.head(region.side)
    return bool(title) and is_share(title, vocabulary) and over <= {"", title}


def ask_about_other_figures(region: Region, lines: Sequence[Line], known: FlowKnowledge) -> tuple[Question, ...]:
    """Explain why a table about another direction is not proposed; empty if it may be proposed."""
    direction = find_only_codes(known.flow).get(DIRECTION, "")
    labels = [text for line in lines for text in line.texts if line.source.kind != "section"]
    directions_by_text = {
        title: find_directions(title, known.vocabulary) for title in (*region.titles, region.table.sheet, *labels)
    }
    texts = [title for title, codes in directions_by_text.items() if codes]
    if not direction or not texts or any(direction in codes for codes in directions_by_text.values()):
        return ()
    return (ask(region.name, "sheet", f"not proposed: {OF_ANOTHER_FLOW}", label=texts[0][:120]),)


COUNTED = ("MEASURE", "DIRECTION")


def find_other_columns(
    region: Region, line: Line, reasons: Mapping[str, str], scopes: Collection[str], vocabulary: Vocabulary
) -> tuple[Skip, ...]:
    """Find the columns of left-out headings by letter.

    A part belongs to the heading before it, or after it if the row ends with a heading. A heading of a row above has
    its parts there.
    """
    number = line.source.number or 1
    row = region.top + number - 1
    placed = map_labels(region, line)
    columns = sorted(placed, reverse=region.labels_right)
    own = {text for column, text in placed.items() if region.covered.get((row, column), (row, column))[0] == row}
    headings = {text for text in own if text in reasons or text in scopes or is_heading(text, vocabulary)}
    texts = [placed[column] for column in columns]
    if texts[0] not in headings and texts.count(texts[0]) > 1 and texts[-1] in headings:
        columns.reverse()
    return tuple(build_part_skips(placed, columns, headings, reasons, number=number))


def build_part_skips(
    placed: Mapping[int, str], columns: list[int], headings: set[str], reasons: Mapping[str, str], *, number: int
) -> Iterator[Skip]:
    heading = ""
    for column in columns:
        text = placed[column]
        heading = text if text in headings else heading
        if text and text not in headings and heading in reasons:
            reason = f"a part of “{heading}”: {reasons[heading]}"
            yield Skip(text, reason, headers=(number,), column=name_column(column))


def list_skipped_labels(region: Region, line: Line, skips: tuple[Skip, ...]) -> frozenset[str]:
    out = {skip.column for skip in skips}
    read = {text for column, text in map_labels(region, line).items() if name_column(column) not in out}
    return frozenset(skip.match for skip in skips) - read


def is_heading(text: str, vocabulary: Vocabulary) -> bool:
    if starts_with_of_which(text, vocabulary):
        return False
    whole = any(vocabulary.codes(concept, plain(bare(text))) for concept in COUNTED)
    return whole or bool(vocabulary.inside("DIRECTION", text))


def starts_with_of_which(text: str, vocabulary: Vocabulary) -> bool:
    return strip_of_which(text, vocabulary) != text


MIN_ROWS, MIN_DIGITS = 3, 7
"""Minimum number of different results, and of their digits together, beyond chance."""
MAX_COLUMNS, MAX_ROWS = 40, 40
"""Wider tables are not searched; later rows of long tables are not compared."""
SHARE_FACTORS = (1, 100, 1000)
ROUNDING_ERROR = 0.6
"""Largest error of a rounded result, in units of its last digit."""

MIN_DIVISOR = 1e-9
"""A divisor in place of zero, whose results fit no figure."""

Figures = Mapping[int, Mapping[int, float]]
"""Numbers by column and row."""


@lru_cache(maxsize=16)
def find_calculated_columns(region: Region, *, with_differences: bool) -> frozenset[int]:
    """Return the columns that are ratios, shares or changes of other columns in every row.

    Differences count only if some are negative; otherwise they may be people, such as women as total less men.
    """
    rows = frozenset(sorted(region.counted)[:MAX_ROWS])
    figures: dict[int, dict[int, float]] = {}
    decimals: dict[int, int] = {}
    for row, column, text in region.figures:
        number = parse_number(text, is_stored=(row, column) in region.table.numeric) if row in rows else None
        if number is not None:
            figures.setdefault(column, {})[row] = float(number)
            decimals[column] = max(decimals.get(column, 0), -int(number.as_tuple().exponent))
    if len(figures) > MAX_COLUMNS:
        return frozenset()
    return frozenset(
        column
        for column in figures
        if is_beyond_chance(figures[column])
        and any(
            all(map(is_close, way, figures[column].values(), repeat(ROUNDING_ERROR / 10 ** decimals[column])))
            for way in find_calculations(column, figures, with_differences=with_differences)
        )
    )


def is_close(exact: float, result: float, tolerance: float) -> bool:
    return abs(exact - result) <= tolerance


def is_beyond_chance(results: Mapping[int, float]) -> bool:
    digits = [len(f"{abs(result):g}".replace(".", "").strip("0")) for result in {*results.values()}]
    return len(digits) >= MIN_ROWS and sum(digits) >= MIN_DIGITS


def find_calculations(column: int, figures: Figures, *, with_differences: bool) -> Iterator[Iterator[float]]:
    """Yield the results of calculations that may explain a column: shares, differences, ratios, changes of others."""
    rows = figures[column]
    largest_result = max(map(abs, rows.values()))  # women are men by their ratio, too
    others = [
        values
        for other, values in figures.items()
        if other != column and rows.keys() <= values.keys() and max(values.values()) > largest_result
    ]
    has_negative = any(result < 0 for result in rows.values())
    for whole in others:
        share = 100 / max(whole.values())
        yield (whole[row] * share for row in rows)
    counts = [values for values in others if min(values[row] for row in rows) >= 0]
    for first, second in permutations(counts, 2):
        if with_differences and has_negative:
            yield (first[row] - second[row] for row in rows)
        divisor = {row: second[row] or MIN_DIVISOR for row in rows}
        yield (100 * (first[row] - divisor[row]) / divisor[row] for row in rows)
        yield (100 * first[row] / (first[row] + divisor[row]) for row in rows)
        for factor in SHARE_FACTORS:
            yield (factor * first[row] / divisor[row] for row in rows)
