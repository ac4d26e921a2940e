"""The house rules, kept by machine: who may import whom, which file may know which library, how long a file may be."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent / "importer"
FOUNDATION = {"models", "errors", "problems", "settings", "addresses"}
MAY_IMPORT = {
    "models": set(),
    "errors": {"models"},
    "problems": {"models"},
    "settings": {"errors", "models"},
    "loaded": {"models"},
    "addresses": {"models", "problems"},
    "credentials": {"errors", "settings"},
    "net": {"errors", "settings"},
    "loader": FOUNDATION | {"loaded"},
    "store": FOUNDATION | {"net"},
    "validator": FOUNDATION | {"net", "store"},
    "uploader": FOUNDATION | {"net", "store"},
    "report": FOUNDATION,
    "outcomes": {"errors", "models", "uploader"},
    "stop_rule": {"errors", "models"},
    "progress": set(),
    "interruption": set(),
    "pipeline": FOUNDATION
    | {"loaded", "loader", "validator", "store", "uploader", "outcomes", "stop_rule", "report"}
    | {"progress", "interruption"},
    "cli": FOUNDATION | {"loaded", "pipeline", "stop_rule", "credentials", "progress", "report", "loader", "sandbox"},
    "sandbox": set(),
    "__main__": {"cli"},
    "__init__": FOUNDATION | {"loaded", "loader", "validator", "uploader", "report", "outcomes", "store"},
}
MAY_KNOW = {
    "pandas": {"loader"},
    "python_calamine": {"loader"},
    "chardet": {"loader"},
    "openpyxl": {"loader", "report"},
    "sqlite3": {"uploader"},
    "click": {"cli"},
    "jinja2": {"report"},
    "tqdm": {"progress"},
    "PIL": {"validator", "sandbox"},
    "aiohttp": {"net", "validator", "store", "sandbox"},
    "trustme": {"sandbox"},
    "cryptography": {"net"},
    "aiohappyeyeballs": {"net"},
}
LONGEST_FILE = 300
LONGEST_FUNCTION = 50


def room(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imports(tree: ast.AST) -> list[str]:
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found += [
                f"{node.module}.{alias.name}" if node.module == "importer" else node.module for alias in node.names
            ]
    return found


def breaches(path: Path, source: str) -> list[str]:
    """Every rule that a file breaks, as a sentence."""
    here, tree = room(path), ast.parse(source)
    found = []
    for name in imports(tree):
        first, *rest = name.split(".")
        if first in MAY_KNOW and here not in MAY_KNOW[first]:
            found.append(f"{here} knows {first}")
        if first == "importer" and rest and rest[0] != here:
            if rest[0] not in MAY_IMPORT[here]:
                found.append(f"{here} imports {rest[0]}")
            elif len(rest) > 1 and (ROOT / rest[0]).is_dir():
                found.append(f"{here} goes past the front door of {rest[0]}: {name}")
    if len(source.splitlines()) > LONGEST_FILE:
        found.append(f"{len(source.splitlines())} lines")
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1
            if length > LONGEST_FUNCTION:
                found.append(f"{node.name} has {length} lines")
    return found


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_keeps_the_house_rules(path: Path) -> None:
    assert breaches(path, path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("file", "source", "expected"),
    [
        ("loader/rows.py", "from importer.store import add_image", "loader imports store"),
        ("validator/check.py", "import pandas as pd", "validator knows pandas"),
        ("pipeline.py", "from importer.store.client import StoreClient", "goes past the front door"),
        ("sandbox/store.py", "from importer.settings import MAX_URL_LENGTH", "sandbox imports settings"),
        ("errors.py", "\n" * 301, "301 lines"),
    ],
)
def test_a_planted_breach_is_seen(file: str, source: str, expected: str) -> None:
    assert any(expected in breach for breach in breaches(ROOT / file, source))
