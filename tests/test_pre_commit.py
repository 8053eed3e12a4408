"""The hooks as pre-commit runs them: installed from this checkout into a fresh repository. Takes a minute: `make hooks`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CLEAN = (
    "Storm closes the old harbour bridge\n\n"
    "The old harbour bridge was closed on Monday after a storm tore off parts of its roof, the city said.\n\n"
    "Engineers will look at the piers this week, and the bridge may open again for buses before Friday.\n"
)
DIRTY = CLEAN + "\nAlso Read: Ten bridges that did not last\n"

pytestmark = pytest.mark.slow

# The checkout may belong to another user than the one who runs the tests.
TRUSTING = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*"}


class Repository:
    """A git repository that uses the hooks."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.folder = folder
        self.environment = {**os.environ, **TRUSTING, "PRE_COMMIT_HOME": str(home), "GIT_CONFIG_GLOBAL": os.devnull}
        folder.mkdir()
        self.git("init", "-q")

    def git(self, *args: str) -> str:
        identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        done = subprocess.run(["git", *identity, *args], cwd=self.folder, env=self.environment, capture_output=True, check=True)
        return done.stdout.decode()

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")

    def hook(self, name: str) -> tuple[int, str]:
        """Stage everything and run one hook on all files."""
        self.git("add", "-A")
        done = subprocess.run(
            [sys.executable, "-m", "pre_commit", "run", name, "--all-files", "--color", "never"],
            cwd=self.folder, env=self.environment, capture_output=True, check=False,
        )  # fmt: skip
        return done.returncode, (done.stdout + done.stderr).decode()


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A clone of this checkout's last commit, and its name. By way of a bundle, as the checkout may be another user's."""
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("not a git checkout")
    folder = tmp_path_factory.mktemp("hooks")
    environment = {**os.environ, **TRUSTING}

    def git(*args: str, within: Path) -> str:
        done = subprocess.run(["git", *args], cwd=within, env=environment, capture_output=True, check=True)
        return done.stdout.decode().strip()

    git("bundle", "create", str(folder / "bundle"), "HEAD", within=ROOT)
    git("clone", "-q", str(folder / "bundle"), "clone", within=folder)
    return folder / "clone", git("rev-parse", "HEAD", within=folder / "clone")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One set of installed hooks for all tests."""
    return tmp_path_factory.mktemp("pre-commit")


@pytest.fixture
def repository(tmp_path: Path, home: Path, hooks: tuple[Path, str]) -> Repository:
    clone, revision = hooks
    repository = Repository(tmp_path / "news", home)
    repository.write(
        ".pre-commit-config.yaml",
        f"repos:\n  - repo: {clone}\n    rev: {revision}\n    hooks:\n"
        "      - id: cleaner-check\n        files: ^articles/\n"
        "      - id: cleaner-clean\n        args: [raw, --out, clean, --prune]\n"
        "      - id: cleaner-verify\n        args: [clean, --source, raw]\n",
    )
    return repository


def test_a_dirty_article_is_refused_and_the_clean_one_passes(repository: Repository) -> None:
    repository.write("articles/a.txt", DIRTY)
    code, output = repository.hook("cleaner-check")
    assert code == 1
    assert "articles/a.txt:7:1: REL001 also read link" in output
    repository.write("articles/a.txt", CLEAN)
    assert repository.hook("cleaner-check")[0] == 0


def test_copies_are_kept_in_step(repository: Repository) -> None:
    repository.write("raw/a.txt", DIRTY)
    repository.write("raw/b.txt", CLEAN)
    code, output = repository.hook("cleaner-clean")
    assert code == 1
    assert "wrote clean/a.txt" in output
    assert (repository.folder / "clean" / "a.txt").read_text() == CLEAN
    assert repository.hook("cleaner-clean")[0] == 0
    (repository.folder / "raw" / "b.txt").unlink()
    code, output = repository.hook("cleaner-clean")
    assert code == 1
    assert "removed clean/b.txt" in output
    assert not (repository.folder / "clean" / "b.txt").exists()


def test_a_stale_or_edited_copy_is_refused(repository: Repository) -> None:
    repository.write("raw/a.txt", DIRTY)
    repository.hook("cleaner-clean")
    assert repository.hook("cleaner-verify")[0] == 0
    repository.write("raw/a.txt", DIRTY.replace("Monday", "Sunday"))
    assert repository.hook("cleaner-verify")[0] == 1
    repository.hook("cleaner-clean")
    assert repository.hook("cleaner-verify")[0] == 0
    repository.write("clean/a.txt", CLEAN.replace("Friday", "Saturday"))
    code, output = repository.hook("cleaner-verify")
    assert code == 1
    assert "clean/a.txt" in output
