"""The cache: what is put is there for the next run, and nothing ever fails for its sake."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest

from cleaner import cache
from cleaner.cache import FILE, Cache


def test_what_was_put_is_there_in_the_next_run(tmp_path: Path) -> None:
    with Cache(tmp_path / "cache") as first:
        assert first.get("a") is None
        first.put("a", "1")
        first.put("ä\ud7ff", "\x00\n")
        assert first.get("a") == "1"
    with Cache(tmp_path / "cache") as second:
        assert second.get("a") == "1"
        assert second.get("ä\ud7ff") == "\x00\n"
        assert second.get("b") is None


def test_the_folder_says_what_it_is(tmp_path: Path) -> None:
    with Cache(tmp_path / "deep" / "cache") as made:
        made.put("a", "1")
    names = {path.name for path in (tmp_path / "deep" / "cache").iterdir()}
    assert names == {FILE, ".gitignore", "CACHEDIR.TAG"}
    assert (tmp_path / "deep" / "cache" / ".gitignore").read_text("utf-8").endswith("\n*\n")


def test_nothing_is_made_where_nothing_is_kept(tmp_path: Path) -> None:
    with Cache(tmp_path / "cache") as unused:
        assert unused.get("a") is None
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize(
    "content", [b"", b"no database at all, but long enough to look like one" * 40, b"SQLite format 3\x00" + b"\xff" * 4096]
)
def test_a_damaged_file_is_made_anew(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    with Cache(tmp_path) as damaged:
        assert damaged.get("a") is None
        damaged.put("a", "1")
    with Cache(tmp_path) as mended:
        assert mended.get("a") == "1"


def test_a_table_of_another_kind_gives_nothing(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / FILE) as other:
        other.execute("CREATE TABLE results (key, value)")
        other.execute("INSERT INTO results VALUES ('a', x'00ff')")
    with Cache(tmp_path) as known:
        assert known.get("a") is None


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with Cache(tmp_path / "file" / "cache") as nowhere:
        nowhere.put("a", "1")
        assert nowhere.get("a") == "1"


def test_a_cache_that_another_run_locks_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "LOCKED_SECONDS", 0.0)
    with Cache(tmp_path) as first:
        first.put("a", "1")
    other = sqlite3.connect(tmp_path / FILE, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with Cache(tmp_path) as second:
        assert second.get("a") is None
        second.put("b", "2")
    other.close()
    with Cache(tmp_path) as third:
        assert third.get("a") == "1"
        assert third.get("b") is None


def test_the_oldest_entries_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "MOST_ENTRIES", 3)
    for key in "abcde":
        with Cache(tmp_path) as run:
            run.put(key, key.upper())
    with Cache(tmp_path) as last:
        assert [last.get(key) for key in "abcde"] == [None, None, "C", "D", "E"]


def test_two_runs_may_write_at_once(tmp_path: Path) -> None:
    one, other = Cache(tmp_path), Cache(tmp_path)
    one.put("a", "1")
    other.put("b", "2")
    other.close()
    one.close()
    with Cache(tmp_path) as both:
        assert (both.get("a"), both.get("b")) == ("1", "2")


def test_a_folder_that_was_there_gets_no_marks(tmp_path: Path) -> None:
    with Cache(tmp_path) as own:
        own.put("a", "1")
    assert {path.name for path in tmp_path.iterdir()} == {FILE}  # a .gitignore would hide what else is there


def test_nothing_is_written_through_links(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "home")
    with Cache(tmp_path / "link") as linked:
        linked.put("a", "1")
    (tmp_path / "cache").mkdir()
    for name in (FILE, ".gitignore", "CACHEDIR.TAG"):
        (tmp_path / "cache" / name).symlink_to(tmp_path / "home" / name)
    with Cache(tmp_path / "cache") as beside:
        beside.put("a", "1")
    assert not list((tmp_path / "home").iterdir())
    with Cache(tmp_path / "cache") as beside:
        assert beside.get("a") == "1"


def test_a_long_run_writes_in_between(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "WRITTEN_AT_ONCE", 3)
    long = Cache(tmp_path)
    for key in "abcd":
        long.put(key, key.upper())
    with Cache(tmp_path) as other:  # the first one may be killed now
        assert [other.get(key) for key in "abcd"] == ["A", "B", "C", None]
    assert long.get("d") == "D"
    long.close()
    with Cache(tmp_path) as other:
        assert other.get("d") == "D"


def test_a_cache_that_fails_is_no_error(tmp_path: Path) -> None:
    with Cache(tmp_path) as first:
        first.put("a", "1")
    known = Cache(tmp_path)
    found: list[str | None] = []
    thread = threading.Thread(target=lambda: found.append(known.get("a")))  # which SQLite does not allow
    thread.start()
    thread.join()
    known.close()
    assert found == [None]
