"""Reserved words of VTL 2.1, which need quotes as names."""

from __future__ import annotations

WORDS = """
_ abs aggr aggregate all all_measures always_null always_zero and any apply as asc attribute avg between
boolean by calc case cast ceil check check_datapoint check_hierarchy component components computed condition
count cross_join current current_date damerau_levenshtein data datapoint datapoint_on_valuedomains
datapoint_on_variables dataset dataset_priority date dateadd datediff dayofmonth dayofyear daytomonth
daytoyear default define desc diff drop duration else end errorcode errorlevel eval except exists_in exp
fill_time_series filter first first_value float floor flow_to_stock following from full_join getmonth getyear
group hamming having hierarchical hierarchical_on_valuedomains hierarchical_on_variables hierarchy identifier
if imbalance in indexof inner_join input instr integer intersect invalid is isnull jaro_winkler keep key lag
language last last_value lead left_join length levenshtein list ln log lower ltrim match_characters max
measure median merge min mod monthtoday non_null non_zero not not_in null number nvl on operator or order
output over partial_null partial_zero partition period_indicator pivot point points power preceding
propagation random range rank ratio_to_report rename replace returns round rows rtrim rule rule_priority
ruleset scalar set setdiff single sqrt stddev_pop stddev_samp stock_to_flow string string_distance structure
sub substr sum symdiff then time time_agg time_period timeshift to trim true trunc type unbounded union
false ruleid unpivot upper using valuedomain var_pop var_samp variable viral when with xor yeartoday
"""
RESERVED = frozenset(WORDS.split())
"""As the grammar of the language lists them."""
