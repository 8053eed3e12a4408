"""Input that was made to do harm: names and texts with terminal escapes, bombs, packs and settings, pages with entities."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cleaner import report
from cleaner.cli import main, terminal
from cleaner.runs import Run

STORY = (
    "Storm closes the old harbour bridge\n\n"
    "The old harbour bridge was closed on Monday after a storm tore off parts of its roof, the city said.\n\n"
    "{junk}"
    "Engineers will look at the piers this week, and the bridge may open again for buses before Friday.\n"
)
ESCAPES = "\x1b[31m\x1b]0;title\x07\x9b2J\x7f\u202e"
DIRTY = STORY.format(junk=f"Also Read: Ten{ESCAPES} bridges that did not last\n\nAdvertisement{ESCAPES}\n\n")
NAMES = [
    f"a{ESCAPES}\u2028\n::error::b\r%0A,c:d.txt",
    os.fsdecode(b"\xff\xfe.txt"),
    "x..\x1b[0m.txt",
    "  \t.txt",
    "--\x1b[31m.txt",
]


def run(*args: object, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, [*map(str, args)], input=stdin)


def is_plain(text: str) -> bool:
    """True if nothing in the text could move the cursor of a terminal or change its colors."""
    return all(char.isprintable() or char in "\n\t" for char in text)


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    folder = tmp_path / "raw"
    folder.mkdir()
    for name in NAMES:
        try:
            (folder / name).write_text(DIRTY)
        except OSError:
            pytest.skip("this file system does not take such names")
    return folder


# names and texts with terminal escapes


@pytest.mark.parametrize("output", [*report.FORMATS, "statistics", "verbose"])
def test_check_prints_nothing_raw(output: str, raw: Path) -> None:
    option = ["--statistics"] if output == "statistics" else ["-v"] if output == "verbose" else ["--output-format", output]
    done = run("check", raw, *option, "--isolated")
    assert done.exit_code == 1
    assert is_plain(done.output)
    assert done.stdout
    if output in ("json", "jsonl"):
        rows = json.loads(done.stdout) if output == "json" else [json.loads(line) for line in done.stdout.split("\n") if line]
        assert {row["path"] for row in rows} == {str(raw / name) for name in NAMES}  # to programs they are told as they are
        assert {row["text"] for row in rows if row["rule"] == "REL001"} == {f"Also Read: Ten{ESCAPES} bridges that did not last"}


def test_github_annotations_cannot_be_forged(raw: Path) -> None:
    lines = run("check", raw, "--output-format", "github", "--isolated").stdout.split("\n")
    assert all(line.startswith("::warning file=") for line in lines if line)
    name = next(line for line in lines if "error" in line).split(",line=")[0]
    assert name.endswith("%0A%3A%3Aerror%3A%3Ab%0D%250A%2Cc%3Ad.txt")


def test_diffs_are_plain_on_a_terminal_and_exact_in_a_pipe(raw: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    for name in NAMES[1:]:
        (raw / name).unlink()
    piped = run("diff", raw, "--isolated").stdout
    assert f"-Also Read: Ten{ESCAPES} bridges that did not last\n" in piped
    assert run("clean", raw / NAMES[0], "--isolated", "--select", "TTL").stdout == DIRTY
    monkeypatch.setattr(terminal, "is_terminal", lambda: True)
    for args in (["diff"], ["diff", "--side-by-side"], ["check", "--diff"], ["diff", "--ignore", "NRM"]):
        done = run(*args, raw, "--isolated")
        assert "Also Read: Ten" in done.stdout
        assert is_plain(done.output), args
    done = run("clean", raw / NAMES[0], "--isolated", "--select", "TTL")
    assert "Also Read: Ten" in done.stdout
    assert is_plain(done.output)


def test_runs_print_nothing_raw(raw: Path, tmp_path: Path) -> None:
    (raw / f"{ESCAPES}.txt").write_bytes(b"\0")
    (raw / f"{ESCAPES}.jsonl").write_text('{"text": "x", "\x7f\x9b": 1, "\x7f\x9b": 2}\n')
    out = tmp_path / f"out{ESCAPES}"
    for _ in range(2):
        done = run("clean", raw, "--out", out, "--exit-non-zero-on-write", "--workers", 1, "--isolated")
        assert done.exit_code == 2
        assert is_plain(done.output)
    (raw / NAMES[0]).unlink()
    (raw / f"{ESCAPES}.txt").unlink()
    (raw / f"{ESCAPES}.jsonl").unlink()
    for args in ([], ["--prune", "--exit-non-zero-on-write"]):
        done = run("clean", raw, "--out", out, *args, "--isolated")
        assert "raw file is gone" in done.stderr or "removed" in done.stderr
        assert is_plain(done.output)
    broken = next(path for path in out.iterdir() if path.suffix == ".json")
    broken.write_text(broken.read_text().replace("REL001", ESCAPES[:4]))
    (out / f"{ESCAPES}.txt").write_text("no record")
    for args in (["verify", out], ["stats", out], ["restore", out, "--out", tmp_path / "again"]):
        done = run(*args)
        assert done.exit_code in (1, 2)
        assert is_plain(done.output)


def test_usage_and_settings_print_nothing_raw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cleaner.toml").write_text('protect = ["\\u001b\\u009b\\u202ex"]\n')
    for args in (
        [f"--{ESCAPES}"],
        [ESCAPES],
        ["check", f"--{ESCAPES}"],
        ["check", f"{ESCAPES}.txt"],
        ["check", "a.txt", "--config", ESCAPES],
        ["check", "a.txt", "--select", ESCAPES],
        ["check", "a.txt", "--per-file-ignores", ESCAPES],
        ["verify", ESCAPES],
        ["rule", ESCAPES],
        ["settings"],
    ):
        done = run(*args)
        assert done.exit_code == (0 if args == ["settings"] else 2)
        assert is_plain(done.output), args
        assert done.output


PACK = """
[[rule]]
code = "MINE001"
name = "weather-box"
detect = "line"
pattern.en = 'weather in \\w+'
confidence = 0.95
what = "The weather\\u001b[31m\\u009b box.\\n::error::x"
why = "It is not\\u001b[31m part of it."
limits = "None\\u001b[31m."
flag = "weather\\u001b[31m"
examples = [{ text = "Rain fell.\\n\\nWeather\\u001b[31m", removed = "Weather" }]
counterexamples = ["The\\u001b[31m weather in Leeds: it rains.", "Weather in Leeds\\u001b[31m is bad."]
"""


def test_packs_print_nothing_raw(tmp_path: Path) -> None:
    pack, text = tmp_path / f"{ESCAPES}.toml", tmp_path / "a.txt"
    pack.write_text(PACK)
    text.write_text(f"{STORY.format(junk='')}\nWeather in Leeds\n")
    done = run("rule", "--test", pack)
    assert (done.exit_code, "MINE001: nothing found in the example" in done.stdout) == (1, True)
    assert is_plain(done.output)
    for option in (["-v"], ["--statistics"], *(["--output-format", name] for name in report.FORMATS)):
        done = run("check", text, "--extend-rules", pack, *option, "--isolated")
        assert "MINE001" in done.stdout
        assert is_plain(done.output)
    done = run("clean", text, "--extend-rules", pack, "--out", tmp_path / "out", "--isolated")
    assert "weather" in done.stderr
    assert is_plain(done.output)
    pack.write_text(PACK.replace("weather-box", "weather\\u001b[31m"))
    done = run("rule", "--test", pack)
    assert done.exit_code == 2
    assert is_plain(done.output)


def test_an_internal_error_prints_nothing_raw_and_ends_with_2(raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: Any) -> None:
        raise RuntimeError(ESCAPES)

    monkeypatch.setattr(Run, "_write", failing)
    done = run("clean", raw, "--out", tmp_path / "out", "--isolated")
    assert done.exit_code == 2
    assert "cleaner: internal error, please report it: RuntimeError: " in done.stderr
    assert is_plain(done.output)
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.parametrize(
    "name", ["patterns.re", "patterns.unmarked", "patterns.Line", "breaks.lru_cache", "os.system", "pages.form_of"]
)
def test_a_pack_names_detectors_and_nothing_else(name: str, tmp_path: Path) -> None:
    pack = tmp_path / "pack.toml"
    pack.write_text(PACK.replace('detect = "line"', f'detect = "{name}"'))
    done = run("check", "-", "--extend-rules", pack, "--isolated", stdin="Rain fell.")
    assert (done.exit_code, done.stderr) == (2, f"cleaner: MINE001: there is no detector {name!r}\n")


# packs and settings


TOML = {
    "large": ("x = '" + "long " * 200_000 + "'", "bytes are more than a"),
    "deep": ("x = " + "[" * 100_000, "nested too deep"),
    "deep tables": ("x = " + "{a=" * 100_000, "nested too deep"),
    "dotted": (".".join("a" * 1000) + " = 1", "a key of more than 12 parts in line 1"),
    "quoted": ("\n[" + "'a' . \"b=\". " * 50 + "c]", "a key of more than 12 parts in line 2"),
    "number": ("x = " + "1" * 5000, "not a TOML file: Exceeds the limit"),
    "bytes": ("x = '\udcff'", "not a TOML file"),
    "escape": ("\x1b[31m", "not a TOML file"),
    "other": ("x = 0x" + "f" * 100_000, "unknown"),
}


@pytest.mark.parametrize("kind", TOML)
def test_toml_bombs_are_refused_in_one_line(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text, message = TOML[kind]
    for name, args in (("pack.toml", ["--extend-rules", "pack.toml", "--isolated"]), ("cleaner.toml", [])):
        (tmp_path / name).write_bytes(text.encode("utf-8", "surrogateescape"))
        done = run("check", "-", *args, stdin="Rain fell.")
        assert (done.exit_code, done.stdout) == (2, "")
        assert done.stderr.startswith(f"cleaner: {name if args else tmp_path / name}: ")
        assert message in done.stderr
        assert done.stderr.count("\n") == 1
        assert is_plain(done.stderr)


def test_many_long_keys_take_bounded_time(tmp_path: Path) -> None:
    pack = tmp_path / "pack.toml"
    pack.write_text("".join(f"[k{number}.a.a.a.a.a.a.a.a.a]\n" for number in range(5000)))
    started = time.process_time()
    assert run("rule", "--test", pack).exit_code == 2
    assert time.process_time() - started < 5  # seconds; with a hundred parts each it would be minutes


@pytest.mark.parametrize("kind", ["folder", "pipe", "device"])
@pytest.mark.parametrize("option", [None, "--config", "--extend-rules"])
def test_settings_and_packs_are_regular_files(
    kind: str, option: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "cleaner.toml"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)  # nobody ever writes to it
    else:
        path.symlink_to("/dev/zero")
    done = run("check", "-", *([option, path, "--isolated"] if option else []), stdin="Rain fell.")
    assert (done.exit_code, done.stderr) == (2, f"cleaner: {path}: not a regular file\n")
