"""Finding, decoding and writing files."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from cleaner.files import (
    Article,
    decode,
    find_articles,
    read_bytes,
    without_clashes,
    write_changed,
    write_if_changed,
)
from cleaner.locks import alone_in
from cleaner.model import InputError, RecordError
from cleaner.places import LOCK_SUFFIX, TEMPORARY
from cleaner.provenance import encode

TEXT = "Der Fluß\r\nstieg — „hoch“.\n"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_byte_order_marks_decide(encoding: str) -> None:
    data = TEXT.encode(encoding)
    text, source = decode(data, "a.txt")
    assert text == TEXT
    assert source.bom
    assert encode(text, {"encoding": source.encoding, "bom": source.bom}) == data


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16-le", "shift_jis"])
def test_a_named_encoding_is_reversible(encoding: str) -> None:
    text = "雨が降った。" if encoding == "shift_jis" else TEXT
    data = text.encode(encoding)
    decoded, source = decode(data, "a.txt", encoding)
    assert decoded == text
    assert encode(decoded, {"encoding": source.encoding, "bom": source.bom}) == data


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "a.txt: empty"),
        (b"  \n\t", "a.txt: nothing but white space"),
        (b"Rain\nfell \xff here", "a.txt: byte 0xff at offset 10 (line 2) is not utf-8; name the right one with --encoding"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "a.txt: binary data (a zero byte at offset 8)"),
        (b"x" * 1_000_001, "a.txt: a line of 1,000,001 characters is data"),
    ],
)
def test_what_is_no_text(data: bytes, message: str) -> None:
    with pytest.raises(InputError) as caught:
        decode(data, "a.txt")
    assert str(caught.value).startswith(message)


def test_half_a_character_is_no_text() -> None:
    with pytest.raises(InputError, match=r"a.txt: half a character \(U\+D800, character 5\), which no text has; name the right"):
        decode(b"Rain +2AA- fell", "a.txt", "utf-7")


@pytest.mark.parametrize(("encoding", "data"), [("punycode", b"0"), ("idna", b"Rain fell" * 8), ("idna", b"xn--a-ecp.ru")])
def test_codecs_for_names_of_hosts_are_no_encodings_of_articles(encoding: str, data: bytes) -> None:
    with pytest.raises(InputError, match="name the right encoding with --encoding"):
        decode(data, "a.txt", encoding)


@pytest.mark.parametrize("encoding", ["utf-99", "ascii", "idna", "a\0b"])
def test_an_encoding_that_a_record_names_may_be_none(encoding: str) -> None:
    with pytest.raises(RecordError, match="cannot encode the raw text as"):
        encode("Der Fluß stieg am Montag so hoch, dass niemand mehr hinüber konnte: " + "x" * 64, {"encoding": encoding})


def names(found: list[Article | InputError]) -> list[str]:
    return [str(one.name) if isinstance(one, Article) else str(one) for one in found]


def test_folders_are_searched_in_order(tmp_path: Path) -> None:
    for name in ("b.txt", "a/c.html", "a/d.TXT", ".hidden/e.txt", "a/.f.txt", "g.json", "out/h.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("Rain.")
    assert names(list(find_articles([tmp_path], besides=tmp_path / "out"))) == ["b.txt", "a/c.html", "a/d.TXT"]


def test_what_cannot_be_used_comes_as_an_error(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "a.txt").symlink_to("nowhere")
    found = names(list(find_articles([tmp_path / "none", tmp_path / "empty", tmp_path / "full"])))
    assert [message.rpartition("/")[2] for message in found] == [
        "none: no such file or folder",
        "empty: no articles in this folder; they are files that end in .htm, .html, .md, .text, .txt, .xhtml",
        "a.txt: the link leads nowhere; mend or remove it",
    ]


@pytest.fixture
def linked(tmp_path: Path) -> Path:
    """A folder with links to what lies in it and to what does not."""
    raw, elsewhere = tmp_path / "raw", tmp_path / "elsewhere"
    for path in (raw / "a.txt", raw / "deep" / "b.txt", elsewhere / "c.txt", elsewhere / "more" / "d.txt"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("Rain.")
    (raw / "inside.txt").symlink_to("deep/b.txt")
    (raw / "out.txt").symlink_to(elsewhere / "c.txt")
    (raw / "deep" / "out.txt").symlink_to("../../elsewhere/more/d.txt")
    (raw / "notes.pdf").symlink_to(elsewhere / "notes.pdf")
    (raw / "folder").symlink_to(elsewhere)
    (raw / "again").symlink_to(raw / "deep")
    (elsewhere / "up").symlink_to(tmp_path)
    return raw


def test_links_out_of_the_folder_are_left_out_and_told_in_one_line(linked: Path) -> None:
    found = list(find_articles([linked]))
    told = f"{linked}: 2 links lead out of this folder and are left out, such as {linked / 'out.txt'}; --follow-links reads them"
    assert names(found) == ["a.txt", "inside.txt", "deep/b.txt", told]
    assert not any(isinstance(one, InputError) for one in found)


def test_links_are_followed_when_that_is_asked_for_and_never_in_a_circle(linked: Path) -> None:
    found = names(list(find_articles([linked], follow_links=True)))
    assert found == [
        *("a.txt", "inside.txt", "out.txt", "deep/b.txt", "deep/out.txt"),
        *("folder/c.txt", "folder/more/d.txt"),  # folder/up leads to what has been seen
    ]


def test_a_link_that_is_named_is_followed(linked: Path) -> None:
    assert names(list(find_articles([linked / "out.txt", linked / "folder"]))) == ["out.txt", "c.txt", "more/d.txt"]


def test_a_folder_with_nothing_but_links_out_of_it(linked: Path) -> None:
    (linked / "a.txt").unlink()
    (linked / "inside.txt").unlink()
    (linked / "deep" / "b.txt").unlink()
    (message,) = names(list(find_articles([linked])))
    assert message == f"{linked}: no articles in this folder, only links that lead out of it; --follow-links reads them"


def test_two_inputs_for_one_copy_are_an_error_for_the_second(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Rain.")
    (tmp_path / "a.html").write_text("Rain.")
    found = without_clashes(find_articles([tmp_path]))
    assert sum(isinstance(one, InputError) for one in found) == 1
    assert "would be written to a.txt, as" in names(found)[1]
    assert "named twice" in names(without_clashes(find_articles([tmp_path / "a.txt", tmp_path / "a.txt"])))[1]


def test_write_only_if_changed(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "a.txt"
    assert write_if_changed(path, b"one")
    assert not write_if_changed(path, b"one")
    assert write_if_changed(path, b"two")
    assert [entry.name for entry in path.parent.iterdir()] == ["a.txt"]


def test_what_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match=r"file/a\.txt: cannot be written"):
        write_if_changed(tmp_path / "file" / "a.txt", b"x")


def test_files_are_written_all_or_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = tmp_path / "a.txt", tmp_path / "a.json"
    write_changed({one: b"old", two: b"old"})
    written = []

    def full(_: int) -> None:
        written.append(None)
        if len(written) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match=r"a\.json: cannot be written: no space left on device"):
        write_changed({one: b"new", two: b"new"})
    assert sorted((path.name, path.read_bytes()) for path in tmp_path.iterdir()) == [("a.json", b"old"), ("a.txt", b"old")]
    assert write_changed({one: b"old", two: b"new"}) == [two]


def test_names_as_long_as_may_be(tmp_path: Path) -> None:
    paths = [tmp_path / f"{'雨' * 80}{number}.txt" for number in range(2)]
    assert write_changed(dict.fromkeys(paths, b"one")) == paths
    assert sorted(tmp_path.iterdir()) == paths


def test_a_link_in_the_place_of_a_temporary_file_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(b"other")
    (tmp_path / f".a.txt.{os.getpid()}{TEMPORARY}").symlink_to(tmp_path / "other")
    assert write_if_changed(tmp_path / "a.txt", b"one")
    assert (tmp_path / "other").read_bytes() == b"other"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt", "other"]


def test_a_file_that_somebody_writes_to_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    path.write_text("Rain fell.")
    fstat = os.fstat

    def growing(file: int) -> os.stat_result:
        info = fstat(file)
        with path.open("a") as more:
            more.write(" And fell.")
        return info

    monkeypatch.setattr(os, "fstat", growing)
    with pytest.raises(InputError, match=r"a\.txt: changed while it was read; run the command again"):
        read_bytes(path)


def test_a_run_begins_without_what_a_killed_one_left(tmp_path: Path) -> None:
    name = f".a.txt.{os.getppid()}{TEMPORARY}"  # a number that has been given to another process since
    for folder in ("elsewhere", "out", "out/busy", "out/deep"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).write_text("half")
    (tmp_path / "out" / "link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "out" / "busy" / LOCK_SUFFIX).touch()
    with alone_in(tmp_path / "out"):
        left = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob(f"*{TEMPORARY}"))
    assert left == [f"elsewhere/{name}", f"out/busy/{name}"]
