"""What always holds: the invariants of the design, on random text, on documents and pages glued from real ones, and on files."""

from __future__ import annotations

import random
import tempfile
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import linear
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from invariants import assert_all_there, assert_cut_into_lines, assert_form, assert_one_line, assert_settled, assert_way_back
from strategies import breaks, encoded, pages, texts

import cleaner
from cleaner import language, pipeline
from cleaner.config import PROFILES, Config
from cleaner.files import decode
from cleaner.model import NORMALIZING, Document, Finding, InputError
from cleaner.page import decode_page
from cleaner.pairs import Pair
from cleaner.pipeline import Cleaner
from cleaner.segment import segment

ROOT = Path(__file__).parent.parent
URL = "https://news.example.org/town/storm"

CLEANER = Cleaner()
ANOTHER = Cleaner()
PROFILED = {profile: Cleaner(Config(profile=profile)) for profile in PROFILES}


# 1. The edits give the clean text, and the record the way back.


@given(texts)
def test_the_edits_give_the_clean_text_and_the_way_back(raw: str) -> None:
    assert_way_back(CLEANER.clean(raw), raw)


@given(encoded())
def test_files_are_restored_to_the_byte(file: tuple[bytes, str]) -> None:
    data, encoding = file
    with tempfile.TemporaryDirectory() as folder:
        raw, pair = Path(folder, "raw.txt"), Pair(Path(folder, "clean.txt"), Path(folder, "clean.json"))
        raw.write_bytes(data)
        try:
            result = Cleaner(Config(encoding=encoding, select=("NRM", "REL"))).clean_file(raw)
        except InputError:
            assume(False)  # noqa: FBT003
        pair.copy.write_text(result.text, "utf-8", newline="")
        pair.record.write_text(result.record.to_json(), "utf-8", newline="")
        restored, _ = pair.restore()
    assert restored == data


@given(st.one_of(st.tuples(st.binary(max_size=200), encoded().map(lambda file: file[1])), encoded()))
def test_any_bytes_are_decoded_or_refused(file: tuple[bytes, str]) -> None:
    data, encoding = file
    try:
        text, source = decode(data, "raw.txt", encoding)
    except InputError as error:
        assert_one_line(error)
    else:
        assert text.strip()
        assert source.bytes == len(data)
    page, _ = decode_page(data)
    page.encode("utf-8")


# 2. Cleaning a clean text changes nothing.


@given(texts, st.sampled_from(list(PROFILED)))
def test_cleaning_a_clean_text_changes_nothing(raw: str, profile: str) -> None:
    result = PROFILED[profile].clean(raw)
    assert_settled(PROFILED[profile], result.text)
    assert all(edit.finding.confidence >= PROFILES[profile] for edit in result.edits)
    assert all(finding.confidence < PROFILES[profile] for finding in result.suggestions)


# 3. The order of findings has no effect. (Hash seeds, time zones, locales and workers: test_determinism.py)


class Shuffled:
    """Detectors whose findings come in another order."""

    def __init__(self, detectors: Any, chance: random.Random) -> None:
        self.detectors = detectors
        self.chance = chance

    def findings(self, document: Document) -> list[Finding]:
        found = list(self.detectors.findings(document))
        self.chance.shuffle(found)
        return found


def shuffled(seed: int) -> Cleaner:
    """A cleaner to which the findings of all rules come in another order."""
    chance = random.Random(seed)
    other = Cleaner()
    for name in ("_mending", "_junk", "_layout"):
        setattr(other, name, Shuffled(getattr(other, name), chance))
    return other


SHUFFLED = [shuffled(seed) for seed in range(4)]


@given(texts, st.sampled_from(SHUFFLED))
def test_the_order_of_rules_and_findings_does_not_show(raw: str, other: Cleaner) -> None:
    assert other.clean(raw).record.to_json() == CLEANER.clean(raw).record.to_json()


@given(st.lists(texts, min_size=1, max_size=2))
def test_what_was_cleaned_before_does_not_show(raws: list[str]) -> None:
    forth = [CLEANER.clean(raw).record.to_json() for raw in raws]
    back = [ANOTHER.clean(raw).record.to_json() for raw in reversed(raws)]
    assert back[::-1] == forth


# 4. Every character is in the clean text or in an edit.


@given(texts)
def test_every_character_is_in_the_clean_text_or_in_an_edit(raw: str) -> None:
    assert_all_there(CLEANER.clean(raw), raw)


# 5. Lines that no rule touched come out as they were.


@given(texts)
def test_lines_that_no_rule_touched_come_out_as_they_were(raw: str) -> None:
    result = CLEANER.clean(raw)
    clean = {line.text for line in segment(result.text).lines}
    for line in segment(raw).lines:
        touched = [
            edit
            for edit in result.edits
            if (edit.start < line.end and line.start < edit.end) or line.start < edit.start < line.end
        ]
        # A join puts the whole line, as it is, into a longer one.
        joins = (edit for edit in result.edits if edit.finding.rule.detect.startswith("breaks."))
        is_joined = any(edit.end == line.start or edit.start == line.end for edit in joins)
        if not touched:
            assert line.text in clean or (is_joined and any(line.text in other for other in clean))


@given(texts)
def test_the_form_of_the_clean_text_which_is_never_empty_without_a_flag(raw: str) -> None:
    result = CLEANER.clean(raw)
    assert_form(result.text)
    assert result.text or result.flags


@given(texts)
def test_the_lines_of_the_copy_are_those_that_the_rules_saw(raw: str) -> None:
    result = CLEANER.clean(raw)
    seen, written = segment(raw, result.edits), segment(result.text)
    assert [line.text for line in seen.lines] == [line.text for line in written.lines]
    assert_cut_into_lines(segment(raw))
    assert_cut_into_lines(seen)


# 6. Cost grows with the text. (Hostile lines and sizes: test_linear.py and benchmarks/linear.py)

LEAST = 600
"""Code points; of shorter texts the fixed cost of a call hides how the rest grows."""
TIMES = 4
MOST_RATIO = linear.MOST_RATIO**2


@given(texts.filter(str.strip), breaks)
def test_cost_grows_with_the_text(raw: str, gap: str) -> None:
    piece = raw[:LEAST] + gap
    short = piece * (LEAST // len(piece) + 1)
    # langdetect looks at a sample, and there are so many rounds at most: bounds that these texts are too short to reach.
    with patch.object(language, "_ask_langdetect", return_value=""), patch.object(pipeline, "MAX_ROUNDS", 1):
        ratio = linear.ratio(partial(linear.seconds, CLEANER, short), partial(linear.seconds, CLEANER, short * TIMES), MOST_RATIO)
    assert ratio <= MOST_RATIO


# Pages: what holds for a text holds for the one that is extracted, and nothing but an `InputError` is raised.


@given(
    pages(), st.sampled_from(["", "", "utf-8", "utf-16", "cp1252", "shift_jis"]), st.sampled_from([URL, None, "http://[", "x"])
)
def test_pages(html: str, encoding: str, url: str | None) -> None:
    try:
        result = CLEANER.clean_html(html.encode(encoding, "replace") if encoding else html, url)
    except InputError as error:
        assert_one_line(error)
        return
    assert_way_back(result, result.raw)
    assert_all_there(result, result.raw)
    assert_form(result.text)
    assert_settled(CLEANER, result.text)


@pytest.mark.parametrize("path", sorted((ROOT / "seeds").glob("*.txt")), ids=lambda path: path.stem[:3])
def test_real_articles(path: Path) -> None:
    raw = path.read_text("utf-8")
    result = CLEANER.clean(raw)
    assert CLEANER.clean(result.text).text == result.text
    assert cleaner.restore(result.text, result.record) == raw
    assert {edit.finding.rule.category for edit in CLEANER.clean(result.text).edits} <= NORMALIZING
