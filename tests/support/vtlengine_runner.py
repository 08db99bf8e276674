"""Runs scripts of VTL in vtlengine; this file is run by its own interpreter, which has that engine.

The jobs are a JSON file, each with a `script`, the `structures` and the `data` of its data sets, its value `domains`,
and the `results` that are wanted. `in_duckdb` says by which of its two ways the engine works. The answer is printed as
JSON: by result the rows, or the error.
"""

import json
import sys
from pathlib import Path

import pandas as pd
from vtlengine import run

NOT_KEY = {
    *("bool_var", "errorcode", "errorlevel", "imbalance", "ruleid"),
    *("TESTED", "YEAR_OF_PERIOD", "PERIOD_NUMBER", "LEVEL"),
}


def data_of(job):
    frames = {}
    for structure in job["structures"]:
        frame = pd.DataFrame(job["data"][structure["name"]], dtype=object)
        for component in structure["DataStructure"]:
            if component["type"] == "Number":
                frame[component["name"]] = pd.to_numeric(frame[component["name"]])
        frames[structure["name"]] = frame
    return frames


def answer(job, domains, *, in_duckdb):
    if not job["results"]:
        return {}
    results = run(
        script=job["script"],
        data_structures={"datasets": job["structures"]},
        datapoints=data_of(job),
        value_domains=[{"name": name, "type": "String", "setlist": domains[name]} for name in job["domains"]],
        return_only_persistent=True,
        use_duckdb=in_duckdb,
    )
    rows = {}
    for name in job["results"]:
        frame = results[name].data
        keys = [column for column in frame.columns if column not in NOT_KEY]
        holds = frame["bool_var"] if "bool_var" in frame else [None] * len(frame)
        rows[name] = [
            {"key": dict(zip(keys, map(str, key), strict=True)), "holds": None if pd.isna(one) else bool(one)}
            for key, one in zip(frame[keys].itertuples(index=False), holds, strict=True)
        ]
    return rows


if __name__ == "__main__":
    asked = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    answers = []
    for job in asked["jobs"]:
        try:
            answers.append({"rows": answer(job, asked["domains"], in_duckdb=asked["in_duckdb"])})
        except Exception as error:  # told to who asked
            answers.append({"error": f"{type(error).__name__}: {error}"})
    sys.stdout.write(json.dumps(answers))
