"""``sdmxmig get``: published data, comparison and storage."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sdmxmig.cli import terminal
from sdmxmig.cli.options import FORMAT_OPTION, WORKSPACE_OPTION, build_output_option
from sdmxmig.cli.terminal import FINDINGS, OK, next_step, say, show, show_json, show_list, stage
from sdmxmig.primitives.errors import SdmxmigError, write_count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sdmxmig.transmission.retrieval.addresses import Query
    from sdmxmig.transmission.retrieval.fetching import Fetched
    from sdmxmig.transmission.retrieval.round_trip import RoundTrip
    from sdmxmig.workspace.tasks.getting import FetchOptions
    from sdmxmig.workspace.tasks.published_comparisons import PublishedComparison

STRUCTURES_WORD = "structures"
MAX_SHOWN = 20
"""Maximum number of differences shown to people; programs get all."""


@click.command("get")
@click.argument("what", nargs=-1, metavar="[structures] AGENCY NAME [KEY]")
@click.option("--start", default="", metavar="PERIOD", help="From this period on, such as 2015 or 2015-Q3.")
@click.option("--end", default="", metavar="PERIOD", help="To this period.")
@click.option(
    "--references",
    default="none",
    show_default=True,
    metavar="WORD",
    help="Related artefacts: none, children, descendants, parents, all.",
)
@click.option("--as", "form", default="", metavar="FORMAT", help="The format, such as sdmx-csv-2.0, if it is offered.")
@click.option("--from", "address", default="", metavar="URL", help="Ask the service at this address.")
@click.option("--api", type=click.IntRange(1, 2), help="With --from: SDMX REST 1.x or 2.x.  [default: detected]")
@click.option("--private", is_flag=True, help="With --from: allow an address of this computer or network.")
@click.option("--credential", default="", metavar="NAME", help="Send the secret NAME@HOST as a token.")
@click.option("--offline", is_flag=True, help="Use the copy of an earlier download.")
@click.option(
    "--patience",
    type=click.IntRange(0, 86_400),
    default=600,
    show_default=True,
    metavar="SECONDS",
    help="Time to wait for a busy service or a prepared answer.",
)
@click.option("--dry-run", is_flag=True, help="Print the address only.")
@WORKSPACE_OPTION
@click.option("--compare", is_flag=True, help="Compare with the data that the workspace has sent.")
@click.option(
    "--sent", type=click.Path(path_type=Path, exists=True), metavar="PATH", help="With --compare: the sent data."
)
@click.option("--save-as", "domain", default="", metavar="DOMAIN", help="Save in comparisons/ under this name.")
@click.option("--flow", default="", metavar="ID", help="With --save-as: translate it into this dataflow.")
@build_output_option("out", "The file, or - for standard output; .gz or .zip compresses it.", may_print=True)
@FORMAT_OPTION
def get_command(what: Sequence[str], **options: Any) -> int:
    """Download published data of a dataflow, or structures, from an agency.

    Name a dataflow, or “structures” and a kind with id and version, such as dataflow/DF_POP/1.0. KEY has one code per
    dimension, separated by points; + joins alternatives, and an empty position means all. Without arguments, the
    known services are listed.

    The download is kept as a copy, and its path is printed. Next time, the service is asked for changes; if it cannot
    be reached, the copy is used and its date is given. Rate limits of the services are respected.

    With --compare, the data are compared with the newest release in accepted/, or with the newest sealed submission,
    observation by observation and with the codes of the receiver. The exit code is 1 if there are differences; the
    workbench shows the latest comparison. With --save-as, the data are saved in comparisons/ for sdmxmig validate, with
    address, time and SHA-256.

    \b
    Examples:
      sdmxmig get
      sdmxmig get ESTAT MIGR_IMM1CTZ A.... --start 2015 --dry-run
      sdmxmig get structures OECD.ELS.IMD dataflow/DSD_MIG@DF_MIG --references descendants -o mig.xml
      sdmxmig get ESTAT MIGR_POP1CTZ --compare --workspace mycountry
      sdmxmig get XB DF_IMM --from https://stat.example.org/sdmx/v2 --save-as mirror --workspace mycountry
    """
    from sdmxmig.workspace.tasks.getting import FetchOptions, get, prepare_request

    if not what:
        return list_services(find_workspace(options), options["listing_format"])
    query = parse_query(what, options)
    how = FetchOptions(
        address=options["address"],
        api=options["api"] or 0,
        is_private=options["private"],
        credential=options["credential"],
        format=options["form"],
        is_offline=options["offline"],
        patience=options["patience"],
    )
    workspace = find_workspace(options)
    if options["dry_run"]:
        show(prepare_request(query, how, workspace).address)
        return OK
    if options["compare"] or options["domain"]:
        return use_in_workspace(query, how, workspace, options)
    if options["out"]:
        from sdmxmig.workspace.tasks.messages import check_message

        check_message(options["out"])
    return deliver_message(get(query, how, workspace=workspace, listener=terminal), options["out"])


def find_workspace(options: dict[str, Any]) -> Path | None:
    from sdmxmig.workspace.folder import COUNTRY_FILE

    here = Path()
    workspace: Path | None = options["workspace"] or (here if (here / COUNTRY_FILE).is_file() else None)
    return workspace


def parse_query(what: Sequence[str], options: dict[str, Any]) -> Query:
    from sdmxmig.transmission.retrieval.addresses import build_data_query, build_structure_query

    if what[0] == STRUCTURES_WORD and len(what) == 3:
        return build_structure_query(what[1], what[2], references=options["references"])
    if what[0] != STRUCTURES_WORD and len(what) in (2, 3):
        return build_data_query(*what, start=options["start"], end=options["end"])
    hint = "Write: sdmxmig get AGENCY DATAFLOW KEY, or: sdmxmig get structures AGENCY dataflow/ID."
    raise SdmxmigError("The request does not state what to fetch.", hint=hint)


def list_services(workspace: Path | None, listing_format: str) -> int:
    from sdmxmig.workspace.tasks.getting import read_known_services

    rows = [
        {"id": service.id, "address": service.address, "status": service.status, "source": service.source}
        for service in read_known_services(workspace).values()
    ]
    show_list(rows, listing_format)
    return OK


def deliver_message(fetched: Fetched, out: Path | None) -> int:
    from sdmxmig.io.publishing.files import STANDARD_OUTPUT, open_result
    from sdmxmig.transmission.retrieval.fetching import find_message

    show_fetched(fetched)
    if fetched.path is None:
        say("! The service has no data for this request.")
        return FINDINGS
    if out is None:
        show(str(fetched.path))
        next_step("sdmxmig check", fetched.path)
        return OK
    with open_result(out, fetched.path.suffix) as file:
        file.write(find_message(fetched)[1])
    if str(out) != STANDARD_OUTPUT:
        show(str(out))
        next_step("sdmxmig check", out)
    return OK


def show_fetched(fetched: Fetched) -> None:
    kept = fetched.kept
    what = f"{kept.size:,} bytes, {kept.format}, SHA-256 {kept.sha256[:12]}" if kept.sha256 else "nothing"
    when = f"fetched {kept.fetched}, confirmed {kept.checked}"
    stage("copy" if fetched.is_copy else "fetched", f"{kept.address}: {what}; {when}")


def use_in_workspace(query: Query, how: FetchOptions, workspace: Path | None, options: dict[str, Any]) -> int:
    """Compare fetched data with data sent from a workspace, or save them there."""
    from sdmxmig.transmission.retrieval.addresses import DataQuery
    from sdmxmig.workspace.tasks.session import open_session

    if not isinstance(query, DataQuery):
        raise SdmxmigError(
            "--compare does not work for structures.", hint="Fetch the structures, and compare them with sdmxmig diff."
        )
    if options["compare"] and options["domain"]:
        raise SdmxmigError("--compare and --save-as cannot be combined.", hint="Run one command for each.")
    session = open_session(workspace or Path(), None, "", listener=terminal)
    if options["compare"]:
        from sdmxmig.workspace.tasks.published_comparisons import fetch_back, keep_comparison

        back = fetch_back(session, query, how, sent=options["sent"])
        keep_comparison(session, query, back)
        return show_comparison(back, options["listing_format"])
    from sdmxmig.workspace.tasks.getting import fetch_comparison_data, save_comparison

    fetched = fetch_comparison_data(session, query, options["domain"], how)
    show_fetched(fetched)
    data = save_comparison(session, fetched, query, options["domain"], flow=options["flow"], how=how)
    show(str(data), str(data.with_suffix(".toml")))
    next_step("sdmxmig validate", session.workspace.folder)
    return OK


def show_comparison(back: PublishedComparison, listing_format: str) -> int:
    show_fetched(back.fetched)
    for sentence in back.sent.unsaid:
        say(f"not sent in this wording: {sentence}")
    result = back.round_trip
    if listing_format == "json":
        show_json(convert_to_record(back))
    else:
        show(*format_comparison(back.sent.name, result))
    return OK if result.is_equal else FINDINGS


def convert_to_record(back: PublishedComparison) -> dict[str, object]:
    result, kept = back.round_trip, back.fetched.kept
    return {
        "flow": result.flow,
        "release": back.sent.name,
        "address": kept.address,
        "fetched": kept.fetched,
        "confirmed": kept.checked,
        "sha256": kept.sha256,
        "equal": result.is_equal,
        "sent": result.sent,
        "there": result.there,
        "the_same": result.equal,
        "outside_the_question": result.outside,
        "of_others": result.of_others,
        "deleted": result.deleted,
        "attributes_added": list(result.added),
        "counts": result.counts,
        "differences": result.differences.to_dicts(),
    }


def format_comparison(release: str, result: RoundTrip) -> list[str]:
    verdict = "is published as it was sent" if result.is_equal else "is published differently from what was sent"
    lines = [
        f"{result.flow} {verdict} in {release}.",
        f"  {write_count(result.sent, 'observation')} sent, {result.there:,} published, {result.equal:,} the same",
    ]
    if result.outside:
        lines.append(f"  {result.outside:,} more were sent, outside the requested data")
    if result.deleted:
        lines.append(f"  {write_count(result.deleted, 'deletion')} took effect")
    if result.added:
        lines.append(f"  the agency adds {', '.join(result.added)}")
    lines += [f"  {number:,} {kind}" for kind, number in result.counts.items()]
    for kind, *key, component, sent, there in result.differences.head(MAX_SHOWN).iter_rows():
        place = ".".join(key) if any(key) else "everywhere"
        lines.append(f"    {kind}: {place} {component}: sent “{sent}”, published “{there}”")
    if result.differences.height > MAX_SHOWN:
        lines.append(f"    … and {result.differences.height - MAX_SHOWN:,} more; --format json lists all")
    return lines
