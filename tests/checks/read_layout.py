"""Reads a workbook as another program would, and prints for each sheet, as JSON: the first cell
that is not frozen, the range that has a filter, and the number of charts."""

import json
import sys

import openpyxl


def main(path: str) -> None:
    workbook = openpyxl.load_workbook(path)
    layout = {
        sheet.title: {"frozen": sheet.freeze_panes, "filter": sheet.auto_filter.ref, "charts": len(sheet._charts)}
        for sheet in workbook.worksheets
    }
    json.dump(layout, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
