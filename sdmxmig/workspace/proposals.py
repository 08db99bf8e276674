"""Proposals verified by a trial conversion and the totals in the tables."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from sdmxmig.catalogue import Catalogue
from sdmxmig.catalogue.folders import read_words_in
from sdmxmig.conversion import convert as conversion
from sdmxmig.conversion.convert import Conversion
from sdmxmig.conversion.convert.account_items import list_item_flows
from sdmxmig.conversion.convert.notes_used import ConflictingNotes
from sdmxmig.conversion.convert.partial_years import YEAR, find_incomplete_sums, vocabulary
from sdmxmig.conversion.mapping import load
from sdmxmig.conversion.mapping.writing import write
from sdmxmig.conversion.recognition import Candidate, Recogniser
from sdmxmig.conversion.recognition.calendars import YearEnd
from sdmxmig.conversion.recognition.labels import plain, strip_marks
from sdmxmig.conversion.recognition.times import list_named_months, moment, parse_month_span
from sdmxmig.conversion.recognition.words import Vocabulary
from sdmxmig.conversion.suggestion import Decisions, FlowKnowledge, Proposal, Question, suggest
from sdmxmig.conversion.suggestion.answers import Answers
from sdmxmig.conversion.suggestion.cell_values import NEGATIVE, QUOTED
from sdmxmig.conversion.suggestion.earlier_mapping import (
    CarriedDecisions,
    carry_over,
    find_area,
    limit_to_flow,
    open_changed_questions,
)
from sdmxmig.conversion.suggestion.figures import SIGNS
from sdmxmig.conversion.suggestion.legends import (
    find_leading_mark,
    find_noted_labels,
    find_trailing_marks,
    index_sign_codes,
    parse_entries,
    remove_mark,
    strip_mark,
)
from sdmxmig.conversion.suggestion.lines import list_lines
from sdmxmig.conversion.suggestion.notes import split_note
from sdmxmig.conversion.suggestion.preview import Example, build_examples
from sdmxmig.conversion.suggestion.proposal import list_texts_without_figures
from sdmxmig.conversion.suggestion.questions import (
    ADD_UP,
    AND,
    AS_IT_IS,
    EVERYWHERE,
    LEAVE_OUT,
    SUMS,
    apply_decisions,
    ask,
    build_only_label,
)
from sdmxmig.conversion.suggestion.read_regions import PART_OF_YEAR
from sdmxmig.conversion.suggestion.regions import Region
from sdmxmig.conversion.suggestion.sampling import choose_tables, drop_unsampled_rows, restore_region
from sdmxmig.conversion.suggestion.stated_rules import RES_RULE, find_lengths, list_usual_values
from sdmxmig.conversion.suggestion.title_values import STATUS_OF
from sdmxmig.conversion.suggestion.year_statements import NOTE, format_label
from sdmxmig.primitives.errors import DeclarationError, SdmxmigError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place, parse_cell
from sdmxmig.quality import validation
from sdmxmig.quality.rules.words import TOTAL, name_in_words
from sdmxmig.sdmx.model.data import LEFT_OUT_BY_ANSWER, Block, Dataset, Flow, TableMapping, UserNote
from sdmxmig.sdmx.model.findings import Finding
from sdmxmig.sdmx.model.rule_ids import RuleId
from sdmxmig.sdmx.model.sources import ROW_KINDS
from sdmxmig.sdmx.model.tables import Table
from sdmxmig.sdmx.words import Words

KEY_RULES = frozenset({"KEY-UNIQUE"})
PRESENCE_RULES = frozenset({"DIMENSION-PRESENT"})
NUMBER_RULES = frozenset({"VALUE-OF-TYPE", "NUMBERS-ARE-PLAIN", "NOT-NEGATIVE", "NUMBER-OF-NOT-NEGATIVE"})
UNREAD_RULES = frozenset({RuleId.ERROR_CELL, RuleId.FORMULA_WITHOUT_RESULT, RuleId.MERGED_FIGURE})
LEFT_OUT_RULE = "LEFT-OUT-FITS-TOTAL"
COMMENT = "COMMENT_OBS"
UNITS = ("UNIT_MEASURE", "UNIT_MULT")
OUT, LEAVE_UNREAD = "leave them out", "continue without these figures"
SUM_RULE = "TOTAL-IS-SUM"
TOTAL_RULES = frozenset({SUM_RULE, "EVERY-TOTAL-FITS", "PART-WITHIN-TOTAL", "PARTS-WITHIN-TOTAL", LEFT_OUT_RULE})
CORRECTION_HINT = "If a figure is wrong, correct its cell in the table."
MAX_NAMED = 10
"""The most contradictions of a kind that a question describes."""
LABEL_PARTS = ("codes", "regions", "rests", SUMS)
"""Questions about labels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedProposal:
    """A proposal with open questions, tried on `tables`, which may be samples.

    `notes` are neither asked about nor sent with the data.
    """

    proposal: Proposal
    flow: Flow
    questions: tuple[Question, ...]
    tables: Sequence[Table]
    notes: tuple[str, ...] = ()
    conversion: Conversion | None = None
    language: str = "en"

    @property
    def open(self) -> tuple[Question, ...]:
        return tuple(question for question in self.questions if question.is_open)

    @property
    def examples(self) -> tuple[Example, ...]:
        """Sample observations in words, in which the points of open questions are marked."""
        return build_examples(self.conversion.dataset, self.language, self.open) if self.conversion else ()


def propose(
    tables: Sequence[Table],
    flow: str,
    catalogue: Catalogue,
    recogniser: Recogniser,
    *,
    area: str = "",
    decisions: Decisions | None = None,
    mappings: Iterable[TableMapping] = (),
    language: str = "en",
) -> TriedProposal:
    """Propose a mapping for a workbook and try it; `mappings` are other mappings of the workspace.

    Tables that cannot be converted are omitted and reported. Raises `SdmxmigError` for an unknown dataflow.
    """
    context = FlowKnowledge(catalogue.flow(flow), recogniser, usual=list_usual_values(mappings))
    sampled = [drop_unsampled_rows(table) for table in tables]
    suggested = suggest(sampled, context, area, decisions)
    tables = choose_tables(tables, sampled, suggested.mapping)
    suggested = replace(suggested, regions=tuple(restore_region(region, tables) for region in suggested.regions))
    proposal, refused, trial = keep_convertible(suggested, tables, catalogue)
    if trial is None:
        return TriedProposal(
            proposal=proposal, flow=context.flow, questions=(*suggested.questions, *refused), tables=tables
        )
    also = list_item_flows(trial.dataset, catalogue.identities)
    proposal = replace(proposal, mapping=replace(proposal.mapping, also=also))
    questions = suggested.questions
    found = find_contradictions(trial, catalogue, proposal, language, is_sample=any(table.sampled for table in tables))
    doubts = drop_dependent(found, proposal, catalogue)
    asked = {(question.part, question.label) for question in questions}
    partial = (
        question for question in find_partial_years(trial, proposal) if (question.part, question.label) not in asked
    )
    trial_questions = apply_decisions(
        (*refused, *find_unread_cells(trial, proposal, language), *partial, *doubts), decisions or {}
    )
    return TriedProposal(
        proposal=proposal,
        flow=context.flow,
        questions=(*questions, *trial_questions),
        tables=tables,
        notes=list_unused_notes(proposal, tables, (*questions, *trial_questions), recogniser),
        conversion=trial,
        language=language,
    )


def list_unused_notes(
    proposal: Proposal, tables: Sequence[Table], questions: Sequence[Question], recogniser: Recogniser
) -> tuple[str, ...]:
    """Return note sentences that state no value or rule, explain no symbol and are not asked about."""
    titles = " ".join(title for region in proposal.regions for title in (region.table.sheet, *region.titles))
    asked = {phrase for question in questions for phrase in (*question.label.split("; "), question.chosen.phrase)}
    phrases = {phrase for phrase in asked if phrase and phrase not in titles}
    below = [note for region in proposal.regions for note in region.notes]
    vocabulary = recogniser.vocabulary
    elsewhere = list_texts_without_figures(tables, [region.table.sheet for region in proposal.regions])
    notes = (note for note in (*below, *elsewhere) if not parse_entries(note, vocabulary))
    sentences = dict.fromkeys(sentence for note in notes for sentence in split_note(note, recogniser))
    is_of_rules = any(question.part == f"fixed {RES_RULE}" for question in questions)
    ruling = {sentence for sentence in sentences if is_of_rules and find_lengths(sentence, vocabulary)}
    quoted = {sentence for sentence in sentences if any(each in sentence or sentence in each for each in phrases)}
    sent = " ".join(text for block in proposal.mapping.blocks for noted in block.notes for _, text in noted.attributes)
    left_out = {skip.match for block in proposal.mapping.blocks for skip in block.skip_rows}
    marked = (label for region in proposal.regions for label in find_unexplained_marks(region, vocabulary))
    unsent = (each for each in sentences if each not in ruling | quoted and remove_mark(each).strip(" .") not in sent)
    return (*unsent, *dict.fromkeys(label for label in marked if label not in left_out))


def find_unexplained_marks(region: Region, vocabulary: Vocabulary) -> Iterator[str]:
    """Yield labels with a mark that no note below the table begins with, such as “Kosovo²”."""
    explained = {*map(find_leading_mark, region.notes), *index_sign_codes(region.notes, vocabulary)}
    for _, label in region.fold_column(region.side):
        if find_trailing_marks(label) - explained and not any(map(str.isdigit, strip_marks(label))):
            yield label


def propose_like(
    earlier: TableMapping,
    tables: Sequence[Table],
    about: Answers,
    catalogue: Catalogue,
    recogniser: Recogniser,
    *,
    area: str = "",
    mappings: Iterable[TableMapping] = (),
    language: str = "en",
) -> tuple[TriedProposal, CarriedDecisions]:
    """Propose a mapping based on an earlier one; `mappings` are those of the workspace.

    Answers given so far take precedence; changed values need an answer. Raises `SdmxmigError` for an unknown dataflow.
    """
    area = area or find_area(earlier)
    if earlier.flow != about.flow:
        earlier = limit_to_flow(earlier, catalogue.flow(about.flow))
    tried: list[TriedProposal] = []

    def ask(carried: Decisions) -> Sequence[Question]:
        together = {**carried, **about.decisions}
        tried[:] = [
            propose(
                tables,
                about.flow,
                catalogue,
                recogniser,
                area=area,
                decisions=together,
                mappings=mappings,
                language=language,
            )
        ]
        return tried[0].questions

    carried = carry_over(earlier, tables, ask, recogniser)
    questions = open_changed_questions(tried[0].questions, carried.changed, tried[0].flow)
    return replace(tried[0], questions=tuple(questions)), carried


def convert_proposal(proposal: Proposal, tables: Sequence[Table], catalogue: Catalogue) -> Conversion:
    """Convert tables as proposed; raise `DeclarationError` for a note without figures, which is then asked about."""
    trial = conversion.convert(tables, proposal.mapping, catalogue.flow(proposal.mapping.flow), catalogue.rules)
    for finding in trial.findings.items:
        if finding.rule == RuleId.NOTE_WITHOUT_FIGURES:
            raise DeclarationError(f"A note is about missing figures: {finding.observed}.", finding.place)
    return trial


def check_written(proposal: Proposal, catalogue: Catalogue) -> None:
    flow = catalogue.flow(proposal.mapping.flow)
    if find_read_components(proposal).issuperset(flow.structure.key):
        load("proposal.toml", write(proposal.mapping).encode(), catalogue.flows)


def find_read_components(proposal: Proposal) -> frozenset[str]:
    by_block = (
        {*dict(block.fixed), *(component_map.component for component_map in block.components)}
        for block in proposal.mapping.blocks
    )
    return frozenset[str].intersection(*map(frozenset, by_block))


def keep_convertible(
    proposal: Proposal, tables: Sequence[Table], catalogue: Catalogue
) -> tuple[Proposal, tuple[Question, ...], Conversion | None]:
    if not proposal.mapping.blocks:
        return proposal, (), None
    try:
        trial = convert_proposal(proposal, tables, catalogue)
        check_written(proposal, catalogue)
    except SdmxmigError:
        pairs = list(zip(proposal.mapping.blocks, proposal.regions, strict=True))
    else:
        return proposal, (), trial
    convertible_pairs: list[tuple[Block, Region]] = []
    tried_pairs: list[tuple[Block, Region]] = []  # without crossing notes, which are not tried
    refused: list[Question] = []
    trial_of_left: Conversion | None = None
    for block, region in pairs:

        def attempt(tried_block: Block, region: Region = region) -> Conversion:
            # a block may fit alone and contradict an earlier one
            together = replace_blocks(proposal, [*tried_pairs, (tried_block, region)])
            trial = convert_proposal(together, tables, catalogue)
            check_written(together, catalogue)
            return trial

        try:
            trial_of_left = attempt(block)
        except SdmxmigError as error:
            fitting = keep_fitting_notes(block, attempt)
            if fitting is None:
                refused += [] if depends_on_columns(region, proposal) else [ask_about_region(region, error)]
                continue
            written, agreeing, crossing = fitting
            trial_of_left = attempt(agreeing)
            refused += [ask_about_note(region, noted) for noted in block.notes if noted not in written.notes]
            refused += [ask_about_conflicting_notes(region, notes) for notes in crossing]
            convertible_pairs.append((written, region))
            tried_pairs.append((agreeing, region))
        else:
            convertible_pairs.append((block, region))
            tried_pairs.append((block, region))
    return replace_blocks(proposal, convertible_pairs), tuple(refused), trial_of_left


def keep_fitting_notes(
    block: Block, attempt: Callable[[Block], Conversion]
) -> tuple[Block, Block, tuple[ConflictingNotes, ...]] | None:
    """Keep the notes of a block that apply to existing figures; None if it cannot be converted even without notes."""
    if not block.notes or find_refusal(replace(block, notes=()), attempt):
        return None
    written = replace(
        block, notes=tuple(noted for noted in block.notes if not find_refusal(replace(block, notes=(noted,)), attempt))
    )
    agreeing, crossing = written, list[ConflictingNotes]()
    while isinstance(error := find_refusal(agreeing, attempt), ConflictingNotes):
        crossing.append(error)
        agreeing = replace(agreeing, notes=tuple(drop_attribute(agreeing.notes, error)))
    return None if error else (written, agreeing, tuple(crossing))


def find_refusal(block: Block, attempt: Callable[[Block], Conversion]) -> SdmxmigError | None:
    try:
        attempt(block)
    except SdmxmigError as error:
        return error
    return None


def drop_attribute(notes: Iterable[UserNote], crossing: ConflictingNotes) -> Iterator[UserNote]:
    for noted in notes:
        if noted not in crossing.notes:
            yield noted
        elif kept := tuple(pair for pair in noted.attributes if pair[0] != crossing.attribute):
            yield replace(noted, attributes=kept)


def ask_about_conflicting_notes(region: Region, crossing: ConflictingNotes) -> Question:
    reason = "two notes contradict each other about these figures: state which one is right"
    return ask(
        region.name,
        f"{NOTE} {crossing.attribute}",
        reason,
        label=format_label(crossing.where),
        others=tuple(
            Candidate(text, 0.5, reason=f"as stated for {format_label(noted.where)}")
            for text, noted in zip(crossing.texts, crossing.notes, strict=True)
        ),
    )


def ask_about_note(region: Region, noted: UserNote) -> Question:
    reason = "no figure now has these codes: remove the note, or apply it to other figures"
    return ask(region.name, NOTE, reason, label=format_label(noted.where))


def replace_blocks(proposal: Proposal, pairs: Sequence[tuple[Block, Region]]) -> Proposal:
    mapping = replace(proposal.mapping, blocks=tuple(block for block, _ in pairs))
    return replace(proposal, mapping=mapping, regions=tuple(region for _, region in pairs))


def depends_on_columns(region: Region, proposal: Proposal) -> bool:
    return any(question.sheet == region.name and question.part.startswith("line header") for question in proposal.open)


def ask_about_region(region: Region, error: SdmxmigError) -> Question:
    reason = f"not proposed: {error.message} {error.hint}".strip()
    return ask(region.name, "sheet", reason, label=region.titles[0][:120] if region.titles else "")


def find_contradictions(
    trial: Conversion, catalogue: Catalogue, proposal: Proposal, language: str, *, is_sample: bool
) -> Iterator[Question]:
    """Ask about contradictions in tables: duplicate keys, wrong totals, negative counts, and texts as numbers.

    A sample does not have all parts of totals of rows.
    """
    read_components, signs = find_read_components(proposal), find_asked_signs(proposal)
    structure = trial.dataset.flow.structure
    headed = {
        name_in_words(each.component, trial.dataset.flow)
        for block in proposal.mapping.blocks
        for each in block.components
        if not any(part.kind in ROW_KINDS for part in each.source.parts)
    }
    left_out = {name_in_words(name, trial.dataset.flow) for name in find_left_out_labels(proposal) if name in structure}
    rules = {
        id_: rule
        for id_, rule in catalogue.rules.items()
        if rule.kind in KEY_RULES | PRESENCE_RULES | NUMBER_RULES | TOTAL_RULES
    }
    checked_catalogue = replace(catalogue, rules=rules)
    rule_ids = [rule for rule in trial.dataset.flow.dataflow.rules if rule in rules]
    flow = replace(trial.dataset.flow, dataflow=replace(trial.dataset.flow.dataflow, rules=tuple(rule_ids)))
    problems = validation.validate(
        replace(trial.dataset, flow=flow), checked_catalogue, unused_cells=trial.unused_cells
    ).items
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in problems:
        if rules[finding.rule].kind in NUMBER_RULES and any(sign in finding.observed for sign in signs):
            continue
        missing_component = finding.component if rules[finding.rule].kind in PRESENCE_RULES else ""
        subject = missing_component or finding.build_parameters("en").get("dimension", "")
        groups.setdefault((finding.rule, subject), []).append(finding)
    for (rule, subject), findings in groups.items():
        if is_sample and rules[rule].kind in TOTAL_RULES and subject not in headed:
            continue
        if rules[rule].kind == LEFT_OUT_RULE and subject in left_out:
            continue
        if rules[rule].kind == SUM_RULE and 2 * len(findings) < count_totals(trial.dataset, subject):
            continue  # the labels are read right: validation reports the few totals that are wrong
        if rules[rule].kind in KEY_RULES and (sums := list(find_shared_codes(trial.dataset, proposal))):
            yield from sums
        elif rules[rule].kind not in PRESENCE_RULES or subject in read_components:
            part, reported = ("totals", "the sum") if rules[rule].kind in TOTAL_RULES else ("keys", "it")
            accepted = f"the table is right; validation will still report {reported}"
            remedy = read_words_in("mapping", language).say(CORRECTION_HINT) if part == "totals" else ""
            yield ask_about_contradiction(part, subject or rule, findings, accepted, remedy, language)


def find_shared_codes(dataset: Dataset, proposal: Proposal) -> Iterator[Question]:
    """Ask whether to add figures of labels with the same code, if this explains all duplicate figures.

    Labels such as “Refused” may have codes of several components; the question is about the component whose code fewest
    labels share.
    """
    key = dataset.flow.structure.key
    twice = dataset.observations.with_columns(pl.col(key).fill_null("")).filter(pl.struct(key).is_duplicated())
    time = dataset.flow.structure.time
    explained: list[tuple[int, str, dict[str, dict[str, str]]]] = []
    for component in (name for name in key if not time or name != time.id):
        labels_by_code: dict[str, dict[str, str]] = {}
        for block, region in zip(proposal.mapping.blocks, proposal.regions, strict=True):
            for label, code in (
                pair for read in block.components if read.component == component for pair in read.codes
            ):
                labels_by_code.setdefault(code, {})[label] = region.name
        shared = {code: labels for code, labels in labels_by_code.items() if len(labels) > 1 and code not in labels}
        codes = twice[component].unique(maintain_order=True).to_list()
        if shared.keys() >= {*codes}:
            of_twice = {code: shared[code] for code in codes}
            explained.append((sum(map(len, of_twice.values())), component, of_twice))
    _, component, shared = min(explained, key=lambda each: each[0], default=(0, "", {}))
    codelist = dataset.flow.codelist(component) if shared else None
    for code, labels in shared.items():
        name = str(codelist[code].name) if codelist and code in codelist else code
        only = (Candidate(build_only_label(label), 0.5, reason=code) for label in labels)
        is_sum = may_be_added(labels, twice.filter(pl.col(component) == code))
        added = (Candidate(ADD_UP, 0.5, reason="add them up"),) if is_sum else ()
        offers = (*added, *only, Candidate(LEAVE_OUT, 0.5, reason=OUT))
        sheets = {*labels.values()}
        yield ask(
            sheets.pop() if len(sheets) == 1 else EVERYWHERE,
            f"{SUMS} {component}",
            f"several labels have the code “{name} ({code})”: are their figures added up?",
            label=AND.join(labels),
            others=offers,
        )


def may_be_added(labels: Iterable[str], figures: pl.DataFrame) -> bool:
    """Check whether figures have one unit and their labels do not name different parts of a period."""
    units = [name for name in UNITS if name in figures.columns]
    times = {
        (*YEAR.findall(text), *PART_OF_YEAR.findall(text), *list_named_months(text, vocabulary())) for text in labels
    }
    is_in_one_unit = not units or figures.select(units).n_unique() == 1
    return is_in_one_unit and (len(times) == 1 or () in times)


def count_totals(dataset: Dataset, subject: str) -> int:
    key = dataset.flow.structure.key
    component = next((name for name in key if name_in_words(name, dataset.flow) == subject), None)
    if component is None:
        return 0
    is_total = pl.col(component) == TOTAL
    groups = dataset.observations.group_by([name for name in key if name != component])
    return groups.agg(has_total=is_total.any(), has_parts=is_total.not_().any()).filter("has_total", "has_parts").height


def find_unread_cells(trial: Conversion, proposal: Proposal, language: str) -> Iterator[Question]:
    """Ask about unread cells, and about most figures of a sheet if a title excludes the rows below it.

    Labels that an answer excludes are not asked about again.
    """
    rules = UNREAD_RULES | ({RuleId.MOST_LEFT_OUT} if excludes_title(proposal.mapping) else frozenset())
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in trial.findings.items:
        if finding.rule in rules and finding.place:
            groups.setdefault((finding.rule, finding.place.sheet), []).append(finding)
    for (rule, _), findings in groups.items():
        remedy = findings[0].remedy(language)
        yield ask_about_contradiction("formulas", rule, findings, LEAVE_UNREAD, remedy, language)


def excludes_title(mapping: TableMapping) -> bool:
    """Check whether an answer excludes a title between rows, and so the rows below it."""
    skips = (skip for block in mapping.blocks for skip in block.skip_rows)
    return any(0 in skip.headers and skip.reason == LEFT_OUT_BY_ANSWER for skip in skips)


def find_partial_years(trial: Conversion, proposal: Proposal) -> Iterator[Question]:
    flow = trial.dataset.flow
    time = flow.structure.time
    of_figures = {attribute.id for attribute in flow.structure.attributes("observation")}
    incomplete = find_incomplete_sums(trial.dataset)
    for finding in trial.findings.items:
        if finding.rule != RuleId.YEAR_IN_PART or not finding.place or not time:
            continue
        text, year = (finding.build_parameters("en")[name] for name in ("value", "period"))
        reason = f"{finding.place.sheet or finding.place.file}!{finding.place.cell}: {finding.sentence()}"
        about = f"codes {time.id}"
        if finding.component == time.id:
            part = Candidate(incomplete.get(year, ""), 0.5, reason="its figures are the sums of these months")
            label, others = text, (*([part] if part.code else []), *list_likely_periods(text, year))
        elif label := find_noted_label(text, year, finding.place.sheet, proposal):
            others = tuple(list_likely_periods(f"{year} ({strip_mark(text, label)})", year))
        elif COMMENT in of_figures:
            comment = (Candidate(" ".join(text.split()), 0.5, reason="as a comment on the figures of that year"),)
            about, label, others = f"{NOTE} {COMMENT}", f"{time.id}={year}", comment
        else:
            continue
        sheet = find_region_name(finding.place, proposal)
        yield ask(sheet, about, reason, label=label, others=others, place=finding.place)


def find_noted_label(note: str, year: str, sheet: str, proposal: Proposal) -> str:
    lines = (line for region in proposal.regions if region.table.sheet == sheet for line in list_lines(region))
    labels = {text for line in lines for text in line.texts if YEAR.findall(text) == [year]}
    noted = find_noted_labels(note, labels)
    return noted[0] if len(noted) == 1 else ""


def list_likely_periods(text: str, year: str) -> Iterator[Candidate]:
    """Yield possible periods for a label such as “to June 2021” or a note such as “first 9 months”."""
    words = vocabulary()
    named = moment(text, words)
    counts = (f"{number} {unit} {year}" for number, unit in pairwise(plain(text).split()))
    span = next(filter(None, (parse_month_span(each, words) for each in (text, *counts))), "")
    if part := span or (named.period if named and named.freq != "A" else ""):
        yield Candidate(part, 0.5, reason="the months that the label names")
    months = list_named_months(text, words)
    if len(months) == 1 and part:
        yield Candidate(YearEnd(months[0]).of(year), 0.5, reason="the year that ends then")
    yield Candidate(year, 0.5, reason="the figures of the whole year")


def find_region_name(place: Place, proposal: Proposal) -> str:
    of_sheet = [region for region in proposal.regions if region.table.sheet == place.sheet]
    around = [region for region in of_sheet if place.cell and region.has(*parse_cell(place.cell))]
    names = {region.name for region in around or of_sheet}
    return names.pop() if len(names) == 1 else EVERYWHERE


def find_asked_signs(proposal: Proposal) -> frozenset[str]:
    labels = [question.label for question in proposal.open if question.part == "values"]
    signs = {match[1] for match in map(QUOTED.search, labels) if match}
    if NEGATIVE in labels:
        signs.add("-")
    if SIGNS in labels:
        signs.update(",.")
    return frozenset(signs)


def find_left_out_labels(proposal: Proposal) -> frozenset[str]:
    left_out_labels = (
        question
        for question in proposal.questions
        if question.part.partition(" ")[0] in LABEL_PARTS and question.chosen.code == LEAVE_OUT
    )
    components = {question.component for question in left_out_labels if not question.is_open}
    return add_statuses(components)


def add_statuses(components: Collection[str]) -> frozenset[str]:
    """Add the status component of each country component; a label such as “Foreigners” may be its code."""
    return frozenset((*components, *(STATUS_OF[name] for name in components if name in STATUS_OF)))


def drop_dependent(doubts: Iterable[Question], proposal: Proposal, catalogue: Catalogue) -> Iterator[Question]:
    flow = catalogue.flow(proposal.mapping.flow)
    waiting_components = {
        question.component
        for question in proposal.open
        if question.part.partition(" ")[0] in LABEL_PARTS and question.component
    }
    names = {name_in_words(name, flow) for name in add_statuses(waiting_components) if name in flow.structure}
    yield from (doubt for doubt in doubts if doubt.part != "totals" or doubt.label not in names)


def ask_about_contradiction(
    part: str, label: str, findings: Sequence[Finding], accepted: str, remedy: str, language: str
) -> Question:
    place = findings[0].place
    reason = f"{describe_contradiction(findings, language, with_twin=part == 'keys')} {remedy}".rstrip()
    answer = Candidate(AS_IT_IS, 0.5, reason=accepted)
    return ask(place.sheet if place else EVERYWHERE, part, reason, label=label, others=(answer,), place=place)


def describe_contradiction(findings: Sequence[Finding], language: str, *, with_twin: bool) -> str:
    """Describe the first finding, with the cells of the others."""
    first, words = findings[0], read_words_in("mapping", language)
    twins = first.related[:1] if with_twin else ()
    see_also = "".join(words.say("See also {cell}.", cell=twin.cell or twin) for twin in twins)
    alike = "; ".join(describe_difference(finding, words) for finding in findings[1:MAX_NAMED])
    more = words.say("and {count} more", count=len(findings) - MAX_NAMED) if len(findings) > MAX_NAMED else ""
    also = words.say("Also: {cells}.", cells="; ".join(filter(None, (alike, more)))) if alike else ""
    at = f"{locate_finding(first)}: " if first.place else ""
    return " ".join(filter(None, (f"{at}{first.sentence(language)}", see_also, also)))


def describe_difference(finding: Finding, words: Words) -> str:
    """Describe the cell of a finding with its figure and the expected one: “T!B4 (90, expected 91)”."""
    is_compared = finding.observed and finding.expected
    expected = words.say("expected {figure}", figure=finding.expected)
    return f"{locate_finding(finding)}{f' ({finding.observed}, {expected})' if is_compared else ''}"


def locate_finding(finding: Finding) -> str:
    place = finding.place
    return f"{place.sheet or place.file}!{place.cell}" if place else finding.sentence()
