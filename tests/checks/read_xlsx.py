"""Reads the facts of a workbook as another program would, and prints what it finds as JSON:
the header, the number of rows, and the first rows with the type of each cell."""

import json
import sys

import openpyxl

FIRST = 20


def main(path: str) -> None:
    workbook = openpyxl.load_workbook(path)
    sheet = workbook["Facts"]
    rows = sheet.iter_rows()
    header = [cell.value for cell in next(rows)]
    first = []
    count = 0
    for row in rows:
        count += 1
        if len(first) < FIRST:
            first.append({
                name: {"value": str(cell.value), "type": type(cell.value).__name__, "formula": cell.data_type == "f"}
                for name, cell in zip(header, row)
                if cell.value is not None
            })
    json.dump({"header": header, "rows": count, "first": first}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
