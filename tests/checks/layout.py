"""Checks the layout of the source folders: import cycles, layers, and the size of folders.

    python3 tests/checks/layout.py

A file must not import a re-export of its own ancestor: it imports from where the item is defined.
"""

import re
import sys
import tempfile
import unittest
from pathlib import Path

from rust_imports import Crate

ROOT = Path(__file__).resolve().parents[2]
CRATES = ["ingest", "migration", "query", "shared"]
MAX_ENTRIES = 15
# (crate, importing folder, folders it must not import)
LAYERS = [
    ("query", "analytics", ["api", "store", "cache", "export", "live", "web"]),
    ("query", "store", ["api", "export", "live", "web"]),
    ("query", "export", ["api", "live", "web"]),
    ("query", "live", ["api", "export", "web"]),
    ("ingest", "store", ["http", "amqp", "import", "enrich", "pipeline", "writer", "maintenance"]),
    ("ingest", "writer", ["http", "amqp", "import", "maintenance"]),
    ("ingest", "enrich", ["http", "amqp", "import", "pipeline", "writer", "maintenance"]),
    ("ingest", "pipeline", ["http", "amqp", "import", "maintenance"]),
    ("shared", "entity", ["auth", "config", "database", "health", "http", "maintenance", "problem"]),
]
# (crate, importing folder, names that it must not import from a folder)
NAMES = [("query", "api", "store", re.compile(r"Rows?$"))]


def cycles(crate: Crate) -> list[str]:
    graph = {module: {target for target, _, _ in edges} for module, edges in crate.imports.items()}
    reachable = {}
    for module in graph:
        seen, waiting = set(), [module]
        while waiting:
            new = graph[waiting.pop()] - seen
            seen |= new
            waiting += new
        reachable[module] = seen
    groups = {
        tuple(sorted(crate.files[other] for other in reachable[module] if module in reachable[other]))
        for module in graph
        if module in reachable[module]
    }
    return [f"import cycle: {' ↔ '.join(group)}" for group in sorted(groups)]


def problems(root: Path, name: str) -> list[str]:
    source = root / name / "src"
    crate = Crate(source)
    found = cycles(crate)
    for module, edges in sorted(crate.imports.items()):
        for target, item, through in sorted(edges, key=str):
            file = crate.files[module]
            if through is not None:
                found.append(f"{file}: imports `{item}` through its ancestor {crate.files[through]}")
            for layer_crate, folder, forbidden in LAYERS:
                if layer_crate == name and module[:1] == (folder,) and target[:1] and target[0] in forbidden:
                    found.append(f"{file}: `{folder}` must not import `{target[0]}` ({item})")
            for layer_crate, folder, other, pattern in NAMES:
                is_row = target[:1] == (other,) and pattern.search(item)
                if layer_crate == name and module[:1] == (folder,) and is_row:
                    found.append(f"{file}: `{folder}` must not import the row type `{item}` of `{other}`")
    for folder in [source, *(path for path in sorted(source.rglob("*")) if path.is_dir())]:
        entries = [path for path in folder.iterdir() if path.stem != "tests"]
        if len(entries) > MAX_ENTRIES:
            found.append(f"{folder.relative_to(source.parent)}: {len(entries)} entries, at most {MAX_ENTRIES}")
    return [f"{name}/{problem}" for problem in found]


class SelfTest(unittest.TestCase):
    def found(self, name: str, files: dict[str, str]) -> list[str]:
        with tempfile.TemporaryDirectory() as folder:
            for file, text in files.items():
                path = Path(folder) / name / "src" / file
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            return problems(Path(folder), name)

    def test_a_cycle_is_found_also_by_an_inline_path_and_through_a_re_export(self):
        facade = {"lib.rs": "mod a;\nmod b;", "a/mod.rs": "mod x;\npub use x::X;", "a/x.rs": "pub struct X;"}
        self.assertEqual(self.found("shared", facade | {"b.rs": "use crate::a::X;"}), [])
        for text in ["use crate::b::B;", "use crate::{b::{self, B}, c};", "fn f() { crate::b::f() }"]:
            found = self.found("shared", facade | {"a/x.rs": text, "b.rs": "use crate::a::X;"})
            self.assertEqual(found, ["shared/import cycle: a/x.rs ↔ b.rs"])

    def test_an_import_through_the_own_parent_is_found(self):
        files = {"lib.rs": "mod a;", "a/mod.rs": "pub use self::x::X;", "a/x.rs": "", "a/y.rs": "use super::X;"}
        self.assertEqual(self.found("shared", files), ["shared/a/y.rs: imports `X` through its ancestor a/mod.rs"])

    def test_a_layer_that_imports_upwards_is_found_and_its_tests_may(self):
        files = {"analytics/a.rs": "use crate::store::{Store};", "store/mod.rs": ""}
        self.assertEqual(len(self.found("query", files)), 1)
        files["analytics/a.rs"] = "#[cfg(test)]\nmod tests { use crate::store::Store; }"
        self.assertEqual(self.found("query", files), [])
        self.assertEqual(len(self.found("query", {"api/a.rs": "use crate::store::DayRow;", "store/mod.rs": ""})), 1)

    def test_a_folder_with_too_many_entries_is_found(self):
        self.assertEqual(len(self.found("shared", {f"m{n}.rs": "" for n in range(16)})), 1)


def main() -> None:
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(SelfTest)
    if not unittest.TextTestRunner(verbosity=0).run(suite).wasSuccessful():
        sys.exit("the check itself does not work")
    found = [problem for name in CRATES for problem in problems(ROOT, name)]
    if found:
        sys.exit("\n".join(found) + f"\n{len(found)} problems of layout")
    print(f"{', '.join(CRATES)}: no import cycle, no import against the layers")


if __name__ == "__main__":
    main()
