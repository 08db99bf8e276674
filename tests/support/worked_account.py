"""An account made by hand: native-born and foreign-born, each citizens and foreigners, then the total."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sdmxmig.catalogue.accounting import Identity
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.statistics.demography.accounts import trace
from sdmxmig.statistics.demography.ledger import open_books
from sdmxmig.statistics.model.assessment import Account

GROUPS = (("NB", "NC"), ("NB", "FC"), ("FB", "NC"), ("FB", "FC"), ("_T", "_T"))
WORKED = {
    "POP_BEG": (9_000_000, 60_000, 200_000, 740_000, 10_000_000),
    "LBIRTH": (100_000, 4_000, 0, 0, 104_000),
    "DEATH": (80_000, 100, 2_000, 3_000, 85_100),
    "FLW_IMM": (12_000, 800, 3_000, 90_000, 105_800),
    "FLW_EMI": (40_000, 1_200, 4_000, 35_000, 80_200),
    "CTZ_ACQ": (1_500, 1_500, 9_000, 9_000, 0),
    "CTZ_LOSS": (200, 200, 100, 100, 0),
    "NET_MIG": (-28_000, -400, -1_000, 55_000, 25_600),
    "POP_END": (8_993_300, 62_200, 205_900, 783_100, 10_044_500),
}
TOTAL_ONLY = {"NAT_INC": 18_900, "GROWTH": 44_500, "NET_RESID": 25_600, "DISCREP": 0, "POP_AVG": 10_022_250}


def accounts(
    datasets: Sequence[Dataset], identities: Sequence[Identity], areas: Collection[str] = ()
) -> tuple[Account, ...]:
    of_population = [identity for identity in identities if identity.is_account]
    return tuple(traced.account for traced in trace(open_books(datasets), of_population, areas))
