"""What is fuzzed: functions of some bytes that return nothing and let nothing but a defect escape.

Each takes the first bytes of its input as choices (an encoding, a profile) and the rest as content. What a user may do wrong
gives a `CleanerError`, which is caught here; any other exception is a finding, and so is a broken invariant.
"""

from __future__ import annotations

import contextlib
import copy
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import invariants

from cleaner import rows
from cleaner.config import INPUTS, PROFILES, Config
from cleaner.files import decode
from cleaner.model import Edit, Finding, InputError, Record, RecordError, RuleError
from cleaner.page import decode_page
from cleaner.pipeline import cleaner_for
from cleaner.provenance import digest, encode, parse_record, restore, sealed
from cleaner.registry import built_in, parse
from cleaner.segment import segment

ROOT = Path(__file__).parent.parent
ENCODINGS = (
    "utf-8", "utf-8", "utf-16", "utf-16-le", "utf-32", "utf-7", "latin-1", "cp1252", "koi8-r", "cp037", "gb18030", "big5",
    "shift_jis", "iso2022_jp", "euc-kr", "hz",
)  # fmt: skip
CONFIGS = [Config(profile=profile, input=form) for form in INPUTS for profile in PROFILES]
REPEATED = 10_000
"""A text that is to be repeated is, until it has about so many characters: what costs the square of a length shows then."""


def choice(data: bytes, at: int) -> int:
    """The number that a byte of the input stands for."""
    return data[at] if at < len(data) else 0


def decoding(data: bytes) -> None:
    """Bytes of files in any encoding, and of pages: decoded so that nothing is lost, or refused."""
    encoding, content = ENCODINGS[choice(data, 0) % len(ENCODINGS)], data[1:]
    try:
        text, source = decode(content, "raw.txt", encoding)
    except InputError as error:
        invariants.assert_one_line(error)
    else:
        assert text.strip()
        assert encode(text, asdict(source)) == content
    page, _ = decode_page(content)
    page.encode("utf-8")


def segmenting(data: bytes) -> None:
    """A text cut into lines, as it is and with edits."""
    count, content = choice(data, 0) % 16, data[1:]
    raw = content[3 * count :].decode("utf-8", "surrogateescape")
    invariants.assert_cut_into_lines(segment(raw))
    edits = []
    behind = 0
    rule = built_in().rules[0]
    for at in range(0, 3 * count, 3):
        start = behind + choice(content, at)
        end = start + choice(content, at + 1) % 32
        if end > len(raw):
            break
        replacement = ("", "", " ", "\n", "\n\n", "x", ". ")[choice(content, at + 2) % 7]
        edits.append(Edit(start, end, replacement, Finding(rule, start, end, replacement, 1.0, "")))
        behind = end + 1
    invariants.assert_cut_into_lines(segment(raw, edits))


def rules(data: bytes) -> None:
    """A text cleaned with all rules, under any profile, as an article, as a page, or as it looks."""
    cleaner = cleaner_for(CONFIGS[choice(data, 0) % len(CONFIGS)])
    raw = data[2:].decode("utf-8", "surrogateescape")
    if choice(data, 1) % 16 == 15 and raw:
        raw *= REPEATED // len(raw) + 1
    result = cleaner.clean(raw)
    invariants.assert_way_back(result, raw)
    invariants.assert_all_there(result, raw)
    invariants.assert_form(result.text)
    invariants.assert_settled(cleaner, result.text)


URLS = (None, "https://news.example.org/town/storm", "http://[::1", "//", "file:///etc/passwd", "javascript:0")


def pages(data: bytes) -> None:
    """A page: its article extracted and cleaned, or the page refused."""
    cleaner, url = cleaner_for(Config()), URLS[choice(data, 0) % len(URLS)]
    content = data[2:]
    if choice(data, 1) % 16 == 15 and content:
        content *= REPEATED // len(content) + 1
    try:
        result = cleaner.clean_html(content, url)
    except InputError as error:
        invariants.assert_one_line(error)
        return
    invariants.assert_way_back(result, result.raw)
    invariants.assert_all_there(result, result.raw)
    invariants.assert_settled(cleaner, result.text)


def records(data: bytes) -> None:
    """A record beside a copy: any text, or that of a real record with some of its values changed, sealed again or not."""
    how = choice(data, 0)
    clean, record = pairs()[how % len(pairs())]
    if how >= 128:
        _read_and_restore(clean, data[1:].decode("utf-8", "replace"))
        return
    value = json.loads(record)
    for at in range(2, min(len(data) - 3, 4 * MOST_CHANGES), 4):
        slots = list(_slots(value))
        if not slots:  # all that was in it has been taken out
            break
        container, key = slots[int.from_bytes(data[at : at + 2]) % len(slots)]
        _change(container, key, data[at + 2], slots[data[at + 3] % len(slots)])
    with contextlib.suppress(ValueError):  # lone surrogates, which no file holds
        _read_and_restore(clean, json.dumps(value))
        if choice(data, 1) % 2:
            value["clean"] = {"sha256": digest(clean)}
        _read_and_restore(clean, sealed(Record(value)).to_json())


Slot = tuple[dict[str, Any] | list[Any], Any]


def _slots(value: Any) -> Iterator[Slot]:
    """All places of a JSON value: what holds something, and under which key or number."""
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield value, key
        yield from _slots(value[key])


def _change(container: Any, key: Any, what: int, other: Slot) -> None:
    """Put another value in a place: a hostile one, none, one more or one less, or what stands in another place."""
    if what < len(HOSTILE_VALUES):
        container[key] = copy.deepcopy(HOSTILE_VALUES[what])
    elif what < 64:
        del container[key]
    elif what < 128:
        value = other[0][other[1]]
        container[key] = copy.deepcopy(value) if len(str(value)) <= MOST_COPIED else ""
    elif isinstance(container[key], int):
        container[key] += what - 192
    elif isinstance(container[key], str):
        container[key] = container[key][: what - 192] + chr(what)
    elif isinstance(container, list) and len(str(container[key])) <= MOST_COPIED:
        container.insert(key, copy.deepcopy(container[key]))


MOST_CHANGES = 16
MOST_COPIED = 2_000
"""Characters; values that are copied into each other grow without end."""
HOSTILE_VALUES = (
    None, True, False, 0, -1, 1, 2**63, -(10**30), 1e308, -0.0, float("inf"), float("nan"), "", "x", "\x00", "\ud800", "\u2028\n",
    [], {}, [[]], [None], {"": None}, "utf-16", "utf-7", "idna", "undefined", "rot13", "cp037", "../../etc/passwd",
    "article-cleaner/record/2",
)  # fmt: skip


def _read_and_restore(clean: str, text: str) -> None:
    try:
        record = parse_record(text)
        raw = restore(clean, record)
        data = encode(raw, record["source"])
    except RecordError as error:
        invariants.assert_one_line(error)
    else:
        assert isinstance(data, bytes)


@cache
def pairs() -> list[tuple[str, str]]:
    """Clean texts, each with its record."""
    article = next(ROOT.glob("seeds/004*.txt")).read_text("utf-8")[:1500]
    raws = ["Rain &amp; wind fell.\r\nAdvertisement\r\n\r\n\r\nThen it\u00a0stopped.\r\n", "", article]
    results = (cleaner_for(Config()).clean(raw) for raw in raws)
    return [(result.text, result.record.to_json()) for result in results]


def corpora(data: bytes) -> None:
    """A line of a corpus: read as `json` reads it, and written again with nothing changed but the text."""
    try:
        found = rows.parse_line(data)
    except rows.BadRowError as error:
        invariants.assert_one_line(error)
        return
    whole = json.loads(data.decode("utf-8"))
    assert same(found.values, whole)
    for name, (start, end) in found.spans.items():
        assert same(json.loads(found.line[start:end]), whole[name])


def same(one: Any, other: Any) -> bool:
    """True if two JSON values are equal, where no number is as well."""
    return json.dumps(one) == json.dumps(other)


def packs(data: bytes) -> None:
    """A rule pack: loaded, so that its expressions are harmless on hostile lines, or refused by a line with the file's name.

    The bytes are the whole pack, or one expression in a rule that has nothing wrong with it.
    """
    how = choice(data, 0)
    data = data[1:]
    if how < 128:
        expression = json.dumps(data.decode("utf-8", "replace"), ensure_ascii=False).replace("\x7f", "")
        data = (PACK + KEYS[how % len(KEYS)].format(expression)).encode("utf-8")
    try:
        loaded = parse("pack.toml", data)
    except RuleError as error:
        invariants.assert_one_line(error)
        return
    for rule in loaded:
        for _, pattern in rule.patterns:
            for line in hostile_lines(pattern.pattern):
                pattern.match(line)
        for term in (rule.unless, rule.topic, *rule.terms.values()):
            for line in hostile_lines(term.pattern) if term is not None else ():
                term.search(line)


PACK = """[[rule]]
code = "MINE001"
name = "house-line"
detect = "line"
confidence = 0.95
what = "A line of the house."
why = "It is printed under all texts."
limits = "None."
phrases.en = ["Our house line"]
examples = [{ text = "Rain fell.\\nOur house line", removed = "Our house line" }]
counterexamples = ["The house line.", "My house."]
"""
KEYS = ("pattern = {}", "pattern = {}", "pattern.en = [{}, 'x']", "unless = {}", "topic = [{}]", "terms.place = {}")


def hostile_lines(expression: str) -> Iterator[str]:
    """Lines of what an expression may repeat: spaces, letters, digits, and its own characters."""
    own = "".join(dict.fromkeys(char for char in expression if char.isalnum()))[:8]
    for text in (*HOSTILE, *own, own):
        if text:
            yield text * (HOSTILE_CHARACTERS // len(text)) + "\x00"


HOSTILE = ("a", " ", "a ", "1", ".", "ab", "a1", "A b ", "aa.", "\"'", "é")
HOSTILE_CHARACTERS = 1_000


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    "decoding": decoding,
    "segmenting": segmenting,
    "rules": rules,
    "pages": pages,
    "records": records,
    "corpora": corpora,
    "packs": packs,
}
