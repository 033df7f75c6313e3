"""The imports between the files of a Rust crate.

A `use` is an edge to the file that defines the item. A re-export (`pub use child::Item`) is no edge.
Test modules are ignored.
"""

import re
from pathlib import Path

USE = re.compile(r"^\s*(pub(?:\([a-z ]+\))? )?use ([^;]+);", re.MULTILINE)
TEST_MODULE = re.compile(r"#\[cfg\(test\)\]\s*(?:pub(?:\(\w+\))? )?mod (\w+);")
PATH = re.compile(r"\b((?:crate|super)(?:::\w+)+)")


class Crate:
    """The modules of a crate, and the imports between their files."""

    def __init__(self, source: Path):
        self.files: dict[tuple[str, ...], str] = {}
        self.reexports: dict[tuple[str, ...], dict[str, tuple[str, ...]]] = {}
        texts, test_modules = {}, []
        for path in sorted(source.rglob("*.rs")):
            name = path.relative_to(source)
            if name.name == "tests.rs" or name.parts[0] == "bin":
                continue
            parts = name.with_suffix("").parts
            module = parts[:-1] if parts[-1] in ("mod", "lib", "main") else parts
            if name.name == "main.rs" and (source / "lib.rs").exists():
                continue
            self.files[module] = str(name)
            text = path.read_text(encoding="utf-8")
            test_modules += [(*module, test) for test in TEST_MODULE.findall(text)]
            texts[module] = without_tests(text)
        for module in [module for module in texts if any(module[: len(test)] == test for test in test_modules)]:
            del self.files[module], texts[module]
        for module, text in texts.items():
            self.reexports[module] = {
                name: self.absolute(module, path)
                for is_public, path, name in uses(text)
                if is_public and self.absolute(module, path) is not None
            }
        self.imports = {module: set(self.edges(module, text)) for module, text in texts.items()}

    def absolute(self, module, path: list[str]):
        """The path from the root of the crate; nothing if it leads to another crate."""
        at = module
        for index, part in enumerate(path):
            if part == "crate":
                at = ()
            elif part == "super":
                at = at[:-1]
            elif part != "self":
                if index == 0 and at + (part,) not in self.files:
                    return None
                return at + tuple(path[index:])
        return at

    def definition(self, path):
        """The module that defines an item, through all re-exports, and the item's name."""
        for _ in range(10):
            module = path
            while module not in self.files:
                module = module[:-1]
            name = path[len(module)] if len(path) > len(module) else ""
            target = self.reexports.get(module, {}).get(name)
            if target is None:
                return module, name
            path = target + path[len(module) + 1 :]
        return module, name

    def edges(self, module, text: str):
        found = [path for is_public, path, _ in uses(text) if not is_public]
        body = USE.sub("", text)
        found += [path.split("::") for path in PATH.findall(body)]
        for path in found:
            target = self.absolute(module, path)
            if target is None:
                continue
            direct = target
            while direct not in self.files:
                direct = direct[:-1]
            defined, name = self.definition(target)
            if defined != module:
                through = direct if direct != defined and module[: len(direct)] == direct and module != direct else None
                yield defined, name, through


def without_tests(text: str) -> str:
    text = TEST_MODULE.sub("", text).split("#[cfg(test)]\nmod ")[0]
    return re.sub(r"//.*", "", text)


def uses(text: str):
    """The imported paths as (is re-export, path, local name)."""
    for visibility, tree in USE.findall(text):
        for path in flatten(re.sub(r"\s+", " ", tree).strip()):
            path, _, alias = path.partition(" as ")
            parts = path.split("::")
            if parts[-1] == "self":
                parts.pop()
            yield bool(visibility), parts, alias or parts[-1]


def flatten(tree: str) -> list[str]:
    if "{" not in tree:
        return [tree]
    prefix, _, rest = tree.partition("{")
    items, depth, item = [], 0, ""
    for char in rest[: rest.rindex("}")] + ",":
        depth += (char == "{") - (char == "}")
        if char == "," and depth == 0:
            items += [item.strip()] if item.strip() else []
            item = ""
        else:
            item += char
    return [prefix + path for item in items for path in flatten(item)]
