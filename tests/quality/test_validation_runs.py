"""Validation over time: new and corrected findings, justified warnings, rule profiles, and exit codes."""

from __future__ import annotations

import io
import json
import re
import shutil
from pathlib import Path

import pytest
from console import Console
from folders import write_files
from small_office import COUNTRY, POPULATION
from stored_findings import listed, records, run_of

from sdmxmig.cli import run

MAPPING = f"""
id = "MAP_POP"
flow = "DF_POP"
file = "office*.csv"
[[block]]
sheet = "*"
anchor = "Year"
{POPULATION}
"""
HEAD = "Year,Men,Women\n"
YEARS = [f"{year},{10000 + 100 * n},{14000 + 100 * n}\n" for n, year in enumerate(range(2010, 2019))]
JUMP = "2015,10500,20000\n"
"""In place of 14,500 women."""
AT = ["--now", "2026-01-31T12:00:00"]
OUTLIER, SHIFT = "MIG-2-102", "MIG-2-116"


def table(*, jump: bool = True, head: str = HEAD) -> str:
    return head + "".join(JUMP if jump and year.startswith("2015") else year for year in YEARS)


@pytest.fixture(scope="module")
def validated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace whose women of 2015 are too many, converted and validated."""
    folder = tmp_path_factory.mktemp("office")
    files = {"country.toml": COUNTRY, "mappings/pop.toml": MAPPING, "tables/office.csv": table()}
    write_files(folder, files)
    assert run(["convert", str(folder), *AT]) == 0
    assert run(["validate", str(folder), *AT]) == 0
    return folder


@pytest.fixture
def office(validated: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(validated, tmp_path / "office"))


def store(folder: Path) -> Path:
    return folder / "out" / "findings" / "findings.jsonl"


def resubmitted(folder: Path, text: str, name: str = "office.csv", now: str = "2026-03-31T12:00:00") -> None:
    """The office sends another file in place of that which it sent."""
    (folder / "tables" / "office.csv").unlink()
    (folder / "tables" / name).write_text(text, encoding="utf-8")
    assert run(["convert", str(folder), "--now", now]) == 0


def by_rule(folder: Path, kind: str = "finding") -> dict[str, list[dict[str, str]]]:
    rules: dict[str, list[dict[str, str]]] = {}
    for finding in listed(store(folder), kind):
        rules.setdefault(finding["rule"], []).append(finding)
    return rules


def outlier(folder: Path) -> str:
    """The fingerprint of the warning about the women of 2015."""
    (finding,) = by_rule(folder)[OUTLIER]
    return finding["fingerprint"]


def test_first_record_of_store_counts_the_others(validated: Path) -> None:
    first, *others = records(store(validated))
    assert (first["record"], first["schema"], first["version"]) == ("run", "sdmxmig-findings", 2)
    warnings = [line for line in others if line["record"] == "finding" and line["severity"] == "warning"]
    assert first["counts"]["warning"] == len(warnings) > 0
    assert first["verdicts"] == sum(line["record"] == "verdict" for line in others)
    assert first["rules"][OUTLIER] == "1"
    assert set(first["judged"]["datasets"]) == {"DF_POP"}
    assert {warning["state"] for warning in warnings} == {""}, "there is no earlier run"


def test_repeated_validation_yields_identical_bytes(office: Path) -> None:
    before = store(office).read_bytes()
    assert run(["validate", str(office), *AT]) == 0
    assert store(office).read_bytes() == before


def test_resubmitted_other_file_keeps_fingerprints_counts_fixes(office: Path, console: Console) -> None:
    before = {finding["fingerprint"] for finding in listed(store(office))}
    resubmitted(office, table().replace("20000", "20001"), "office-2026.csv")
    assert run(["validate", str(office), "--now", "2026-03-31T12:00:00"]) == 0
    assert {finding["fingerprint"] for finding in listed(store(office))} == before
    assert {finding["state"] for finding in listed(store(office))} == {"unchanged"}
    assert "0 new, " in console.readouterr().out

    (office / "tables" / "office-2026.csv").write_text(table(jump=False), encoding="utf-8")
    assert run(["convert", str(office), "--now", "2026-04-30"]) == 0
    assert run(["validate", str(office), "--now", "2026-04-30"]) == 0
    gone = listed(store(office), "gone")
    assert {finding["fingerprint"] for finding in gone} <= before
    assert {finding["state"] for finding in gone if finding["rule"] == OUTLIER} == {"fixed"}
    assert run_of(store(office))["counts"]["fixed"] == sum(finding["state"] == "fixed" for finding in gone)

    (office / "tables" / "office-2026.csv").write_text(table(), encoding="utf-8")
    assert run(["convert", str(office), "--now", "2026-05-31"]) == 0
    assert run(["validate", str(office), "--now", "2026-05-31"]) == 0
    (again,) = by_rule(office)[OUTLIER]
    assert (again["state"], again["fingerprint"] in before) == ("new", True)
    assert f"warning[{OUTLIER}] (new)" in console.readouterr().out


def test_finding_not_rechecked_stays_open(office: Path) -> None:
    before = {finding["fingerprint"] for finding in listed(store(office)) if finding["level"] == 2}
    assert run(["validate", str(office), "--level", "1", *AT]) == 0
    assert {verdict["rule"][:5] for verdict in listed(store(office), "verdict")} == {"MIG-1"}
    assert {finding["fingerprint"]: finding["state"] for finding in listed(store(office), "gone")} == dict.fromkeys(
        before, "not tested"
    )
    assert run_of(store(office))["counts"]["fixed"] == 0
    assert run(["validate", str(office), *AT]) == 0
    assert {f["state"] for f in listed(store(office)) if f["level"] == 2} == {"unchanged"}


def test_results_of_selected_levels_are_not_packaged(office: Path, console: Console) -> None:
    assert f"Next: sdmxmig validate {office}\n" in console.errors("validate", office, "--level", "1", *AT, code=0)
    assert "Only rules of level 1" in console.errors("package", office, *AT)


def test_justified_warning_is_found_again_without_failure(office: Path, console: Console) -> None:
    assert run(["validate", str(office), "--fail-on", "warning", *AT]) == 1
    warnings = [f["fingerprint"] for f in listed(store(office)) if f["severity"] == "warning"]
    assert f"sdmxmig justify {warnings[0]}" in console.readouterr().out
    for fingerprint in warnings:
        command = ["justify", fingerprint, str(office), "--text", "The register\nwas cleaned.", "--by", "N. B."]
        assert run([*command, *AT]) == 0
    resubmitted(office, table().replace("20000", "20500"), "office-2.csv")
    shown = console.output("validate", office, "--fail-on", "warning", *AT)
    assert "justified (2026-01-31, N. B.): The register was cleaned." in shown
    assert f"{len(warnings)} of {len(warnings)} warnings justified." in shown
    (finding,) = by_rule(office)[OUTLIER]
    assert finding["justification"]["text"] == "The register was cleaned."
    assert finding["justification"]["observed"] == "20000"


def test_figure_changed_since_its_justification_is_reported(office: Path, console: Console) -> None:
    assert run(["validate", str(office), *AT]) == 0
    (outlier,) = [finding["fingerprint"] for finding in listed(store(office)) if finding["rule"] == OUTLIER]
    assert run(["justify", outlier, str(office), "--text", "So it is.", *AT]) == 0
    assert "now it is" not in console.output("validate", office, *AT)
    resubmitted(office, table().replace("20000", "20500"), "office-2.csv")
    report = office / "list.csv"
    shown = console.output("validate", office, "--report", report, *AT)
    assert re.search(r"! .*20000.*20500", shown)
    assert "So it is. (2026-01-31T12:00:00+00:00) [20000 → 20500]" in report.read_text(encoding="utf-8-sig")
    assert run(["justify", outlier, str(office), "--text", "So it is.", *AT]) == 0
    assert "now it is" not in console.output("validate", office, *AT)


def test_justifications_are_stored_sorted_with_stable_bytes(office: Path) -> None:
    warnings = [f["fingerprint"] for f in listed(store(office)) if f["severity"] == "warning"]
    files = []
    for order in (warnings, warnings[::-1]):
        (office / "justifications.toml").unlink(missing_ok=True)
        for fingerprint in order:
            text = 'It is "so"; \x7f \\ هو كذلك'
            assert run(["justify", fingerprint, str(office), "--text", text, *AT]) == 0
        files.append((office / "justifications.toml").read_bytes())
    assert files[0] == files[1]
    assert run(["validate", str(office), *AT]) == 0
    (finding,) = by_rule(office)[OUTLIER]
    assert finding["justification"]["text"] == 'It is "so"; \x7f \\ هو كذلك'  # type: ignore[index]
    assert finding["justification"]["at"] == "2026-01-31T12:00:00+00:00"  # type: ignore[index]


def test_unneeded_justification_is_reported(office: Path, console: Console) -> None:
    fingerprint = outlier(office)
    assert run(["justify", fingerprint, str(office), "--text", "So it is.", *AT]) == 0
    resubmitted(office, table(jump=False))
    assert run(["validate", str(office), *AT]) == 0
    assert f"The justification of {fingerprint} ({OUTLIER}) is no longer needed" in console.readouterr().out
    assert "is gone" in console.errors("justify", fingerprint, office, "--text", "So it is.", *AT)
    assert listed(store(office), "unused")[0]["fingerprint"] == fingerprint


def test_invalid_justification_is_refused(office: Path, console: Console) -> None:
    fingerprint = outlier(office)
    wrong = fingerprint[:-1] + ("0" if fingerprint[-1] != "0" else "1")
    assert f"Did you mean “{fingerprint}”?" in console.errors("justify", wrong, office, "--text", "No.")
    assert "The reason is missing or too long" in console.errors("justify", fingerprint, office, "--text", " ")
    for severity, refusal in (("error", "Errors cannot be justified"), ("information", "is for information only")):
        declare(office, f'[[rule]]\nid = "{OUTLIER}"\nseverity = "{severity}"\n')
        run(["validate", str(office), "--profile", "MINE", *AT])
        assert refusal in console.errors("justify", fingerprint, office, "--text", "No.")
    assert not (office / "justifications.toml").exists()


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ('[[justification]]\nfingerprint = "12"\ntext = "x"\n', "justifications.toml"),
        ('[[justification]]\nfingerprint = "0123456789abcdef"\n', "text"),
        (2 * '[[justification]]\nfingerprint = "0123456789abcdef"\ntext = "x"\n', "twice"),
        ('[[reason]]\ntext = "x"\n', "reason"),
    ],
)
def test_invalid_justifications_are_refused_with_place(office: Path, text: str, refusal: str, console: Console) -> None:
    (office / "justifications.toml").write_text(text, encoding="utf-8")
    assert refusal in console.errors("validate", office, *AT)


def declare(folder: Path, text: str) -> None:
    """A profile of rules in a workspace."""
    write_files(folder, {"structures/rule_profiles/mine.toml": f'id = "MINE"\nname.en = "Mine"\n{text}'})


def test_profile_disables_rules_and_sets_severity(office: Path) -> None:
    assert {OUTLIER, SHIFT} <= set(by_rule(office))
    declare(office, f'off = ["{SHIFT}"]\n[[rule]]\nid = "{OUTLIER}"\nseverity = "error"\n')
    assert run(["validate", str(office), "--profile", "MINE", *AT]) == 1
    assert by_rule(office)[OUTLIER][0]["severity"] == "error"
    assert SHIFT not in {verdict["rule"] for verdict in listed(store(office), "verdict")}
    assert run_of(store(office))["judged"]["profile"] == "MINE"
    declare(office, f'[[rule]]\nid = "{OUTLIER}"\nparameters.least = 30000\n')
    assert run(["validate", str(office), "--profile", "MINE", *AT]) == 0
    assert OUTLIER not in by_rule(office)
    declare(office, f'only = ["{OUTLIER}"]\n')
    assert run(["validate", str(office), "--profile", "MINE", *AT]) == 0
    assert {verdict["rule"] for verdict in listed(store(office), "verdict")} == {OUTLIER}


def test_profile_adds_a_rule_to_another_dataflow(office: Path) -> None:
    assert "MIG-1-121" not in {verdict["rule"] for verdict in listed(store(office), "verdict")}
    declare(office, '[[rule]]\nid = "MIG-1-121"\nflows = ["DF_POP"]\n')
    run(["validate", str(office), "--profile", "MINE", *AT])
    assert "MIG-1-121" in {verdict["rule"] for verdict in listed(store(office), "verdict")}


def test_unknown_profile_level_or_rule_is_refused(office: Path, console: Console) -> None:
    assert "Did you mean “UNSD”?" in console.errors("validate", office, "--profile", "USND")
    assert "Use one of: " in console.errors("validate", office, "--level", "9")
    declare(office, 'off = ["MIG-2-1022"]\n')
    assert "Did you mean “MIG-2-122”?" in console.errors("validate", office, "--profile", "MINE")
    declare(office, f'[[rule]]\nid = "{OUTLIER}"\nparameters.leest = 5\n')
    refusal = console.errors("validate", office, "--profile", "MINE")
    assert "leest" in refusal
    assert "mine.toml" in refusal


def test_data_without_any_rule_are_reported_as_unchecked(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    declare(office, 'only = ["MIG-1-121"]\n')
    assert run(["validate", str(office), "--profile", "MINE", *AT]) == 4
    shown = capsys.readouterr()
    assert "No checks were run." in shown.out
    assert "No findings" not in shown.out
    assert "Not checked: DF_POP" in shown.err
    assert "package" not in shown.err
    (verdict,) = listed(store(office), "verdict")
    assert (verdict["outcome"], verdict["reason"]) == ("not testable", "no rule is switched on")


def test_file_and_stream_yield_equal_findings(office: Path, console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = {(f["rule"], f["fingerprint"]) for f in listed(store(office))}
    for name in ("DF_POP.csv", "DF_POP.sdmx-ml-3.0.xml"):
        data = office / "out" / "data" / name
        console.readouterr()
        document = json.loads(console.output("validate", data, "--format", "json", *AT))
        assert {(f["rule"], f["fingerprint"]) for f in document["findings"]} == expected
        stream = io.BytesIO(data.read_bytes())
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(stream))
        streamed = json.loads(console.output("validate", "-", "--format", "json", *AT))["findings"]
        assert {(f["rule"], f["fingerprint"]) for f in streamed} == expected


def test_file_findings_are_saved_on_request_and_compared(office: Path, tmp_path: Path, console: Console) -> None:
    data, kept = office / "out" / "data" / "DF_POP.csv", tmp_path / "kept.jsonl"
    assert run(["validate", str(data), "-o", str(kept), *AT]) == 0
    first = kept.read_bytes()
    assert run(["validate", str(data), "-o", str(kept), *AT]) == 0
    assert kept.read_bytes() == first
    data.write_text(data.read_text(encoding="utf-8").replace("20000", "14500"), encoding="utf-8")
    assert run(["validate", str(data), "-o", str(kept), *AT]) == 0
    assert {f["state"] for f in listed(kept, "gone") if f["rule"] == OUTLIER} == {"fixed"}
    kept.write_text("my notes", encoding="utf-8")
    assert run(["validate", str(data), "-o", str(kept), *AT]) == 2
    assert kept.read_text(encoding="utf-8") == "my notes"
    assert "contains no findings" in console.readouterr().err


@pytest.mark.parametrize(("name", "start"), [("DF_POP.csv", ","), ("DF_POP.sdmx-ml-3.0.xml", 'OBS_VALUE="')])
def test_message_findings_name_lines_without_workspace(name: str, start: str, office: Path, console: Console) -> None:
    resubmitted(office, table())
    data = office / "out" / "data" / name
    text = data.read_text(encoding="utf-8").replace(f"{start}20000", f"{start}-20000", 1)
    line = 1 + text[: text.index("-20000")].count("\n")
    data.write_text(text.replace('BIRTH_STATUS="_T"', 'BIRTH_STATUS="Q"').replace(",_T,", ",Q,"), encoding="utf-8")
    run(["validate", str(data), *AT])
    out, errors = console.readouterr()
    assert f"20,000 is negative; a count is zero or more.\n  --> {data}:{line}\n" in out
    assert "mapping file" in out
    assert "If there is none, correct the data" in errors
    assert f"Next: sdmxmig check {data}" in errors
    assert "WORKSPACE" not in out


def test_unreadable_earlier_findings_do_not_stop_validation(office: Path, console: Console) -> None:
    store(office).write_text("{", encoding="utf-8")
    assert "cannot be compared" in console.errors("validate", office, *AT, code=0)
    assert {finding["state"] for finding in listed(store(office))} == {""}


def test_failing_severity_can_be_chosen(office: Path) -> None:
    resubmitted(office, table(head="Year,Men,Woman\n").replace("20000", "-5"))
    assert run(["validate", str(office), *AT]) == 1
    assert run(["validate", str(office), "--fail-on", "never", *AT]) == 0


def test_unchanged_data_are_compared_with_the_last_change(office: Path, console: Console) -> None:
    resubmitted(office, table(jump=False))
    console.readouterr()
    first = console.output("validate", office, "--now", "2026-03-31T12:00:00")
    assert "Since the validation of 2026-01-31 12:00 UTC (other data): 0 new, " in first
    kept = store(office).read_bytes()
    for now in ("2026-04-01T08:00:00", "2026-04-02T08:00:00"):
        again = console.output("validate", office, "--now", now)
        assert "The data are unchanged since the validation of 2026-03-31 12:00 UTC." in again
        assert "Since the validation of 2026-01-31 12:00 UTC (other data): 0 new, " in again
    assert store(office).read_bytes() == kept
    assert run(["validate", str(office), "--level", "1", "--now", "2026-04-03T08:00:00"]) == 0
    assert "Since the validation of 2026-03-31 12:00 UTC (same data, other rules): 0 new, " in console.readouterr().out
