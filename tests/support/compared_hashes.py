"""Compare what was made of an example with the committed hashes, so that each difference is looked at."""

from __future__ import annotations

from benchmarks.output_hashes import Hashes, differences, table_of_examples


def same_as_committed(example: str, made: Hashes, *, folders: tuple[str, ...] = ()) -> None:
    """The outputs of an example (in these folders only, if any are named) are those of the table."""
    starts = tuple(f"{example}/{folder}/" for folder in folders) or (f"{example}/",)
    before = {name: value for name, value in table_of_examples().items() if name.startswith(starts)}
    after = {name: value for name, value in made.items() if name.startswith(starts)}
    assert before, f"no output of {example} is in the table; write it with: make golden"
    lines = differences(before, after)
    assert not lines, "\n".join([f"{len(lines)} outputs differ; if all of this is wanted: make golden", *lines])
