"""Validates by other libraries; this file is run by interpreters of their own, which have one of them each.

``python run_by_peers.py sdmxthon FOLDER`` holds the table of the folder against its structure, ``vtlengine FOLDER``
runs its script of VTL. What they took of processors and how much they found is printed as JSON; loading is left out.
"""

# ruff: noqa: PLC0415 - each interpreter has one of the libraries only

import json
import sys
import time
from pathlib import Path

import pandas as pd


def of_sdmxthon(folder):
    """What is timed of sdmxthon, and what counts its findings."""
    import sdmxthon

    structure = next(iter(sdmxthon.read_sdmx(str(folder / "structures.xml")).content["DataStructures"].values()))
    table = pd.read_csv(folder / "floor.csv", dtype=str)
    dataset = sdmxthon.Dataset(structure=structure, data=table)
    return dataset.structural_validation, len


def of_vtlengine(folder):
    """What is timed of vtlengine, and what counts its findings."""
    from vtlengine import run

    job = json.loads((folder / "vtl.json").read_text(encoding="utf-8"))
    frames = {}
    for structure in job["structures"]:
        name = structure["name"]
        frames[name] = pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False, na_values=[""])
        for component in structure["DataStructure"]:
            if component["type"] == "Number":
                frames[name][component["name"]] = pd.to_numeric(frames[name][component["name"]])

    def validated():
        return run(
            script=job["script"],
            data_structures={"datasets": job["structures"]},
            datapoints=frames,
            value_domains=[{"name": name, "type": "String", "setlist": ids} for name, ids in job["domains"].items()],
            return_only_persistent=True,
        )

    def faults(results):
        tables = [
            result.data for result in results.values() if "bool_var" in (result.data if result.data is not None else ())
        ]
        return int(sum((~table["bool_var"].dropna().astype(bool)).sum() for table in tables))

    return validated, faults


if __name__ == "__main__":
    run, count = {"sdmxthon": of_sdmxthon, "vtlengine": of_vtlengine}[sys.argv[1]](Path(sys.argv[2]))
    if sys.argv[1] == "sdmxthon":
        run()  # it is timed in its second run, as ours are
    start = time.process_time()
    result = run()
    sys.stdout.write("\n" + json.dumps([time.process_time() - start, count(result)]) + "\n")
