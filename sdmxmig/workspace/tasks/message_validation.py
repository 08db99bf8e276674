"""Validation of messages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sdmxmig import catalogue
from sdmxmig.catalogue.rules import with_rules
from sdmxmig.io.intake.files import read_bytes
from sdmxmig.io.intake.incoming import read_message
from sdmxmig.io.publishing.files import publish_file
from sdmxmig.io.publishing.made import hashes_of
from sdmxmig.primitives import text
from sdmxmig.primitives.errors import InputError, OutputError
from sdmxmig.primitives.places import Place
from sdmxmig.quality import validation
from sdmxmig.records.marks import tells_of_simulated
from sdmxmig.reporting.outputs import findings_lines
from sdmxmig.reporting.outputs.finding_reports import Validation
from sdmxmig.sdmx.exchange import read_structures
from sdmxmig.sdmx.formats import joined
from sdmxmig.sdmx.model.findings import Findings, JudgedInputs
from sdmxmig.sdmx.model.run_comparison import against_run
from sdmxmig.sdmx.model.submission import Header, Party
from sdmxmig.workspace.results import hash_of_declarations
from sdmxmig.workspace.tasks.clock import moment
from sdmxmig.workspace.tasks.computing import datasets_in
from sdmxmig.workspace.tasks.messages import flows_among, named
from sdmxmig.workspace.tasks.validating import EVERY_RULE, LISTED, WHAT_IS_KEPT, Comparisons, WantedRules, in_flow_of
from sdmxmig.workspace.tasks.vintages import read_vintages

if TYPE_CHECKING:
    from sdmxmig.sdmx.model.data import Dataset

UNKNOWN = "ZZZ"


def validate_message(
    path: Path,
    structures: tuple[Sequence[Path], str, Path | None],
    wanted: WantedRules = EVERY_RULE,
    comparisons: Comparisons = WHAT_IS_KEPT,
    *,
    out: Path | None = None,
    now: str = "",
) -> Validation:
    """Validate the data of a message.

    `structures` are messages, dataflow and workspace; findings are kept in `out`.
    """
    files, flow, folder = structures
    declared = catalogue.load(folder)
    artefacts = [artefact for file in files for artefact in read_structures(*read_message(file, named(file)))]
    flows = flows_among(declared, artefacts, flow)
    chosen = replace(declared, flows=with_rules(flows, declared.rules)).with_rules_of(wanted.profile, wanted.levels)
    name, content = read_message(path, named(path))
    datasets = [in_flow_of(dataset, chosen) for dataset in joined_by_flow(datasets_in(name, content, flows))]
    if not datasets:
        raise InputError("There are no data in it.", Place(name), "Give an SDMX message with data.")
    prepared = moment(now).isoformat(timespec="seconds")
    earlier = read_vintages(comparisons.previous, chosen.flows, chosen.rules, of=datasets)
    parts = [
        validation.validate(
            dataset,
            chosen,
            others=[other for other in datasets if other is not dataset],
            prepared=prepared,
            listed=LISTED,
            previous=earlier.vintages,
        )
        for dataset in datasets
    ]
    findings = replace(Findings.join([earlier.findings, *parts]), at=prepared)
    judged = JudgedInputs(
        datasets={dataset.flow.id: hashes_of({Path(name).name: content}) for dataset in datasets},
        declarations=hash_of_declarations(folder),
        profile=wanted.profile,
        levels=wanted.levels,
    )
    simulated = any(map(tells_of_simulated, datasets))
    validated = Validation(
        findings=findings,
        header=Header("FINDINGS", prepared, sender=Party(UNKNOWN), test=simulated),
        title=Path(name).name,
        notice=text.notice(is_draft=False, is_fictional=simulated),
        rules=chosen.rules,
        flows=chosen.flows,
        judged=judged,
        is_simulated=simulated,
    )
    return validated if out is None else kept(validated, judged, out)


def kept(validated: Validation, judged: JudgedInputs, out: Path) -> Validation:
    if out.is_file():
        content = read_bytes(out)
        try:
            earlier = findings_lines.read(content, str(out)), findings_lines.judged_in(content, str(out))
        except InputError:
            refusal, hint = (
                "There is a file of this name already, and it holds no findings.",
                "Name another with -o FILE.",
            )
            raise OutputError(refusal, Place(str(out)), hint) from None
        validated = replace(validated, findings=against_run(validated.findings, judged, earlier))
    content = findings_lines.render(validated.findings, validated.rules, judged, mark=validated.mark)
    publish_file(out, content, "-o FILE")
    return validated


def joined_by_flow(datasets: Iterable[Dataset]) -> list[Dataset]:
    blocks: dict[str, list[Dataset]] = {}
    for dataset in datasets:
        blocks.setdefault(dataset.flow.id, []).append(dataset)
    return [joined(parts) for parts in blocks.values()]
