"""Command lines of ``sdmxmig questionnaire``: required and refused arguments."""

from __future__ import annotations

import click
import pytest

from sdmxmig.cli import cli


def refused(line: str) -> click.UsageError:
    with pytest.raises(click.UsageError) as error:
        cli.main(["questionnaire", *line.split()], prog_name="sdmxmig", standalone_mode=False)
    return error.value


@pytest.mark.parametrize(
    ("line", "kind", "expected"),
    [
        ("make --area GE --years 2024", click.MissingParameter, "DATAFLOW"),
        ("make DF_POP --mapping form.toml", click.NoSuchOption, "--mapping"),
        ("read", click.MissingParameter, "WORKBOOK"),
        ("read pop.xlsx --years 2020", click.NoSuchOption, "--years"),
        ("fill form.xlsx --mapping form.toml", click.MissingParameter, "--data"),
        ("fill form.xlsx --mapping form.toml --data pop.csv --area GE", click.NoSuchOption, "--area"),
        ("correct --workspace .", click.MissingParameter, "--data"),
        ("correct DF_POP --data new.csv", click.UsageError, "extra argument"),
        ("reed pop.xlsx", click.UsageError, "No such command 'reed'"),
        ("--colour red", click.NoSuchOption, "--colour"),
    ],
)
def test_commands_refuse_missing_or_surplus_arguments(line: str, kind: type[click.UsageError], expected: str) -> None:
    error = refused(line)
    assert isinstance(error, kind)
    assert expected in error.format_message()
