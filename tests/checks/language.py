"""Checks the vocabulary: retired words, openings of doc comments, and the length of files.

    python3 tests/checks/language.py

The retired words are in `retired_words.txt`, each with the word that replaces it.
"""

import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORDS = Path(__file__).with_name("retired_words.txt")
MAX_LINES = 400
# The files that may name retired words: this check, the history, and the bench for older baselines.
EXEMPT = {
    "CHANGELOG.md",
    "Cargo.lock",
    "tests/checks/language.py",
    "tests/checks/retired_words.txt",
    "tests/src/bench/metrics.rs",
    "tests/src/bench/stage.rs",
}
TEXT = {".rs", ".sql", ".py", ".sh", ".md", ".yaml", ".yml", ".toml", ".tpl", ".txt", ".json", ".ts", ".tsx"}
SOURCE = {".rs", ".sql", ".py", ".sh", ".ts", ".tsx"}
DOC = re.compile(r"^\s*//[/!](?:\s|$)")
OPENING = re.compile(r"^\s*//[/!]\s+(What|Who|Whose|How|Those)\b")


def retired_words(text: str) -> list[tuple[re.Pattern, str, tuple[str, ...]]]:
    """Each line is `word -> replacement`, after which folders may follow in parentheses."""
    words = []
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        word, replacement, folders = re.fullmatch(r"(.+?) -> (.+?)(?: \((.+)\))?", line.strip()).groups()
        words.append((re.compile(rf"\b{re.escape(word)}\b"), replacement, tuple((folders or "").split(" "))))
    return words


def problems(root: Path, files: list[str], words) -> list[str]:
    found = []
    for name in files:
        path = root / name
        if path.suffix not in TEXT and path.name not in ("Makefile", "Dockerfile") and path.parent.name != "dev":
            continue
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        if name not in EXEMPT:
            found += retired(name, lines, words)
        if path.suffix == ".rs":
            found += openings(name, lines)
        if path.suffix in SOURCE and len(lines) > MAX_LINES:
            found.append(f"{name}: {len(lines)} lines, at most {MAX_LINES}")
    return found


def retired(name: str, lines: list[str], words) -> list[str]:
    found = []
    applicable = [(word, replacement) for word, replacement, folders in words if name.startswith(folders)]
    for number, line in enumerate(lines, 1):
        for word, replacement in applicable:
            if match := word.search(line):
                found.append(f"{name}:{number}: `{match.group()}` is retired: {replacement}")
    return found


def openings(name: str, lines: list[str]) -> list[str]:
    found, is_inside = [], False
    for number, line in enumerate(lines, 1):
        is_doc = bool(DOC.match(line))
        if is_doc and not is_inside and (match := OPENING.match(line)):
            found.append(f"{name}:{number}: a doc comment opens with `{match.group(1)}`")
        is_inside = is_doc
    return found


class SelfTest(unittest.TestCase):
    def found(self, name: str, text: str) -> list[str]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            words = retired_words("# comment\nold_name -> new_name\nPiece -> Chunk (query/ shared/)\nput down -> queued\n")
            return problems(Path(folder), [name], words)

    def test_a_retired_word_is_found_and_a_longer_one_is_not(self):
        self.assertEqual(
            self.found("a.rs", "let old_name = 1;\nlet old_names = 2;\n"),
            ["a.rs:1: `old_name` is retired: new_name"],
        )
        self.assertEqual(len(self.found("a.md", "is put down here")), 1)

    def test_a_word_can_be_retired_in_one_folder(self):
        self.assertEqual(len(self.found("query/a.rs", "struct Piece;")), 1)
        self.assertEqual(self.found("ingest/a.rs", "struct Piece;"), [])

    def test_only_the_first_line_of_a_doc_comment_is_an_opening(self):
        for word in ["What", "Who", "Whose", "How", "Those"]:
            self.assertEqual(len(self.found("a.rs", f"/// {word} it is.\nfn a() {{}}\n")), 1)
            self.assertEqual(len(self.found("a.rs", f"//! {word} it is.\n")), 1)
        self.assertEqual(self.found("a.rs", "/// The id.\n/// What follows.\n// How\n"), [])

    def test_a_long_file_is_found(self):
        self.assertEqual(len(self.found("a.rs", "\n" * 401)), 1)
        self.assertEqual(self.found("a.rs", "\n" * 400), [])


def main() -> None:
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(SelfTest)
    if not unittest.TextTestRunner(verbosity=0).run(suite).wasSuccessful():
        sys.exit("the check itself does not work")
    files = subprocess.check_output(["git", "ls-files"], cwd=ROOT, text=True).splitlines()
    files = [name for name in files if (ROOT / name).is_file()]
    found = problems(ROOT, files, retired_words(WORDS.read_text(encoding="utf-8")))
    if found:
        sys.exit("\n".join(found) + f"\n{len(found)} problems of language")
    print(f"{len(files)} files: no retired word, no file over {MAX_LINES} lines")


if __name__ == "__main__":
    main()
