"""Differences as people see them."""

from __future__ import annotations

from cleaner.diffs import side_by_side, unified, width_of, wrapped

BEFORE = "Rain fell.\n\nAdvertisement\n\nThen it stopped.\n"
AFTER = "Rain fell.\n\nThen it stopped.\n"


def test_unified() -> None:
    lines = list(unified("a.txt", BEFORE, AFTER))
    assert lines[:2] == ["--- a.txt", "+++ a.txt (clean)"]
    assert "-Advertisement" in lines
    assert " Then it stopped." in lines
    assert list(unified("a.txt", AFTER, AFTER)) == []


def test_unified_says_when_the_last_line_has_no_break() -> None:
    assert list(unified("a.txt", "Rain fell.", "Rain fell.\n"))[2:] == [
        "@@ -1 +1 @@",
        "-Rain fell.",
        "\\ No newline at end of file",
        "+Rain fell.",
    ]
    assert list(unified("a.txt", "Rain\u2028fell.\r\n\n", "Rain\u2028fell.\r\n"))[2:] == [
        "@@ -1,2 +1 @@",
        " Rain\u2028fell.\r",
        "-",
    ]


def test_side_by_side() -> None:
    rows = list(side_by_side(BEFORE, AFTER, 43))
    assert ("-", f"{'Advertisement':20} │") in rows
    assert rows[-1] == (" ", f"{'Then it stopped.':20} │ Then it stopped.")
    assert list(side_by_side(AFTER, AFTER, 43)) == []


def test_lines_left_out_are_marked() -> None:
    lines = [f"Line {number}" for number in range(20)]
    after = [line for line in lines if line not in ("Line 3", "Line 15")]
    assert ("@", "…") in side_by_side("\n".join(lines), "\n".join(after), 60)


def test_long_lines_are_wrapped_at_spaces() -> None:
    assert wrapped("The old bridge was closed", 10) == ["The old", "bridge was", "closed"]
    assert wrapped("abcdefghijkl", 5) == ["abcde", "fghij", "kl"]
    assert wrapped("", 5) == [""]


def test_wide_characters_take_two_cells() -> None:
    assert width_of("雨が降った。") == 12
    assert wrapped("雨が降った。", 5) == ["雨が", "降っ", "た。"]
    assert width_of("e\u0301") == 1


def test_control_characters_never_reach_the_terminal() -> None:
    assert wrapped("a\x1b[31mb", 20) == ["a [31mb"]
