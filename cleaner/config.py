"""Settings: one frozen object, read from `pyproject.toml` or `cleaner.toml`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any

from cleaner.model import ConfigError
from cleaner.places import portable
from cleaner.provenance import is_for_files
from cleaner.reading import MAX_TOML_BYTES, UnreadableError, parse_toml, read_regular

PROFILES: Mapping[str, float] = {"careful": 0.95, "default": 0.9, "thorough": 0.7}
"""How sure a finding must be to become an edit."""

INPUTS = ("auto", "article", "page")
"""What the texts are: extracted articles, whole pages, or either, as each looks."""

OUTPUT_FORMATS = ("text", "json", "jsonl", "sarif", "github")

FILE_NAMES = ("cleaner.toml", "pyproject.toml")
"""Looked for in a folder and then in those above it; the first one with settings counts."""
MOST = 2**40
"""No row and no factor of a size is larger; what reads files takes no larger numbers than 2**63."""
_KINDS: Mapping[type, str] = {bool: "true or false", str: "a string", int: "a whole number"}


@dataclass(frozen=True, slots=True)
class Config:
    """All that decides what is found and what is changed."""

    profile: str = "default"
    """`careful`, `default` or `thorough`."""
    select: tuple[str, ...] = ("ALL",)
    """Rules to use: codes, prefixes, or `ALL`."""
    extend_select: tuple[str, ...] = ()
    """Rules to use besides those of `select`."""
    ignore: tuple[str, ...] = ()
    """Rules not to use; of two selectors that fit, the longer one counts."""
    extend_rules: tuple[str, ...] = ()
    """Rule packs of one's own: paths of TOML files."""
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """(pattern of paths, rules not to use there); a pattern without a slash fits names, as in `.gitignore`."""
    input: str = "auto"
    """`article` (a text that somebody extracted), `page` (a whole page as text), or `auto`: as each text looks."""
    protect: tuple[str, ...] = ()
    """Regular expressions; what they match in the raw text no rule may touch."""
    encoding: str = "utf-8"
    """Encoding of files without a byte order mark."""
    follow_links: bool = False
    """Read what links in a folder name outside of it, and enter links to folders."""
    out: str = ""
    """Folder for the clean copies, where the command line does not name one."""
    prune: bool = False
    """Remove copies whose raw file is gone."""
    exit_non_zero_on_write: bool = False
    text_field: str = "text"
    """Of corpora: the field that holds the raw text, and then the clean one."""
    id_field: str = "id"
    """Of corpora: the field that names a row in records, rejects and attributes."""
    html_field: str = ""
    """Of corpora: the field that holds pages, if the texts are to be taken from them."""
    field_prefix: str = ""
    """Of corpora: stands before the names of the new fields."""
    workers: int = 0
    """Processes that clean rows of corpora and many files; 0 means one per core."""
    max_row_bytes: int = 16 * 2**20
    """Longer rows of corpora are rejected before they fill the memory."""
    max_expansion: int = 200
    """Corpora that unpack to more than so many times their size, and to more than 64 MiB, are refused."""
    cache_dir: str = ".cleaner_cache"
    """Folder for what `check` found out about files, for its next run; empty if nothing is to be kept."""
    output_format: str = "text"
    exit_zero: bool = False
    verbose: bool = False
    quiet: bool = False

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name)
            if isinstance(item.default, tuple) and isinstance(value, str):  # or each of its letters would be a prefix of codes
                raise ConfigError(f"{item.name.replace('_', '-')} must be a tuple of strings, not {value!r}; write ({value!r},)")
        for name, known in (("profile", tuple(PROFILES)), ("input", INPUTS), ("output_format", OUTPUT_FORMATS)):
            value = getattr(self, name)
            if value not in known:
                key = name.replace("_", "-")
                raise ConfigError(f"{key} must be one of {', '.join(known)}, not {value!r}{nearest(value, known)}")
        if self.workers < 0 or self.max_row_bytes < 1 or self.max_expansion < 1:
            raise ConfigError("workers must not be below 0, and max-expansion and max-row-bytes not below 1")
        if max(self.max_row_bytes, self.max_expansion) > MOST:
            raise ConfigError(f"max-expansion and max-row-bytes must not be above {MOST:,}")
        if not self.text_field:
            raise ConfigError("text-field must not be empty")
        try:
            "".encode(self.encoding)
            is_known = is_for_files(self.encoding)
        except (LookupError, ValueError):
            is_known = False
        if not is_known:
            raise ConfigError(f"unknown encoding {self.encoding!r}")
        if self.protect:
            from cleaner.backtracking import checked
        for pattern in self.protect:
            try:
                checked(pattern, anywhere=True)
            except ValueError as error:
                raise ConfigError(f"protect: {error}") from None

    @property
    def threshold(self) -> float:
        """Least confidence of a finding that becomes an edit."""
        return PROFILES[self.profile]

    def effective(self) -> dict[str, Any]:
        """The settings that can change a result (packs count by their content, in the digest of the rules)."""
        return {name: getattr(self, name) for name in ("profile", "select", "extend_select", "ignore", "input", "protect")}

    def for_path(self, path: str) -> Config:
        """The settings for one file: those of `per_file_ignores` that fit its path are ignored, too."""
        codes = [code for pattern, codes in self.per_file_ignores if fits(pattern, portable(path)) for code in codes]
        return replace(self, ignore=(*self.ignore, *codes), per_file_ignores=()) if codes else self

    def override(self, **values: Any) -> Config:
        """A copy with the given settings; `None` leaves a setting as it is."""
        return replace(self, **{name: value for name, value in values.items() if value is not None})


def fits(pattern: str, path: str) -> bool:
    """True if a pattern such as `raw/*.txt` or `*.md` fits a path with slashes, or the end of it.

    A pattern that ends in a slash fits everything below the folder.
    """
    if pattern.endswith("/"):
        pattern += "*"
    place = PurePosixPath(path.replace("\\", "/"))
    ends = ["/".join(place.parts[at:]) for at in range(len(place.parts))] if "/" in pattern else [place.name]
    return any(fnmatchcase(end, pattern.removeprefix("./")) for end in ends)


def find_config(folder: Path) -> tuple[Config, Path | None]:
    """The settings that hold in a folder and the file they come from.

    Goes from the folder upwards, as linters do, and stops at the first `cleaner.toml`, or
    `pyproject.toml` with a `[tool.cleaner]` table. Raises `ConfigError`, naming file and key.
    """
    for place in [folder, *folder.parents]:
        for name in FILE_NAMES:
            path = place / name
            if _is_there(path) and (table := _table(path)) is not None:
                return config_from(table, path), path
    return Config(), None


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a folder above that must not be searched has nothing to say
        return False


def read_config(path: Path) -> Config:
    """The settings of one file. Raises `ConfigError`, naming file and key."""
    return config_from(_table(path) or {}, path)


def _table(path: Path) -> Mapping[str, Any] | None:
    try:
        data = parse_toml(read_regular(path, MAX_TOML_BYTES, "a file of settings"))
    except UnreadableError as error:
        raise ConfigError(f"{path}: {error}") from error
    if path.name != "pyproject.toml":
        return data
    tool = data.get("tool")
    table = tool.get("cleaner") if isinstance(tool, dict) else None
    if table is not None and not isinstance(table, dict):
        raise ConfigError(f"{path}: tool.cleaner must be a table")
    return table


def config_from(table: Mapping[str, Any], path: Path) -> Config:
    """Check a table of settings, whose keys have hyphens, and make the settings of it.

    Relative pack paths are relative to the file.
    """
    names = {item.name.replace("_", "-"): item.name for item in fields(Config)}
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in names:
            hint = "; in this file settings stand without [tool.cleaner]" if key == "tool" else nearest(key, names)
            raise ConfigError(f"{path}: unknown setting {key!r}{hint}")
        default = getattr(Config(), names[key])
        if names[key] == "per_file_ignores":
            if not isinstance(value, dict) or not all(_is_list(codes) for codes in value.values()):
                raise ConfigError(f"{path}: {key} must be a table of patterns, each with a list of rules")
            values[names[key]] = tuple((pattern, tuple(codes)) for pattern, codes in value.items())
        elif isinstance(default, tuple):
            if not _is_list(value):
                raise ConfigError(f"{path}: {key} must be a list of strings")
            values[names[key]] = tuple(value)
        elif type(value) is type(default):
            values[names[key]] = value
        else:
            raise ConfigError(f"{path}: {key} must be {_KINDS[type(default)]}")
    for name in ("out", "cache_dir"):
        if values.get(name):
            values[name] = str(path.parent / values[name])
    if "extend_rules" in values:
        values["extend_rules"] = tuple(str(path.parent / entry) for entry in values["extend_rules"])
    try:
        return Config(**values)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None


def _is_list(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(entry, str) for entry in value)


def nearest(word: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown word: the known one that it resembles, if there is one."""
    near = get_close_matches(word, list(known), 1)
    return f"; did you mean {near[0]!r}?" if near else ""
