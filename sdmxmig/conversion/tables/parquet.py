"""Parquet files as text cells, with column names in row 1.

Decimals keep digits, dates are ISO, nested fields are JSON. Record n is row n + 1.
"""

from __future__ import annotations

import io

from sdmxmig.conversion.tables.cell_styles import number_text, replaced, shortest
from sdmxmig.conversion.tables.readers import CELL_LIMIT, LAST_COLUMN, READERS, TableReader
from sdmxmig.io.intake.files import SAVE_AGAIN
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.frames import CellColumns
from sdmxmig.sdmx.model.tables import KINDS, Table

MAGIC = b"PAR1"


def read(name: str, content: bytes) -> tuple[Table, ...]:
    """Read a Parquet file as one table.

    Raises `InputError` if damaged or too large.
    """
    try:
        schema = pl.read_parquet_schema(io.BytesIO(content))
        height = pl.scan_parquet(io.BytesIO(content)).select(pl.len()).collect().item()
        if len(schema) > LAST_COLUMN or height * len(schema) > CELL_LIMIT:
            message = f"The file has {height} records of {len(schema)} fields; a table has at most {CELL_LIMIT} cells."
            raise InputError(message, Place(name), "Split it, or leave out columns.")
        frame = pl.read_parquet(io.BytesIO(content))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, OverflowError) as error:
        reason = (str(error).splitlines() or [""])[0]
        raise InputError(f"The Parquet file is damaged ({reason}).", Place(name), SAVE_AGAIN) from None
    head = CellColumns()
    for column, title in enumerate(schema, start=1):
        head.add(1, column, title)
    cells = [_cells(number, values) for number, values in enumerate(frame, start=1)]
    return (Table(name, "", cells=pl.concat([head.frame(), *cells]).sort("row", "column")),)


def _cells(number: int, values: pl.Series) -> pl.DataFrame:
    texts, kind = _texts(values)
    frame = pl.DataFrame({"text": texts}).with_row_index("row", offset=2).filter(pl.col("text") != "")
    return frame.select(
        [
            "row",
            pl.lit(number, pl.UInt32).alias("column"),
            "text",
            pl.lit(kind, pl.Enum(KINDS)).alias("kind"),
            pl.lit(value=False).alias("formula"),
            pl.lit(None, pl.UInt16).alias("format"),
        ]
    )


def _texts(values: pl.Series) -> tuple[pl.Series, str]:
    """Convert a column to texts, null without value, with their kind."""
    dtype = values.dtype
    if dtype.is_numeric():
        return _decimals(values) if dtype.is_float() else values.cast(pl.String), "number"
    if dtype.is_temporal():
        return _moments(values)
    if dtype.is_nested():
        return _parts(values), "text"
    if dtype == pl.Boolean:
        return values.cast(pl.String).str.to_uppercase(), "boolean"
    return values.bin.encode("hex") if dtype == pl.Binary else values.cast(pl.String), "text"


def _moments(values: pl.Series) -> tuple[pl.Series, str]:
    if isinstance(values.dtype, pl.Datetime):
        texts = values.dt.to_string("%Y-%m-%dT%H:%M:%S%.f" + ("%:z" if values.dtype.time_zone else ""))
        return texts.str.replace("T00:00:00$", ""), "date"
    kind = "date" if values.dtype == pl.Date else "time" if values.dtype == pl.Time else "text"
    return values.dt.to_string("%H:%M:%S%.f" if kind == "time" else "iso"), kind


def _parts(values: pl.Series) -> pl.Series:
    frame = values.to_frame("_").select(json=pl.struct("_").struct.json_encode(), filled=pl.col("_").is_not_null())
    inner = pl.col("json").str.strip_prefix('{"_":').str.head(-1)
    return frame.select(pl.when("filled").then(inner)).to_series()


def _decimals(values: pl.Series) -> pl.Series:
    if values.dtype == pl.Float32:
        texts = values.cast(pl.String)
        return pl.Series(map(number_text, texts.fill_null("")), dtype=pl.String)
    finite = values.is_finite().fill_null(value=False)
    return replaced(values.cast(pl.String), finite, shortest(values.filter(finite)))


READERS.add("parquet")(TableReader("parquet", (".parquet", ".pq"), magic=MAGIC, read=read))
