"""Settings: where they are found, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from cleaner.config import Config, find_config, fits, read_config
from cleaner.model import ConfigError


def written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def test_the_nearest_file_with_settings_counts(tmp_path: Path) -> None:
    top = written(tmp_path / "pyproject.toml", '[tool.cleaner]\nprofile = "careful"\n')
    written(tmp_path / "a" / "pyproject.toml", "[project]\nname = 'x'\n")
    near = written(tmp_path / "a" / "b" / "cleaner.toml", 'ignore = ["REL"]\n')
    assert find_config(tmp_path / "a") == (Config(profile="careful"), top)
    assert find_config(tmp_path / "a" / "b") == (Config(ignore=("REL",)), near)


def test_no_settings(tmp_path: Path) -> None:
    config, path = find_config(tmp_path)
    assert config == Config()
    assert path is None


def test_packs_are_relative_to_the_file(tmp_path: Path) -> None:
    path = written(tmp_path / "cleaner.toml", 'extend-rules = ["rules/mine.toml"]\n')
    assert read_config(path).extend_rules == (str(tmp_path / "rules" / "mine.toml"),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('profil = "careful"', "unknown setting 'profil'; did you mean 'profile'?"),
        ('[tool.cleaner]\nprofile = "careful"', "unknown setting 'tool'; in this file settings stand without [tool.cleaner]"),
        ('extend_rules = ["x"]', "unknown setting 'extend_rules'; did you mean 'extend-rules'?"),
        ('profile = "carefull"', "did you mean 'careful'?"),
        ("profile = 3", "profile must be a string"),
        ('select = "REL"', "select must be a list of strings"),
        ("select = [1]", "select must be a list of strings"),
        ('encoding = "utf-99"', "unknown encoding 'utf-99'"),
        ('encoding = "undefined"', "unknown encoding 'undefined'"),
        ('encoding = "utf\\u00008"', "unknown encoding 'utf\\x008'"),
        ("profile", "not a TOML file"),
        ('per-file-ignores = ["REL"]', "per-file-ignores must be a table"),
        ("prune = 1", "prune must be true or false"),
        ("workers = true", "workers must be a whole number"),
        ("workers = -1", "workers must not be below 0"),
        ("max-row-bytes = 0", "max-row-bytes not below 1"),
        ("max-row-bytes = 9223372036854775807", "max-row-bytes must not be above 1,099,511,627,776"),
        ("max-expansion = 99999999999999999999", "max-expansion and max-row-bytes must not be above"),
        ('text-field = ""', "text-field must not be empty"),
        ('output-format = "jsn"', "did you mean 'json'?"),
        ('protect = ["("]', "protect: bad expression '('"),
        ('protect = ["x*"]', "protect: 'x*' matches the empty text"),
        ('protect = ["(?:x|y|xy)+z"]', "protect: '(?:x|y|xy)+z' takes exponential time, as a loop can read"),
        ("protect = ['\\w+ by']", "protect: '\\\\w+ by' takes time with the square of a line's length"),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = written(tmp_path / "cleaner.toml", text)
    with pytest.raises(ConfigError) as caught:
        read_config(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)


def test_one_selector_is_not_taken_for_its_letters() -> None:
    with pytest.raises(ConfigError, match=r"ignore must be a tuple of strings, not 'TAG'; write \('TAG',\)"):
        Config(ignore="TAG")  # type: ignore[arg-type]


def test_options_win_over_settings() -> None:
    config = Config(profile="careful", ignore=("REL",))
    assert config.override(profile="thorough", ignore=None) == Config(profile="thorough", ignore=("REL",))


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("*.md", "raw/deep/a.md", True),
        ("*.md", "raw/a.txt", False),
        ("raw/*.txt", "raw/a.txt", True),
        ("raw/*.txt", "news/raw/a.txt", True),
        ("raw/", "raw/deep/a.txt", True),
        ("./raw/a.txt", "raw/a.txt", True),
        ("raw", "raw/a.txt", False),
    ],
)
def test_patterns_of_paths(pattern: str, path: str, *, expected: bool) -> None:
    assert fits(pattern, path) is expected


def test_per_file_ignores(tmp_path: Path) -> None:
    path = written(tmp_path / "cleaner.toml", 'ignore = ["TAG"]\n[per-file-ignores]\n"raw/*.txt" = ["REL", "CAP"]\n')
    config = read_config(path)
    assert config.for_path("raw/a.txt").ignore == ("TAG", "REL", "CAP")
    assert config.for_path("other/a.txt") is config


def test_the_folder_for_copies_is_relative_to_the_file(tmp_path: Path) -> None:
    assert read_config(written(tmp_path / "cleaner.toml", 'out = "clean"\nprune = true\n')).out == str(tmp_path / "clean")
