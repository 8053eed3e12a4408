"""Files: finding and decoding articles, writing whole or not at all."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from cleaner.model import InputError, Source
from cleaner.places import TEMPORARY, leads_out, resolved
from cleaner.provenance import MARKS, digest, newline_of
from cleaner.reading import UnreadableError, read_regular, reason
from cleaner.segment import MAX_LINE

TEXT_SUFFIXES = frozenset({".txt", ".text", ".md"})
HTML_SUFFIXES = frozenset({".html", ".htm", ".xhtml"})
"""What counts as an article in a folder. A file that is named itself is text unless it ends as HTML does."""
CORPUS_SUFFIXES = (".jsonl", ".jsonl.gz", ".jsonl.zst", ".parquet")
"""Files of many articles, a row each."""

MAX_BYTES = 64 * 2**20
"""Larger files are no articles."""

COPY_SUFFIX = ".txt"
RECORD_SUFFIX = ".json"
_HALF = re.compile("[\ud800-\udfff]")
NAME_CHARACTERS = 40
"""So many characters at the end of a file's name are in that of its temporary one, which would be too long if the file's own
is as long as may be."""


@dataclass(frozen=True, slots=True)
class Article:
    """A file to clean and the name of its copy, relative to the output folder, without suffix."""

    path: Path
    name: PurePosixPath
    """The path relative to the folder that was named, with its suffix."""

    @property
    def is_corpus(self) -> bool:
        """True if the file holds many articles."""
        return bool(corpus_suffix(self.path))

    @property
    def copy(self) -> PurePosixPath:
        """Where the clean copy goes, relative to the output folder."""
        if self.is_corpus:
            return self.name
        return self.name.with_suffix(COPY_SUFFIX)


def corpus_suffix(path: Path) -> str:
    """That of `CORPUS_SUFFIXES` in which the name ends, or nothing."""
    return next((suffix for suffix in CORPUS_SUFFIXES if path.name.lower().endswith(suffix)), "")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Files in a folder that are links out of it, which nobody has asked to be followed. That is no failure."""

    folder: Path
    first: Path
    number: int

    def __str__(self) -> str:
        if self.number == 1:
            return f"{self.first}: a link out of the folder, left out; --follow-links reads it"
        number = f"{self.number:,} links"
        return (
            f"{self.folder}: {number} lead out of this folder and are left out, such as {self.first}; --follow-links reads them"
        )


Found = Article | LeftOut | InputError
"""What is in a place where articles are looked for."""


def find_articles(
    paths: Iterable[Path], besides: Path | None = None, *, with_corpora: bool = False, follow_links: bool = False
) -> Iterator[Found]:
    """The articles under the paths, in a fixed order; what cannot be used comes as an error instead.

    Folders are searched with all folders in them, but for hidden ones and `besides` (the output folder). Links to
    folders, and links to files that lie outside of the folder that was named, are left out unless links are to be
    followed. What is named directly may be a link, and a file of any suffix.
    """
    for path in paths:
        if path.is_dir():
            found = list(_in_folder(path, besides, with_corpora=with_corpora, follow_links=follow_links))
            if not found:
                suffixes = ", ".join([*sorted(TEXT_SUFFIXES | HTML_SUFFIXES), *(CORPUS_SUFFIXES if with_corpora else ())])
                yield InputError(f"{path}: no articles in this folder; they are files that end in {suffixes}")
            elif all(isinstance(one, LeftOut) for one in found):
                yield InputError(f"{path}: no articles in this folder, only links that lead out of it; --follow-links reads them")
            else:
                yield from found
        elif path.is_symlink() and not path.exists():
            yield InputError(f"{path}: the link leads nowhere; mend or remove it")
        elif not path.exists():
            yield InputError(f"{path}: no such file or folder")
        elif corpus_suffix(path) and not with_corpora:
            yield InputError(f"{path}: a corpus, which only `cleaner clean` reads; give it articles")
        else:
            yield Article(path, PurePosixPath(path.name))


def _in_folder(root: Path, besides: Path | None, *, with_corpora: bool, follow_links: bool) -> Iterator[Found]:
    suffixes = (*TEXT_SUFFIXES, *HTML_SUFFIXES, *(CORPUS_SUFFIXES if with_corpora else ()))
    errors: list[InputError] = []
    outside: list[Path] = []

    def note(error: OSError) -> None:
        errors.append(InputError(f"{error.filename}: {reason(error)}"))

    for path in walk(root, besides, follow_links=follow_links, onerror=note):
        if not path.name.lower().endswith(suffixes):
            continue
        is_link = path.is_symlink()
        if is_link and not path.exists():
            yield InputError(f"{path}: the link leads nowhere; mend or remove it")
        elif is_link and not follow_links and leads_out(path, root):
            outside.append(path)
        else:
            yield Article(path, PurePosixPath(*path.parts[len(root.parts) :]))
    if outside:
        yield LeftOut(root, outside[0], len(outside))
    yield from errors


def walk(
    root: Path,
    besides: Path | None = None,
    *,
    follow_links: bool = False,
    with_hidden: bool = False,
    onerror: Callable[[OSError], None] | None = None,
) -> Iterator[Path]:
    """The files in a folder and in all folders in it, in a fixed order, without what lies in `besides`.

    Hidden folders are passed over, and hidden files if they are not asked for.

    Links to folders are passed over unless they are to be followed; then each folder is entered once, by its own path
    if it has one here. Links to files are named, wherever they lead.
    """
    waiting = [root]
    seen: set[Path] = set()
    left_out = resolved(besides) if besides is not None else None
    while waiting:
        for name_of_folder, folders, names in os.walk(waiting.pop(0), onerror=onerror):
            folder = Path(name_of_folder)
            if follow_links:
                if (place := resolved(folder)) in seen:
                    folders.clear()
                    continue
                seen.add(place)
            folders[:] = sorted(name for name in folders if not name.startswith(".") and resolved(folder / name) != left_out)
            waiting += [folder / name for name in folders if follow_links and (folder / name).is_symlink()]
            yield from (folder / name for name in sorted(names) if with_hidden or not name.startswith("."))


def without_clashes(articles: Iterable[Found]) -> list[Found]:
    """The same articles, with an error in place of those that would write the same copy as another one."""
    found = list(articles)
    first: dict[PurePosixPath, Article] = {}
    for index, article in enumerate(found):
        if not isinstance(article, Article):
            continue
        other = first.setdefault(article.copy, article)
        if other is article:
            continue
        if resolved(other.path) == resolved(article.path):
            message = f"{article.path}: named twice"
        else:
            message = f"{article.path}: would be written to {article.copy}, as {other.path} is; clean them into two folders"
        found[index] = InputError(message)
    return found


def without_repeats(articles: Iterable[Found]) -> Iterator[Found]:
    """The same articles, each file once, for a run that writes no copies."""
    seen: set[Path] = set()
    for article in articles:
        if isinstance(article, Article):
            place = article.path.absolute()
            if place in seen:
                continue
            seen.add(place)
        yield article


def read_bytes(path: Path) -> bytes:
    """The content of a regular file of bearable size. Raises `InputError`."""
    try:
        return read_regular(path, MAX_BYTES, "an article")
    except UnreadableError as error:
        raise InputError(f"{path}: {error}") from error


def decode(data: bytes, label: str, encoding: str = "utf-8") -> tuple[str, Source]:
    """Decode a text file: by its byte order mark, else in the given encoding, strictly.

    Raises `InputError` that says what is wrong and where. Decoding never loses anything: encoding the
    text again as the source entry says gives the same bytes.
    """
    if not data:
        raise InputError(f"{label}: empty; remove the file or fetch the article again")
    bom = b""
    for mark, name in MARKS:
        if data.startswith(mark):
            bom, encoding = mark, name
            break
    body = data[len(bom) :]
    if b"\0" in body[:8192] and not encoding.startswith(("utf-16", "utf-32")):
        raise InputError(f"{label}: binary data (a zero byte at offset {len(bom) + body.index(0)}), not text; leave the file out")
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError as error:
        at = len(bom) + error.start
        line = data.count(b"\n", 0, at) + 1
        raise InputError(
            f"{label}: byte 0x{data[at]:02x} at offset {at} (line {line}) is not {encoding}; name the right one with --encoding"
        ) from None
    except UnicodeError:  # codecs for names of hosts have more rules
        raise InputError(f"{label}: is not {encoding}; name the right encoding with --encoding") from None
    if not text.strip():
        raise InputError(f"{label}: nothing but white space; remove the file or fetch the article again")
    if (half := _HALF.search(text)) is not None:
        message = f"half a character (U+{ord(half[0]):04X}, character {half.start()})"
        raise InputError(f"{label}: {message}, which no text has; name the right encoding with --encoding")
    if problem := problem_of(text):
        raise InputError(f"{label}: {problem}; leave the file out or break the line")
    if not _is_undone(text, encoding, body):
        raise InputError(f"{label}: decoding as {encoding} cannot be undone; name the right encoding with --encoding")
    source = Source(label, digest(data), len(data), encoding, newline_of(text), bom=bool(bom))
    return text, source


def _is_undone(text: str, encoding: str, data: bytes) -> bool:
    """True if encoding the text gives the bytes that it was decoded from."""
    try:
        return text.encode(encoding) == data
    except UnicodeError:
        return False


def problem_of(text: str) -> str:
    """Why a text is none that an article could have, or nothing."""
    if len(text) > MAX_LINE and (longest := max(map(len, text.split("\n")))) > MAX_LINE:
        return f"a line of {longest:,} characters is data, not article text"
    return ""


def write_if_changed(path: Path, data: bytes) -> bool:
    """Write a file whole, or leave it as it is if it holds the same bytes. True if it was written. Raises `InputError`."""
    return bool(write_changed({path: data}))


def write_changed(contents: Mapping[Path, bytes]) -> list[Path]:
    """Write files whole, but for those that hold the same bytes already; the paths of those that were written.

    All bytes go to temporary files first, which then take their places one after the other, the last one first: a full
    disk leaves the files as they were, old with old. Raises `InputError`.
    """
    made: dict[Path, Path] = {}
    try:
        for path, data in contents.items():
            with writing(path):
                if not holds(path, data):
                    path.parent.mkdir(parents=True, exist_ok=True)
                    made[path] = path.with_name(f".{path.name[-NAME_CHARACTERS:]}.{os.getpid()}{TEMPORARY}")
                    _fill(made[path], data)
        for path, temporary in reversed(made.items()):
            with writing(path):
                temporary.replace(path)
    finally:
        for temporary in made.values():
            with contextlib.suppress(OSError):
                temporary.unlink()
    return list(made)


def put(path: Path, data: bytes, temporary: Path) -> None:
    """Write a file whole, by way of a temporary one whose name is known. Raises `InputError`."""
    with writing(path):
        _fill(temporary, data)
        temporary.replace(path)


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Tell what goes wrong when a file is written. Raises `InputError`."""
    try:
        yield
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {reason(error)}") from error


def holds(path: Path, data: bytes) -> bool:
    """True if a file holds these bytes and no others."""
    return path.is_file() and path.stat().st_size == len(data) and path.read_bytes() == data


def _fill(path: Path, data: bytes) -> None:
    """Make a file that outlives a crash. What stands in its place was left by a killed run, or is a trap."""
    path.unlink(missing_ok=True)
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
