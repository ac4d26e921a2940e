"""The house rules, kept by machine: who may import whom, which file may know which library, how long a file may be."""

import ast
from functools import cache
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
    "progress": {"errors"},
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
LONGEST_FILE = 450
LONGEST_FUNCTION = 60


def room(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imports(tree: ast.AST) -> list[str]:
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            whole = node.module == "importer"
            found += [
                f"{node.module}.{alias.name}" if whole or is_inner_module(node.module, alias.name) else node.module
                for alias in node.names
            ]
    return found


def is_inner_module(module: str, name: str) -> bool:
    """Whether a name taken from a room is one of its files, and not what its front door hands out under that name."""
    root, *rooms = module.split(".")
    door = ROOT.joinpath(*rooms, "__init__.py")
    if root != "importer" or not door.is_file():
        return False
    inner = door.with_name(f"{name}.py").is_file() or door.with_name(name).is_dir()
    return inner and name not in handed_out(door)


@cache
def handed_out(door: Path) -> set[str]:
    """The names in a front door's `__all__`."""
    for node in ast.parse(door.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == ["__all__"]:
            return {*ast.literal_eval(node.value)}
    return set()


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
        ("pipeline/run.py", "from importer.uploader import undo", "goes past the front door of uploader"),
        ("pipeline/run.py", "from importer.uploader import Undo, journal as j", "goes past the front door of uploader"),
        ("sandbox/store.py", "from importer.settings import MAX_URL_LENGTH", "sandbox imports settings"),
        ("errors.py", "\n" * 451, "451 lines"),
    ],
)
def test_a_planted_breach_is_seen(file: str, source: str, expected: str) -> None:
    assert any(expected in breach for breach in breaches(ROOT / file, source))


def test_what_a_front_door_hands_out_under_the_name_of_a_file_is_no_breach() -> None:
    assert breaches(ROOT / "pipeline/run.py", "from importer.uploader import upload") == []
