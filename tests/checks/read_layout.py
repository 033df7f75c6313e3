"""Reads a workbook as another program would, and prints for each sheet, as JSON: the first cell
that is not frozen, the range that has a filter, the number of charts, how it is printed, the formats of the
numbers in each column, and the cells with formulas."""

import json
import sys

import openpyxl


def formats(sheet: openpyxl.worksheet.worksheet.Worksheet) -> dict[str, str]:
    second = next(sheet.iter_rows(min_row=2, max_row=2), ())
    return {cell.column_letter: cell.number_format for cell in second if cell.value is not None}


def formulas(sheet: openpyxl.worksheet.worksheet.Worksheet) -> list[str]:
    return [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def main(path: str) -> None:
    workbook = openpyxl.load_workbook(path)
    layout = {
        sheet.title: {
            "frozen": sheet.freeze_panes,
            "filter": sheet.auto_filter.ref,
            "charts": len(sheet._charts),
            "orientation": sheet.page_setup.orientation,
            "pages": [sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight],
            "repeated": sheet.print_title_rows,
            "printed": sheet.print_area,
            "formats": formats(sheet),
            "formulas": formulas(sheet),
        }
        for sheet in workbook.worksheets
    }
    json.dump(layout, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
