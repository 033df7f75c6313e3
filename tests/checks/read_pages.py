"""Reads a PDF, and prints the texts of its pages as JSON. Draws the first two as `picture-1.png` and `picture-2.png`."""

import json
import sys

import pypdfium2

# Pixels per point: 144 dpi.
SCALE = 2


def main(path: str, picture: str) -> None:
    document = pypdfium2.PdfDocument(path)
    for number in range(1, 1 + min(2, len(document))):
        document[number - 1].render(scale=SCALE).to_pil().save(f"{picture}-{number}.png")
    json.dump([page.get_textpage().get_text_range() for page in document], sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
