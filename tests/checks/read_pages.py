"""Reads a PDF, and prints the texts of its pages as JSON. Draws its first page, if a second path is given."""

import json
import sys

import pypdfium2

# Pixels per point: 144 dpi.
SCALE = 2


def main(path: str, picture: str | None = None) -> None:
    document = pypdfium2.PdfDocument(path)
    if picture:
        document[0].render(scale=SCALE).to_pil().save(picture)
    json.dump([page.get_textpage().get_text_range() for page in document], sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
