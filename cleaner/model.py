"""What flows between the steps: the words of the project as immutable types.

Every offset in this module is a half-open `[start, end)` pair of code points in the raw text,
unless its name starts with `clean_` (then it counts in the clean text).
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from functools import cached_property
from itertools import chain, pairwise
from typing import Any, Literal, TypeVar, overload

T = TypeVar("T")
Zone = Literal["head", "body", "tail"]
ZONES: tuple[Zone, ...] = ("head", "body", "tail")
Form = Literal["article", "page"]
"""What a text is: an article that somebody extracted, or a whole page with its menus and teasers."""


class CleanerError(Exception):
    """A mistake that the user can mend; its message is one line that says what to do."""


class RuleError(CleanerError):
    """A rule pack does not load."""


class ConfigError(CleanerError):
    """A setting is unknown, has the wrong type or an impossible value."""


class InputError(CleanerError):
    """An input cannot be read, decoded or written next to the others."""


class RecordError(CleanerError):
    """A record is damaged or does not belong to the text it is used with."""


class WorkerError(CleanerError):
    """A worker process died."""


class StoppedError(CleanerError):
    """A run was interrupted or terminated by a signal."""

    def __init__(self, message: str, signal: int) -> None:
        super().__init__(message, signal)
        self.message = message
        self.signal = signal

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True, slots=True)
class Line:
    """One non-blank line of the document as rules see it.

    `text` is stripped of white space at both ends and already shows the edits made so far;
    `start` and `end` are the raw offsets of that text.
    """

    index: int
    start: int
    end: int
    offset: int
    """Where `text` starts in `Document.text`."""
    text: str
    words: int
    """Size in words; scripts without spaces count two characters as a word."""
    tight: bool
    """True if a single line break joins the line to the one before it (verse, list, address)."""
    item: bool
    """True if the line starts with a list marker."""
    prose: bool
    """True if the line reads as a paragraph of running text."""
    finished: bool
    """True if the line ends as a sentence does."""
    quoted: bool
    """True if the line stands inside a quotation that another line opened."""
    zone: Zone = "body"
    hints: tuple[str, ...] = ()
    """What the markup said about the line (`figcaption`, `h2`, …); empty for plain text."""


Known = dict[Any, dict[str, Any]]
"""By function, with its context if it has one, and by text what the function makes of the text."""


class Offsets:
    """Where the positions of a text with edits are in the raw text."""

    __slots__ = ("_edits", "_ends", "_starts")

    def __init__(self, edits: Sequence[Edit]) -> None:
        self._edits = edits
        self._starts: list[int] = []
        self._ends: list[int] = []
        moved = 0
        for edit in edits:
            self._starts.append(edit.start - moved)
            moved += edit.end - edit.start - len(edit.replacement)
            self._ends.append(edit.end - moved)

    def to_raw(self, position: int, *, end: bool = False) -> int:
        """Map a position in the text with edits to the raw text.

        Where something was deleted at the position itself, a start (`end=False`) lies behind the
        deletion and an end before it, so that a mapped span never swallows an edit it only touches.
        """
        if not self._edits:
            return position
        at = (bisect_left if end else bisect_right)(self._starts, position) - 1
        if at < 0:
            return position
        edit, behind = self._edits[at], self._ends[at]
        if position >= behind:
            return edit.end + position - behind
        return edit.end if end else edit.start

    def whole(self, text: str, start: int, end: int, replacement: str) -> tuple[str, int, int]:
        """A replacement for `text[start:end]` that cuts no edit in two: replacement, start, end.

        Of what an edit put into the text, no raw offset lies inside; so all of it is replaced.
        """
        at = bisect_left(self._starts, start) - 1
        if at >= 0 and start < self._ends[at]:
            replacement, start = text[self._starts[at] : start] + replacement, self._starts[at]
        at = bisect_left(self._starts, end) - 1
        if at >= 0 and end < self._ends[at]:
            replacement, end = replacement + text[end : self._ends[at]], self._ends[at]
        return replacement, start, end


@dataclass(frozen=True)
class Document:
    """A text cut into lines, with the edits that are already certain taken into account.

    `text` is `raw` with `edits` applied; lines are lines of `text`, spans are spans of `raw`. So a
    rule may look at the text as it will be and still point at the exact raw characters.
    Not slotted: the derived views below are computed once, when a rule first asks for them.
    """

    raw: str
    text: str
    lines: tuple[Line, ...]
    edits: tuple[Edit, ...] = ()
    candidates: Mapping[str, Mapping[int, Sequence[int]]] | None = None
    """By rule code and line index the numbers of the rule's patterns that could match there; lines that
    are missing fit neither a pattern nor a phrase; in the order of the lines. `None` if all that is not known."""
    form: Form = "article"
    known: Known = field(default_factory=dict, repr=False, compare=False)
    """Shared by the documents that one raw text is cut into; see `each`."""

    def __getstate__(self) -> dict[str, Any]:
        """What the document is made of, without the views that are derived from it."""
        return {item.name: getattr(self, item.name) for item in fields(self)} | {"known": {}}

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The texts of the lines."""
        return tuple(line.text for line in self.lines)

    def each(self, compute: Callable[..., T], *context: Any) -> list[T]:
        """For each line what a function makes of some context, such as a rule, and its text; it must look at nothing else."""
        return of_each(compute, self.texts, self.known, *context)

    def of(self, compute: Callable[..., T], line: Line, *context: Any) -> T:
        """The same for one line, where few of them are asked about."""
        values = self.known.setdefault((compute, *context) if context else compute, {})
        if line.text not in values:
            values[line.text] = compute(*context, line.text)
        value: T = values[line.text]
        return value

    def having(self, **values: Any) -> Document:
        """A copy with other `candidates` or another `form`, which shares all views: none depends on them."""
        copy = replace(self, **values)
        names = {item.name for item in fields(self)}
        copy.__dict__.update({name: view for name, view in self.__dict__.items() if name not in names})
        return copy

    def could_fit(self, rule: Rule, line: Line) -> bool:
        """False only if none of the rule's phrases and patterns can fit the line."""
        return self.candidates is None or line.index in self.candidates.get(rule.code, ())

    def fitting(self, rule: Rule) -> Sequence[Line]:
        """The lines that one of the rule's phrases and patterns could fit, in their order."""
        if self.candidates is None:
            return self.lines
        return [self.lines[index] for index in self.candidates.get(rule.code, ())]

    def patterns_for(self, rule: Rule, line: Line) -> Sequence[tuple[str, re.Pattern[str]]]:
        """The rule's patterns without those that cannot match in the line."""
        if self.candidates is None:
            return rule.patterns
        return [rule.patterns[number] for number in self.candidates.get(rule.code, {}).get(line.index, ())]

    @cached_property
    def offsets(self) -> Offsets:
        """Where the positions of `text` are in `raw`."""
        return Offsets(self.edits)

    def to_raw(self, position: int, *, end: bool = False) -> int:
        """Map a position in `text` to `raw`; see `Offsets.to_raw`."""
        return self.offsets.to_raw(position, end=end)

    def edits_in(self, start: int, end: int) -> tuple[Edit, ...]:
        """The edits that lie within a raw span and change something there."""
        if not self.edits:
            return ()
        starts = self._edit_starts
        first, last = bisect_left(starts, start), bisect_left(starts, end)
        return tuple(edit for edit in self.edits[first:last] if edit.end <= end) if first < last else ()

    @cached_property
    def _edit_starts(self) -> list[int]:
        return [edit.start for edit in self.edits]

    @cached_property
    def cut_categories(self) -> frozenset[str]:
        """The categories of the rules whose edits have been made."""
        return frozenset(edit.finding.rule.category for edit in self.edits)

    def edits_above(self, line: Line) -> tuple[Edit, ...]:
        """The edits between a line and the one before it."""
        return self.edits_in(self.lines[line.index - 1].end if line.index else 0, line.start)

    def edits_below(self, line: Line) -> tuple[Edit, ...]:
        """The edits between a line and the one behind it."""
        is_last = line.index + 1 == len(self.lines)
        return self.edits_in(line.end, len(self.raw) if is_last else self.lines[line.index + 1].start)

    def edits_beside(self, line: Line) -> tuple[Edit, ...]:
        """The edits between a line and its neighbours on both sides."""
        return (*self.edits_above(line), *self.edits_below(line))

    def span(self, line: Line, start: int, end: int) -> tuple[int, int]:
        """Raw offsets of `line.text[start:end]`."""
        return self.to_raw(line.offset + start), self.to_raw(line.offset + end, end=True)

    def rewritten(self, line: Line, start: int, end: int, text: str) -> tuple[int, int, str]:
        """Raw span and replacement that put `text` in place of `line.text[start:end]`.

        Where that cuts what an edit put into the line, all of it is replaced: no raw offset lies inside.
        """
        text, start, end = self.offsets.whole(self.text, line.offset + start, line.offset + end, text)
        raw_start = self.to_raw(start)
        return raw_start, max(raw_start, self.to_raw(end, end=True)), text

    def tokens(self, line: Line) -> Sequence[str]:
        """The words of a line as written."""
        return self.of(WORD.findall, line)

    def key(self, line: Line) -> str:
        """The words of a line alone, case-folded: lines with equal keys say the same thing."""
        return self.of(key_of, line)

    @cached_property
    def keys(self) -> Sequence[str]:
        """For each line its key."""
        return self.each(key_of)

    @cached_property
    def plains(self) -> Sequence[str]:
        """For each line its `plain` form, in which whole-line phrases are looked up; empty if it is too long for one."""
        return self.each(_phrase_form)

    @cached_property
    def has_hints(self) -> bool:
        """True if markup says something about one of the lines."""
        return any(line.hints for line in self.lines)

    @cached_property
    def prose(self) -> tuple[Line, ...]:
        """The lines that read as running text."""
        return tuple(line for line in self.lines if line.prose)

    def has_prose(self, indexes: range) -> bool:
        """True if one of these lines reads as running text."""
        at = bisect_left(self.prose, indexes.start, key=lambda line: line.index)
        return at < len(self.prose) and self.prose[at].index < indexes.stop

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """All words of the text as written."""
        return frozenset(chain.from_iterable(self.each(WORD.findall)))

    @cached_property
    def names(self) -> Mapping[str, int]:
        """For each capitalized word how often it stands in the text as a word of its own, not at the start of a sentence."""
        return Counter(_NAME.findall(self.text))

    @cached_property
    def first_mentions(self) -> Mapping[str, int]:
        """For each word of the running text, as written, the index of the first line that holds it."""
        first: dict[str, int] = {}
        for line in self.prose:
            for word in self.tokens(line):
                first.setdefault(word, line.index)
        return first

    @cached_property
    def _mentions(self) -> dict[re.Pattern[str], frozenset[int]]:
        return {}

    @cached_property
    def _openings(self) -> dict[re.Pattern[str], bool]:
        return {}

    def opens_with(self, terms: re.Pattern[str]) -> bool:
        """True if a term occurs in the first line."""
        if terms not in self._openings:
            self._openings[terms] = bool(self.lines) and terms.search(self.lines[0].text) is not None
        return self._openings[terms]

    def mentions(self, terms: re.Pattern[str], besides: Line) -> int:
        """In how many lines of running text other than `besides` a term occurs."""
        found = self._mentions.get(terms)
        if found is None:
            found = frozenset(line.index for line in self.prose if self.of(terms.search, line))
            self._mentions[terms] = found
        return len(found) - (besides.index in found)

    @cached_property
    def _views(self) -> dict[Callable[[Document], Any], Any]:
        return {}

    def view(self, compute: Callable[[Document], T]) -> T:
        """What a function makes of this document, computed when it is first asked for."""
        if compute not in self._views:
            self._views[compute] = compute(self)
        value: T = self._views[compute]
        return value

    @cached_property
    def blocks(self) -> tuple[range, ...]:
        """Indexes of lines that belong together: joined by single line breaks."""
        starts = [line.index for line in self.lines if not line.tight] + [len(self.lines)]
        return tuple(range(a, b) for a, b in pairwise(starts))

    def block_of(self, line: Line) -> range:
        """The block that holds the line."""
        return self.blocks[bisect_right(self.blocks, line.index, key=lambda block: block.start) - 1]


def of_each(compute: Callable[..., T], texts: Sequence[str], known: Known, *context: Any) -> list[T]:
    """What a function makes of each of the texts, worked out once for equal ones; see `Document.each`."""
    values = known.setdefault((compute, *context) if context else compute, {})
    for text in set(texts).difference(values):
        values[text] = compute(*context, text)
    return list(map(values.__getitem__, texts))


WORD = re.compile(r"[\w\u0300-\u036f\u0591-\u05bd\u064b-\u0652\u0900-\u0963\u0966-\u0dff\u0e31-\u0e4e]+")
"""A word; the marks that spell vowels in Indic, Thai, Hebrew and Arabic script belong to it."""
_NAME = re.compile(r"(?<![\w@#/.&'’-])(?<!^)(?<![.!?:“\"] )[A-Z][a-z]+(?![\w@/&-])", re.MULTILINE)
PHRASE_WORDS = 20
PHRASE_CHARACTERS = 200
"""Whole-line phrases are no longer than this."""
_WITHOUT_EDGES = re.compile(r"[^\W_](?:.*[^\W_])?", re.DOTALL)


def key_of(text: str) -> str:
    """See `Document.key`."""
    return " ".join(WORD.findall(text)).casefold()


def first_word(text: str) -> str:
    """The word with which the key of the text begins; tells faster than the key that two texts do not begin alike."""
    found = WORD.search(text)
    return found.group().casefold() if found else ""


def _phrase_form(text: str) -> str:
    return plain(text) if len(text) <= PHRASE_CHARACTERS and len(text.split()) <= PHRASE_WORDS else ""


def plain(text: str) -> str:
    """The text as phrases are compared: case-folded, no marks at the ends, straight apostrophes, single spaces.

    Turkish dotted and dotless letters count as one, as capitals are often set without regard to them.

    >>> plain("» Don’t  miss: ")
    "don't miss"
    """
    folded = text.casefold().replace("’", "'").replace("i\u0307", "i").replace("ı", "i")
    found = _WITHOUT_EDGES.search(folded)
    return " ".join(found.group().split()) if found else ""


def on_one_line(text: str) -> str:
    r"""The text with escapes for what would break a line or steer a terminal.

    >>> print(on_one_line("no rule\n“REL001”"))
    no rule\n“REL001”
    """
    return text if text.isprintable() else "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


@dataclass(frozen=True, slots=True)
class Example:
    """A text and what a rule must do with it: cut `removed`, or turn the text into `clean`."""

    text: str
    removed: tuple[str, ...] = ()
    clean: str | None = None
    hints: tuple[tuple[int, tuple[str, ...]], ...] = ()
    """What markup says about lines of the text, by the offset of the line."""


class Patterns(Sequence[tuple[str, re.Pattern[str]]]):
    """(language, pattern) pairs that are compiled when they are first asked for: a text needs few of them."""

    def __init__(self, sources: Iterable[tuple[str, str]]) -> None:
        """Take (language, expression) pairs that are known to be valid."""
        self.sources = tuple(sources)
        self._compiled: dict[int, tuple[str, re.Pattern[str]]] = {}

    def __len__(self) -> int:
        return len(self.sources)

    def __eq__(self, other: object) -> bool:
        return self.sources == other.sources if isinstance(other, Patterns) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.sources)

    @overload
    def __getitem__(self, at: int) -> tuple[str, re.Pattern[str]]: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[tuple[str, re.Pattern[str]]]: ...
    def __getitem__(self, at: int | slice) -> Any:
        if isinstance(at, slice):
            return [self[number] for number in range(len(self))[at]]
        if at not in self._compiled:
            language, source = self.sources[at]
            self._compiled[at] = language, re.compile(source, re.IGNORECASE)
        return self._compiled[at]


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of junk: how it is found, why it goes, and texts that prove it."""

    code: str
    name: str
    detect: str
    phrases: Mapping[str, str]
    """Whole lines in their `plain` form, each with its language."""
    patterns: Patterns
    """(language, pattern) pairs; the language is `any` for marks that belong to none."""
    confidence: float
    what: str
    why: str
    limits: str
    examples: tuple[Example, ...]
    counterexamples: tuple[str, ...]
    zones: tuple[Zone, ...] = ZONES
    unless: re.Pattern[str] | None = None
    """A line that this finds something in is left alone."""
    topic: re.Pattern[str] | None = None
    """Words that silence the rule where they are what the article is about."""
    min_words: int = 1
    max_words: int = 40
    reported: bool = False
    """True if the rule also holds in sentences that report what somebody said."""
    alone: bool = False
    """True if a single word of it is sure even between paragraphs."""
    keeps: str = ""
    """Metadata field that the removed text fills."""
    flag: str = ""
    """Flag of the result when the rule was applied."""
    terms: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    """Further expressions that a heuristic asks for by name."""
    measured: str = ""
    """How the confidence was found, or why it differs from what the benchmark says."""
    category: str = field(init=False)
    """The letters before the number of the code."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "category", self.code.rstrip("0123456789"))

    def __repr__(self) -> str:
        return f"<Rule {self.code} {self.name}>"  # the whole table would fill a screen

    def __hash__(self) -> int:
        return hash(self.code)

    def match(self, text: str) -> tuple[str, re.Match[str]] | None:
        """The first pattern that matches at the start of the text, with its language."""
        return first_match(self.patterns, text)


def first_match(patterns: Iterable[tuple[str, re.Pattern[str]]], text: str) -> tuple[str, re.Match[str]] | None:
    """The first of some (language, pattern) pairs that matches at the start of the text."""
    for language, pattern in patterns:
        if found := pattern.match(text):
            return language, found
    return None


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule's claim about a raw span. An empty replacement means: delete."""

    rule: Rule
    start: int
    end: int
    replacement: str
    confidence: float
    evidence: str
    facts: tuple[tuple[str, str], ...] = ()
    """(metadata field, value) pairs that the span states about the article."""

    @property
    def order(self) -> tuple[int, float, int, str, str, str]:
        """Sort key of the resolver: wide before narrow, sure before unsure, then text order."""
        return self.start - self.end, -self.confidence, self.start, self.rule.code, self.replacement, self.evidence


@dataclass(frozen=True, slots=True)
class Edit:
    """A finding that was applied. Its span may be wider by the white space that goes with a line."""

    start: int
    end: int
    replacement: str
    finding: Finding


def apply(raw: str, edits: Sequence[Edit]) -> str:
    """The raw text with the edits carried out. Edits must be in text order and not overlap."""
    if not edits:
        return raw
    pieces = []
    behind = 0
    for edit in edits:
        pieces.append(raw[behind : edit.start])
        pieces.append(edit.replacement)
        behind = edit.end
    pieces.append(raw[behind:])
    return "".join(pieces)


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the text says about the article. Fields that it does not state are empty."""

    title: str = ""
    standfirst: str = ""
    authors: tuple[str, ...] = ()
    published: date | datetime | None = None
    modified: date | datetime | None = None
    tags: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    captions: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    language: str = ""

    def to_dict(self) -> dict[str, Any]:
        """JSON values; dates as ISO 8601, no value as null."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        for name, value in values.items():
            if isinstance(value, tuple):
                values[name] = list(value)
            elif isinstance(value, date):
                values[name] = value.isoformat()
            elif not value:
                values[name] = None
        return values


@dataclass(frozen=True, slots=True)
class Source:
    """What came in, enough to write it again byte for byte."""

    path: str | None
    sha256: str
    bytes: int
    encoding: str
    newline: str
    bom: bool


@dataclass(frozen=True, slots=True)
class Input:
    """What kind of text came in."""

    form: Form
    evidence: str
    """Why that is believed."""


@dataclass(frozen=True, slots=True)
class Extraction:
    """How the raw text was made from HTML."""

    tool: str
    version: str
    options: Mapping[str, Any]
    html_encoding: str
    """The encoding that the page was read in; `utf-8` for a page that came as a string."""
    html_sha256: str
    text_sha256: str


def json_text(value: Any, indent: int | None = None) -> str:
    """JSON of a value. Lone surrogates, which UTF-8 has no form for, make it escape all that is not ASCII."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(value, indent=indent)
    return text


@dataclass(frozen=True, slots=True)
class Record:
    """The provenance of one clean copy. `data` follows the published JSON Schema."""

    data: Mapping[str, Any]

    def __getitem__(self, key: str) -> Any:
        return self.data[key]

    def to_json(self) -> str:
        """One JSON document, the same for the same record, with a final newline."""
        return json_text(self.data, indent=2) + "\n"


@dataclass(frozen=True, slots=True)
class Result:
    """The clean copy of one article and all that is known about how it came to be."""

    text: str
    """Title, standfirst and body; one final newline, or empty."""
    body: str
    """The text without title and standfirst."""
    metadata: Metadata
    edits: tuple[Edit, ...]
    suggestions: tuple[Finding, ...]
    flags: tuple[str, ...]
    record: Record
    raw: str = field(repr=False)
    """The text that was cleaned; every offset refers to it."""

    @property
    def removed(self) -> Iterator[Edit]:
        """The edits that took something out, without mere normalization."""
        return (edit for edit in self.edits if edit.finding.rule.category not in NORMALIZING)


NORMALIZING = frozenset({"NRM", "GLU"})
"""Categories that mend the text rather than remove junk."""
