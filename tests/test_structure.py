"""The floors of the house, and imports that stay light."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "cleaner"

FLOORS = {
    "_version": 0,
    "model": 0,
    "shape": 0,
    "names": 0,
    "words": 0.5,
    "forms": 0.5,
    "reading": 0.5,
    "packs": 0.5,
    "backtracking": 0.5,
    "segment": 1,
    "resolve": 1,
    "provenance": 1,
    "registry": 1,
    "prefilter": 1,
    "language": 1,
    "heads": 1,
    "dates": 1,
    "page": 1,
    "places": 1,
    "markup": 1.2,
    "stated": 1.5,
    "detect": 2,
    "extract": 2,
    "config": 2,
    "locks": 2.2,
    "files": 2.3,
    "signals": 2,
    "workers": 2,
    "pairs": 2.5,
    "unpacked": 2.5,
    "corpora": 3,
    "pipeline": 3,
    "report": 4,
    "diffs": 4,
    "cache": 4,
    "console": 4.3,
    "rows": 4.3,
    "runs": 4.6,
    "checks": 4.6,
    "corpus_runs": 4.6,
    "cli": 5,
    "__init__": 5,
    "__main__": 6,
}
"""A module imports only from lower floors; modules of `detect` may also use each other, without circles."""


def imports_of(path: Path) -> set[str]:
    """Modules of the package that a file imports anywhere, by their names inside the package."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "cleaner":
            parts = node.module.split(".")[1:]
            found |= {".".join(parts)} if parts else {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[2] for alias in node.names if alias.name.startswith("cleaner.")}
    return found


def floor_of(module: str) -> float:
    return FLOORS[module.split(".", maxsplit=1)[0]]


@pytest.mark.parametrize("path", sorted(PACKAGE.glob("*.py")), ids=lambda path: path.stem)
def test_modules_import_from_lower_floors_only(path: Path) -> None:
    for module in imports_of(path):
        if path.stem in ("__init__", "report") and module == "_version":
            continue
        assert floor_of(module) < floor_of(path.stem), f"{path.stem} imports {module}"


@pytest.mark.parametrize("path", sorted((PACKAGE / "detect").glob("*.py")), ids=lambda path: path.stem)
def test_detectors_import_from_lower_floors_or_each_other(path: Path) -> None:
    for module in imports_of(path):
        assert floor_of(module) < FLOORS["detect"] or module.startswith("detect"), f"detect.{path.stem} imports {module}"


@pytest.mark.parametrize("path", sorted((PACKAGE / "cli").glob("*.py")), ids=lambda path: path.stem)
def test_commands_import_from_lower_floors_or_each_other(path: Path) -> None:
    for module in imports_of(path):
        assert floor_of(module) < FLOORS["cli"] or module.startswith("cli"), f"cli.{path.stem} imports {module}"


@pytest.mark.parametrize("folder", ["detect", "cli"])
def test_modules_of_a_folder_do_not_import_in_circles(folder: str) -> None:
    imports = {
        path.stem: {module.partition(".")[2] for module in imports_of(path) if module.startswith(f"{folder}.")}
        for path in (PACKAGE / folder).glob("*.py")
    }
    while imports:
        free = {name for name, needs in imports.items() if not needs & imports.keys()}
        assert free, f"a circle among {sorted(imports)}"
        imports = {name: needs for name, needs in imports.items() if name not in free}


def test_detectors_know_no_settings_and_no_clock() -> None:
    for path in (PACKAGE / "detect").glob("*.py"):
        source = path.read_text("utf-8")
        assert "cleaner.config" not in source
        assert "os.environ" not in source
        assert ".now(" not in source
        assert "except Exception" not in source


def loaded_by(statement: str) -> set[str]:
    code = f"import sys; {statement}; print(*{{name.split('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


HEAVY = {"trafilatura", "bs4", "langdetect", "ftfy", "lxml", "numpy", "courlan", "htmldate", "pyarrow", "zstandard"}


@pytest.mark.parametrize("statement", ["import cleaner; cleaner.clean('Rain fell.')", "import cleaner.cli.clean"])
def test_what_is_not_needed_is_not_loaded(statement: str) -> None:
    assert not loaded_by(statement) & HEAVY


@pytest.mark.parametrize("statement", ["import cleaner", "import cleaner.cli; cleaner.cli.digest_of_built_in()"])
def test_a_start_loads_next_to_nothing(statement: str) -> None:
    assert not loaded_by(statement) & (HEAVY | {"ahocorasick_rs", "dataclasses", "tomllib", "json", "multiprocessing"})


def test_every_public_name_has_a_docstring() -> None:
    for path in PACKAGE.rglob("*.py"):
        module = ast.parse(path.read_text("utf-8"))
        assert ast.get_docstring(module), path.name
        for owner in [module, *(node for node in module.body if isinstance(node, ast.ClassDef))]:
            for node in owner.body:
                if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                    assert ast.get_docstring(node), f"{path.name}: {node.name}"


MODULES = sorted(PACKAGE.rglob("*.py"))
NETWORK = {
    *"aiohttp asyncio ftplib http httpx imaplib poplib requests smtplib socket socketserver ssl telnetlib urllib3 xmlrpc".split(),
    *("urllib.request", "urllib.robotparser"),
}
RUNNING = {"code", "codeop", "ctypes", "marshal", "runpy", "shelve", "subprocess", "yaml"}
"""Modules that carry out what a file or a text says, or start programs."""
PICKLING = {"workers", "pipeline"}
"""Results go from worker processes to the one that started them; nothing else is unpickled."""


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_no_module_opens_connections_or_carries_out_what_a_text_says(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import | ast.ImportFrom):
            of = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
            parts = [f"{of}{alias.name}".split(".") for alias in node.names]
            names = {".".join(part[:depth]) for part in parts for depth in (1, 2)}
            assert not names & (NETWORK | RUNNING)
            assert "pickle" not in names or path.stem in PICKLING
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in {"eval", "exec", "compile", "__import__"}, node.lineno
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            whose = node.func.value
            name = whose.id if isinstance(whose, ast.Name) else ""
            assert (name, node.func.attr) not in {("os", "system"), ("os", "popen")}, node.lineno
            is_ours = isinstance(whose, ast.Constant) or name.isupper()
            assert node.func.attr not in {"format", "format_map"} or is_ours, node.lineno
