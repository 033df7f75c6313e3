"""Reads an exported file with pandas, as an analyst would, and prints what it finds as JSON:
the number of rows, the type of each column, and the sum of each column of numbers."""

import json
import sys

import pandas
from pandas.api.types import is_numeric_dtype


def read(path: str, times: list[str]) -> pandas.DataFrame:
    if path.endswith(".xlsx"):
        # The first sheet is a report.
        return pandas.read_excel(path, sheet_name=1)
    return pandas.read_csv(path, parse_dates=times)


def main(path: str, times: list[str]) -> None:
    frame = read(path, times)
    found = {
        "rows": len(frame),
        "types": {name: str(column.dtype) for name, column in frame.items()},
        "sums": {name: column.sum().item() for name, column in frame.items() if is_numeric_dtype(column)},
    }
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
