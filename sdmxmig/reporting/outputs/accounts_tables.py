"""Accounts as CSV tables and JSON: SDMX codes, numbers in persons, unknown ones empty."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal

from sdmxmig.primitives.text import write_shielded_csv
from sdmxmig.statistics.demography.balanced_accounts import AccountStudy, BalancedAccounts, MirrorStudy
from sdmxmig.statistics.demography.balancing import BalancedFigure
from sdmxmig.statistics.demography.closing import AccountResult

Row = dict[str, str]
DECIMALS = 9
YES, NO = "yes", "no"
JSON = "accounts.json"


def build_tables(study: AccountStudy) -> dict[str, list[Row]]:
    balanced = study.balanced or ()
    listed = {
        "accounts": [build_account_row(result) for result in study.results],
        "terms": [row for result in study.results for row in yield_term_rows(result, study)],
        "residual_migration": list(build_residual_rows(study)),
        "balance_tests": [build_test_row(number, group) for number, group in enumerate(balanced, start=1)],
        "balance": [row for number, group in enumerate(balanced, start=1) for row in list_figure_rows(number, group)],
        "mirror": list(list_mirror_rows(study.mirror)) if study.mirror else [],
        "mirror_factors": list(build_factor_rows(study.mirror)) if study.mirror else [],
    }
    return {name: rows for name, rows in listed.items() if rows}


def list_files(study: AccountStudy) -> dict[str, bytes]:
    listed = build_tables(study)
    written = {f"{name}.csv": write_shielded_csv(rows) for name, rows in listed.items()}
    return {**written, JSON: write_json(study, listed)}


def write_json(study: AccountStudy, listed: Mapping[str, list[Row]]) -> bytes:
    lines = [f'"area": {json.dumps(study.area)}', f'"classes": {json.dumps(study.counts)}']
    for name, rows in listed.items():
        written = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
        lines.append(f'"{name}": [\n{written}\n]')
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def write_plain(number: Decimal | float | None) -> str:
    """Write a number without exponent or trailing zeros; empty if absent.

    >>> write_plain(Decimal("3688600.0")), write_plain(1 / 3), write_plain(None), write_plain(-0.0)
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


def build_account_row(result: AccountResult) -> Row:
    account = result.test.account
    return {
        **describe_account(result),
        "equation": result.test.equation,
        "published": write_plain(account.published_end),
        "computed": write_plain(account.computed_end),
        "residual": write_plain(account.residual),
        "allowed_by_rounding": write_plain(result.allowed) if account.residual is not None else "",
        "tolerance": write_plain(account.tolerance),
        "class": result.result_class,
        "standard_error": write_plain(result.error),
        "in_standard_errors": write_plain(result.in_errors),
        "probability": write_plain(result.probability),
        "missing": "; ".join(account.missing),
        "by_construction": YES if account.is_by_construction else NO,
    }


def yield_term_rows(result: AccountResult, study: AccountStudy) -> Iterator[Row]:
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
                "value": write_plain(figure.value if figure else None),
                "flow": flow,
                "observation": str(row + 1),
                "key": " ".join(f"{name}={code}" for name, code in figure.codes) if figure else "",
                "cell": study.places.get((flow, row), ""),
                "variance": write_plain(figure.variance if figure else None),
                "equation": test.equation,
            }


def build_residual_rows(study: AccountStudy) -> Iterator[Row]:
    for residual in study.residuals:
        account = residual.test.account
        yield {
            "area": account.area,
            "period": account.period,
            "identity": account.identity,
            "population": ", ".join(f"{dimension}={code}" for dimension, code in account.population),
            "net_migration": write_plain(residual.net),
            "standard_error": write_plain(residual.error),
            "low": write_plain(residual.low),
            "high": write_plain(residual.high),
            "allowed_by_rounding": write_plain(residual.allowed) if residual.net is not None else "",
            "measured": write_plain(residual.measured),
            "discrepancy": write_plain(residual.discrepancy),
            "missing": "; ".join(residual.missing),
        }


def build_test_row(number: int, group: BalancedAccounts) -> Row:
    balance = group.balance
    return {
        "group": str(number),
        "accounts": str(len(group.results)),
        "chi_square": write_plain(balance.statistic),
        "degrees_of_freedom": str(balance.degrees),
        "probability": write_plain(balance.probability),
        "contradicts": YES if balance.contradicts else NO,
        "broken_by_fixed_figures": "; ".join(f"{name}: {write_plain(amount)}" for name, amount in balance.broken),
        "undetermined": "; ".join(balance.undetermined),
        "untested": "; ".join(dict.fromkeys(balance.untested)),
        "below_zero": "; ".join(figure.name for figure in group.below_zero),
    }


def list_figure_rows(number: int, group: BalancedAccounts) -> Iterator[Row]:
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
        "reported": write_plain(figure.reported),
        "standard_error": write_plain(figure.error),
        "balanced": write_plain(figure.balanced),
        "balanced_standard_error": write_plain(figure.balanced_error),
        "moved": write_plain(figure.moved),
        "moved_in_standard_errors": write_plain(figure.in_errors),
    }


def list_mirror_rows(mirror: MirrorStudy) -> Iterator[Row]:
    correction = mirror.correction
    flows = {(f.pair.origin, f.pair.destination, f.pair.period): f for f in correction.flows} if correction else {}
    for pair in mirror.pairs:
        flow = flows.get((pair.origin, pair.destination, pair.period))
        yield {
            "origin": pair.origin,
            "destination": pair.destination,
            "period": pair.period,
            "emigration": write_plain(pair.emigration),
            "immigration": write_plain(pair.immigration),
            "difference": write_plain(pair.difference),
            "ratio": write_plain(pair.ratio),
            "asymmetry": write_plain(pair.asymmetry),
            "estimate": write_plain(flow.estimate if flow else None),
            "low": write_plain(flow.low if flow else None),
            "high": write_plain(flow.high if flow else None),
            "reports": str(flow.reports) if flow else "",
        }


def build_factor_rows(mirror: MirrorStudy) -> Iterator[Row]:
    for factor in mirror.correction.factors if mirror.correction else ():
        yield {
            "country": factor.country,
            "direction": factor.direction,
            "factor": write_plain(factor.factor),
            "low": write_plain(factor.low),
            "high": write_plain(factor.high),
            "corridors": str(factor.corridors),
            "scatter": write_plain(factor.scatter),
            "benchmark": mirror.correction.benchmark if mirror.correction else "",
        }
