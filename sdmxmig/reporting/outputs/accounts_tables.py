"""Accounts as CSV tables and JSON.

Numbers are in persons; unknown is empty. Codes are SDMX, classes from `sdmxmig.statistics.demography.closing`.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from decimal import Decimal

from sdmxmig.primitives.text import shield_formula
from sdmxmig.statistics.demography.balanced_accounts import AccountStudy, BalancedAccounts, MirrorStudy
from sdmxmig.statistics.demography.balancing import BalancedFigure
from sdmxmig.statistics.demography.closing import AccountResult

Row = dict[str, str]
DECIMALS = 9
YES, NO = "yes", "no"
JSON = "accounts.json"


def tables(study: AccountStudy) -> dict[str, list[Row]]:
    balanced = study.balanced or ()
    listed = {
        "accounts": [account_row(result) for result in study.results],
        "terms": [row for result in study.results for row in term_rows(result, study)],
        "residual_migration": list(residual_rows(study)),
        "balance_tests": [test_row(number, group) for number, group in enumerate(balanced, start=1)],
        "balance": [row for number, group in enumerate(balanced, start=1) for row in figure_rows(number, group)],
        "mirror": list(mirror_rows(study.mirror)) if study.mirror else [],
        "mirror_factors": list(factor_rows(study.mirror)) if study.mirror else [],
    }
    return {name: rows for name, rows in listed.items() if rows}


def files(study: AccountStudy) -> dict[str, bytes]:
    listed = tables(study)
    written = {f"{name}.csv": write_csv(rows) for name, rows in listed.items()}
    return {**written, JSON: write_json(study, listed)}


def write_json(study: AccountStudy, listed: Mapping[str, list[Row]]) -> bytes:
    lines = [f'"area": {json.dumps(study.area)}', f'"classes": {json.dumps(study.counts)}']
    for name, rows in listed.items():
        written = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
        lines.append(f'"{name}": [\n{written}\n]')
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def write_csv(rows: list[Row]) -> bytes:
    output = io.StringIO(newline="")
    writer = csv.DictWriter(output, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: shield_formula(cell) for name, cell in row.items()} for row in rows)
    return output.getvalue().encode()


def plain(number: Decimal | float | None) -> str:
    """Write a number without exponent or trailing zeros; empty if absent.

    >>> plain(Decimal("3688600.0")), plain(1 / 3), plain(None), plain(-0.0)
    ('3688600', '0.333333333', '', '0')
    """
    if number is None:
        return ""
    text = f"{number:.{DECIMALS}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def describe_account(result: AccountResult) -> Row:
    account = result.test.account
    population = ", ".join(f"{dimension}={code}" for dimension, code in account.population)
    return {"area": account.area, "period": account.period, "identity": account.identity, "population": population}


def account_row(result: AccountResult) -> Row:
    account = result.test.account
    return {
        **describe_account(result),
        "equation": result.test.equation,
        "published": plain(account.published_end),
        "computed": plain(account.computed_end),
        "residual": plain(account.residual),
        "allowed_by_rounding": plain(result.allowed) if account.residual is not None else "",
        "tolerance": plain(account.tolerance),
        "class": result.result_class,
        "standard_error": plain(result.error),
        "in_standard_errors": plain(result.in_errors),
        "probability": plain(result.probability),
        "missing": "; ".join(account.missing),
        "by_construction": YES if account.is_by_construction else NO,
    }


def term_rows(result: AccountResult, study: AccountStudy) -> Iterator[Row]:
    """Yield the cells of a test: observations with factor, value, source cell and uncertainty."""
    test = result.test
    cells = [(test.left, "left", 1, test.ends), *((t.written, "right", t.factor, t.observations) for t in test.cells)]
    for written, side, factor, observations in cells:
        for flow, row in observations:
            figure = study.closed.figures.get((flow, row))
            yield {
                **describe_account(result),
                "side": side,
                "term": written,
                "factor": str(factor),
                "value": plain(figure.value if figure else None),
                "flow": flow,
                "observation": str(row + 1),
                "key": " ".join(f"{name}={code}" for name, code in figure.codes) if figure else "",
                "cell": study.places.get((flow, row), ""),
                "variance": plain(figure.variance if figure else None),
                "equation": test.equation,
            }


def residual_rows(study: AccountStudy) -> Iterator[Row]:
    for residual in study.residuals:
        account = residual.test.account
        yield {
            "area": account.area,
            "period": account.period,
            "identity": account.identity,
            "population": ", ".join(f"{dimension}={code}" for dimension, code in account.population),
            "net_migration": plain(residual.net),
            "standard_error": plain(residual.error),
            "low": plain(residual.low),
            "high": plain(residual.high),
            "allowed_by_rounding": plain(residual.allowed) if residual.net is not None else "",
            "measured": plain(residual.measured),
            "discrepancy": plain(residual.discrepancy),
            "missing": "; ".join(residual.missing),
        }


def test_row(number: int, group: BalancedAccounts) -> Row:
    """Return the test of whether figures contradict their linked accounts."""
    balance = group.balance
    return {
        "group": str(number),
        "accounts": str(len(group.results)),
        "chi_square": plain(balance.statistic),
        "degrees_of_freedom": str(balance.degrees),
        "probability": plain(balance.probability),
        "contradicts": YES if balance.contradicts else NO,
        "broken_by_fixed_figures": "; ".join(f"{name}: {plain(amount)}" for name, amount in balance.broken),
        "undetermined": "; ".join(balance.undetermined),
        "untested": "; ".join(dict.fromkeys(balance.untested)),
        "below_zero": "; ".join(figure.name for figure in group.below_zero),
    }


def figure_rows(number: int, group: BalancedAccounts) -> Iterator[Row]:
    for figure in group.balance.figures:
        yield {"group": str(number), **describe_figure(figure, group), **describe_adjustment(figure)}


def describe_figure(figure: BalancedFigure, group: BalancedAccounts) -> Row:
    reported = group.figures.get(figure.name)
    if reported is None:
        missing = group.missing[figure.name]
        return {"item": missing.written, "area": missing.test.account.area, "observation": "", "key": figure.name} | {
            "error_known_from": ""
        }
    return {
        "item": reported.item,
        "area": reported.area,
        "observation": f"{reported.flow} {reported.row + 1}",
        "key": " ".join(f"{name}={code}" for name, code in reported.codes),
        "error_known_from": reported.stated.source if reported.stated else "",
    }


def describe_adjustment(figure: BalancedFigure) -> Row:
    return {
        "reported": plain(figure.reported),
        "standard_error": plain(figure.error),
        "balanced": plain(figure.balanced),
        "balanced_standard_error": plain(figure.balanced_error),
        "moved": plain(figure.moved),
        "moved_in_standard_errors": plain(figure.in_errors),
    }


def mirror_rows(mirror: MirrorStudy) -> Iterator[Row]:
    """Yield both reports of each flow, their difference, and the reconciled flow."""
    correction = mirror.correction
    flows = {(f.pair.origin, f.pair.destination, f.pair.period): f for f in correction.flows} if correction else {}
    for pair in mirror.pairs:
        flow = flows.get((pair.origin, pair.destination, pair.period))
        yield {
            "origin": pair.origin,
            "destination": pair.destination,
            "period": pair.period,
            "emigration": plain(pair.emigration),
            "immigration": plain(pair.immigration),
            "difference": plain(pair.difference),
            "ratio": plain(pair.ratio),
            "asymmetry": plain(pair.asymmetry),
            "estimate": plain(flow.estimate if flow else None),
            "low": plain(flow.low if flow else None),
            "high": plain(flow.high if flow else None),
            "reports": str(flow.reports) if flow else "",
        }


def factor_rows(mirror: MirrorStudy) -> Iterator[Row]:
    for factor in mirror.correction.factors if mirror.correction else ():
        yield {
            "country": factor.country,
            "direction": factor.direction,
            "factor": plain(factor.factor),
            "low": plain(factor.low),
            "high": plain(factor.high),
            "corridors": str(factor.corridors),
            "scatter": plain(factor.scatter),
            "benchmark": mirror.correction.benchmark if mirror.correction else "",
        }
