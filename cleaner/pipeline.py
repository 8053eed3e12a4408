"""`Cleaner`: the one place that puts the steps in order."""

from __future__ import annotations

import io
import pickle
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache, partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cleaner._version import __version__
from cleaner.config import Config
from cleaner.dates import find_date
from cleaner.detect import Detector, detector_of
from cleaner.detect.live import LIVE_ENTRIES, live_entries
from cleaner.detect.pages import form_of, is_article
from cleaner.files import HTML_SUFFIXES, corpus_suffix, decode, read_bytes
from cleaner.heads import Head, find_head
from cleaner.language import detect_language
from cleaner.model import (
    NORMALIZING,
    Document,
    Edit,
    Finding,
    Input,
    InputError,
    Known,
    Metadata,
    Result,
    Rule,
    RuleError,
    Source,
    apply,
)
from cleaner.names import is_name, people, split_names, split_tags
from cleaner.places import portable
from cleaner.prefilter import Prefilter
from cleaner.provenance import canonical, check, digest, make_record, source_of
from cleaner.registry import PATTERN_KINDS, SEARCHED, RuleSet, built_in, load
from cleaner.resolve import Spans, merge, resolve
from cleaner.segment import BREAK, Hints, segment
from cleaner.workers import ordered_map

if TYPE_CHECKING:
    from cleaner.extract import Extracted

MAX_ROUNDS = 24
"""So many times a document is looked at again after edits. Real texts need two or three, whole pages up to nine; one that
still changes is left as it is, with the flag `unstable`, so that cleaning a clean copy changes nothing."""
MOST_CLEANERS = 32
"""Cleaners that are kept for settings that come again …"""
MOST_RULE_SETS = 4
"""… and prefilters, which take 13 MB each and serve all cleaners with the same rules."""
LIVE = "LIV"
HEAVY_REMOVAL = 0.4
"""Share of the words from which on a removal is flagged."""


@dataclass(frozen=True, slots=True)
class _Look:
    """What was found in a text after the last round."""

    document: Document
    edits: tuple[Edit, ...]
    findings: list[Finding]
    input: Input
    is_article: bool
    words: int
    """Size of the raw text."""
    stable: bool = True


class Cleaner:
    """The whole way from a text to its clean copy and record, for one set of settings.

    Holds nothing about the texts; may be used for any number of them, from any thread. Rule packs are read once, when it
    is made. Pickled it is its settings and the digest of its rules: the process that unpickles it loads the rules,
    once, and raises `RuleError` if they are others.
    """

    def __init__(self, config: Config | None = None, rule_set: RuleSet | None = None) -> None:
        """Load, unless they are given, and select the rules. Raises `RuleError` for a bad pack or an unknown selector."""
        self.config = config if config is not None else Config()
        self._protected = [re.compile(pattern) for pattern in self.config.protect]
        self._others: dict[Config, Cleaner] = {}
        self.rule_set = rule_set if rule_set is not None else _rules_of(self.config)
        chosen = select(self.rule_set, self.config)
        self.rule_set.matching((code for _, codes in self.config.per_file_ignores for code in codes), "per-file-ignores")
        self._mending = _Detectors(rule for rule in chosen if rule.category in NORMALIZING and not _is_layout(rule))
        self._junk = _Detectors(rule for rule in chosen if rule.category not in NORMALIZING)
        self._prefilter = prefilter_of(self.rule_set)  # what a line is, rules say that were not chosen, too
        self._layout = _Detectors(rule for rule in chosen if _is_layout(rule))
        self.tool: Mapping[str, str] = {
            "name": "article-cleaner",
            "version": __version__,
            "rules": self.rule_set.digest,
            "config": digest(canonical(self.config.effective())),
        }
        """Name, version, and digests of rules and settings, as records name them."""

    def __reduce__(self) -> tuple[Callable[[Config, str], Cleaner], tuple[Config, str]]:
        return _unpickled, (self.config, self.rule_set.digest)

    def clean(self, text: str) -> Result:
        """Clean a text that an extractor or a scraper produced. Raises `InputError` for anything but a string."""
        if not isinstance(text, str):
            raise InputError(f"the text is of type {type(text).__name__}, not str; decode bytes, and leave out what is missing")
        return self._clean(text, source_of(text))

    def clean_html(self, html: str | bytes, url: str | None = None) -> Result:
        """Select the article of an HTML page and clean it. The raw text of the result is the extracted text.

        Raises `InputError` if the page cannot be parsed.
        """
        return self._clean_page(html, url, None, "utf-8")

    def clean_file(self, path: str | Path, label: str | None = None) -> Result:
        """Clean a file; `.html` and `.htm` are read as pages, all else as text.

        `label` is the path that the record names, the file's name if it is not given. Raises
        `InputError` if the file cannot be read or decoded, or holds a corpus.
        """
        path = Path(path)
        if corpus_suffix(path):
            raise InputError(f"{path}: holds many articles; `cleaner clean {path.name} --out FOLDER` cleans them row by row")
        return self.clean_bytes(read_bytes(path), path, label)

    def clean_bytes(self, data: bytes, path: Path, label: str | None = None) -> Result:
        """Clean the content of a file; see `clean_file`."""
        label = label if label is not None else portable(path.name)
        try:
            if path.suffix.lower() in HTML_SUFFIXES:
                return self._clean_page(data, None, label, "html")
            text, source = decode(data, label, self.config.encoding)
        except InputError as error:
            raise InputError(f"{path}: {str(error).removeprefix(f'{label}: ')}") from None
        return self._clean(text, source)

    def for_path(self, path: str) -> Cleaner:
        """The cleaner with the settings that hold for this path; see `Config.for_path`."""
        config = self.config.for_path(path)
        if config is self.config:
            return self
        if config not in self._others:
            self._others[config] = Cleaner(config, self.rule_set)
        return self._others[config]

    def findings(self, text: str, hints: Hints = ()) -> list[Finding]:
        """All that the rules claim about a text, sure or not, whether another rule's claim is preferred or not.

        `hints` gives what markup says about lines, by their offsets.
        """
        return self._rounds(text, hints).findings

    def clean_many(self, texts: Iterable[str], workers: int = 1) -> Iterator[Result]:
        """Clean texts in `workers` processes (0: one per core); results come in the order of the texts.

        Texts are taken as results are asked for. Raises `WorkerError` if a process dies, and `InputError` for what is no text.
        """
        if isinstance(texts, str):  # whose characters would be cleaned one by one
            raise InputError("clean_many takes an iterable of texts, not one text; use clean")
        parcels = ordered_map(partial(_cleaned, self), texts, workers)
        return (parcel.result if isinstance(parcel, _Parcel) else parcel.opened(self.rule_set) for parcel in parcels)

    def _clean_page(self, html: str | bytes, url: str | None, label: str | None, encoding: str) -> Result:
        from cleaner.extract import extract

        page = extract(html, url)
        source = Source(label, page.extraction.html_sha256, page.size, encoding, "none", bom=False)
        return self._clean(page.text, source, page)

    def _clean(self, raw: str, source: Source, page: Extracted | None = None) -> Result:
        hints = page.hints if page is not None else ()
        look = self._rounds(raw, hints)
        document, edits = look.document, look.edits
        if look.stable:
            edits = merge(document, resolve(document, self._unprotected(document, self._layout.findings(document))))
        clean = apply(raw, edits)
        check(raw, edits, clean)
        head = find_head(document)
        sections = _sections(document, head, clean)
        body = clean[slice(*sections["body"])] if "body" in sections else ""
        suggestions = self._suggestions(look.findings, edits)
        certain = list(self._unprotected(document, (one for one in look.findings if one.confidence >= self.config.threshold)))
        declared = page.metadata.language if page is not None else ""
        metadata = _metadata(document, head, certain, edits, detect_language(body or clean, declared))
        if page is not None:
            metadata = _with_stated(metadata, page.metadata)
        words = look.words, sum(line.words for line in document.lines)
        flags = _flags(document, edits, look, words)
        record = make_record(
            raw=raw,
            clean=clean,
            words=words,
            sections=sections,
            edits=edits,
            suggestions=suggestions,
            metadata=metadata,
            flags=flags,
            source=source,
            extraction=page.extraction if page is not None else None,
            read_as=look.input,
            tool=self.tool,
        )
        return Result(clean, body, metadata, edits, suggestions, flags, record, raw)

    def _rounds(self, raw: str, hints: Hints = ()) -> _Look:
        """Find edits until the text as edited gives no more.

        A line that went can change what its neighbours look like, so one look is not enough for a
        clean copy that stays as it is when cleaned again. Every round reads the raw text with the
        edits so far applied and states its findings in raw offsets; nothing is searched back.
        """
        edits: tuple[Edit, ...] = ()
        seen: list[Finding] = []
        first: tuple[Input, bool] | None = None
        known: Known = {}
        words = 0
        for _ in range(MAX_ROUNDS):
            document = segment(raw, edits, hints, known)
            words = words or sum(line.words for line in document.lines)
            found = list(self._mending.findings(document))
            new = self._certain(document, found)
            if not new:
                document, read_as = self._formed(document.having(candidates=self._prefilter.candidates(document)))
                first = first or (read_as, read_as.form == "article" or is_article(document))
                found += self._junk.findings(document)
                new = self._certain(document, found)
            seen += found
            if not new:
                assert first is not None
                return _Look(document, edits, seen, *first, words)
            edits = merge(document, new)
        document, read_as = self._formed(segment(raw, (), hints, known))
        return _Look(document, (), seen, *(first or (read_as, True)), words, stable=False)

    def _formed(self, document: Document) -> tuple[Document, Input]:
        """The document with what kind of text it is: as the settings say, else as it looks."""
        if self.config.input != "auto":
            read_as = Input("page" if self.config.input == "page" else "article", "the settings say so")
        else:
            read_as = Input(*form_of(document))
        return document.having(form=read_as.form), read_as

    def _certain(self, document: Document, findings: Iterable[Finding]) -> list[Edit]:
        certain = (finding for finding in findings if finding.confidence >= self.config.threshold)
        return resolve(document, self._unprotected(document, certain))

    def _unprotected(self, document: Document, findings: Iterable[Finding]) -> Iterable[Finding]:
        """The findings that touch nothing that the settings protect."""
        if not self._protected:
            return findings
        protected = Spans(found.span() for pattern in self._protected for found in pattern.finditer(document.raw))
        return (one for one in findings if not protected.overlap(one.start, one.end))

    def _suggestions(self, findings: Sequence[Finding], edits: Sequence[Edit]) -> tuple[Finding, ...]:
        """Findings below the threshold that no edit touches, each once, in text order."""
        edited = Spans((edit.start, edit.end) for edit in edits if edit.end > edit.start)
        unsure = {
            (finding.start, finding.end, finding.rule.code): finding
            for finding in findings
            if finding.confidence < self.config.threshold
        }
        return tuple(finding for _, finding in sorted(unsure.items()) if not edited.overlap(finding.start, finding.end))


@lru_cache(maxsize=MOST_CLEANERS)
def cleaner_for(config: Config) -> Cleaner:
    """The cleaner of this process for some settings; the rules are loaded when it is first asked for."""
    return Cleaner(config)


def _unpickled(config: Config, rules: str) -> Cleaner:
    """The cleaner for some settings with the rules of a digest."""
    for make in (cleaner_for, Cleaner):  # packs may have changed since this process read them
        cleaner = make(config)
        if cleaner.rule_set.digest == rules:
            return cleaner
    raise RuleError("these are not the rules of the cleaner that was pickled: a pack or the package has changed; make a new one")


def _rules_of(config: Config) -> RuleSet:
    packs = [Path(path) for path in config.extend_rules]
    return load(packs) if packs else built_in()


@dataclass(frozen=True, slots=True)
class _Parcel:
    """A result on its way to another process: pickled it is `_Packed`."""

    result: Result

    def __reduce__(self) -> tuple[Callable[[bytes], _Packed], tuple[bytes]]:
        buffer = io.BytesIO()
        _ByCode(buffer).dump(self.result)
        return _Packed, (buffer.getvalue(),)


class _ByCode(pickle.Pickler):
    """Names rules by their codes. Unpickling a rule itself would compile its patterns, which takes longer than cleaning."""

    def persistent_id(self, obj: Any) -> str | None:
        """See `pickle.Pickler.persistent_id`."""
        return obj.code if isinstance(obj, Rule) else None


@dataclass(frozen=True, slots=True)
class _Packed:
    """A result that came from another process."""

    data: bytes

    def opened(self, rules: RuleSet) -> Result:
        """The result, with its rules."""
        result: Result = _WithRules(self.data, rules).load()
        return result


class _WithRules(pickle.Unpickler):
    """Puts the rules in the place of their codes."""

    def __init__(self, data: bytes, rules: RuleSet) -> None:
        super().__init__(io.BytesIO(data))
        self._rules = rules

    def persistent_load(self, pid: str) -> Rule:
        """See `pickle.Unpickler.persistent_load`."""
        return self._rules[pid]


def _cleaned(cleaner: Cleaner, text: str) -> _Parcel:
    return _Parcel(cleaner.clean(text))


def select(rules: RuleSet, config: Config) -> tuple[Rule, ...]:
    """The rules that the settings choose. Of the selectors that fit a rule the longest one decides."""
    rank: dict[str, tuple[int, bool]] = {}
    for ignored, selectors in ((False, (*config.select, *config.extend_select)), (True, config.ignore)):
        for selector in selectors:
            length = 0 if selector == "ALL" else len(selector)
            for code in rules.matching([selector], "ignore" if ignored else "select"):
                rank[code] = max(rank.get(code, (length, ignored)), (length, ignored))
    return tuple(rule for rule in rules.rules if not rank.get(rule.code, (0, True))[1])


def _is_layout(rule: Rule) -> bool:
    return rule.detect.startswith("layout.")


def _is_other_text(document: Document, edit: Edit) -> bool:
    """True if the edit takes out several lines of a page that are not about its article."""
    finding = edit.finding
    return finding.rule.detect.startswith("pages.") and BREAK.search(document.raw, finding.start, finding.end) is not None


class _Detectors:
    """The detectors of some rules."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._of_patterns: dict[str, tuple[Rule, Detector]] = {}
        self._heuristics: list[tuple[Rule, Detector]] = []
        for rule in rules:
            if rule.detect in PATTERN_KINDS:
                self._of_patterns[rule.code] = rule, detector_of(rule)
            else:
                self._heuristics.append((rule, detector_of(rule)))

    def findings(self, document: Document) -> Iterator[Finding]:
        """What all rules find; rules that are nothing but phrases and patterns are asked where one of those could fit."""
        for code, (rule, detect) in self._of_patterns.items():
            if document.candidates is None or code in document.candidates:
                yield from detect(rule, document)
        for rule, detect in self._heuristics:
            yield from detect(rule, document)


@lru_cache(maxsize=MOST_RULE_SETS)
def prefilter_of(rule_set: RuleSet) -> Prefilter:
    """The prefilter that serves the detectors of these rules."""
    return Prefilter(rule_set.rules, searched={rule.code for rule in rule_set.rules if rule.detect in SEARCHED})


def _sections(document: Document, head: Head, clean: str) -> dict[str, tuple[int, int]]:
    """Where title, standfirst and body stand in the clean text, which is the document's but for white space between lines."""
    spans: dict[str, tuple[int, int]] = {}
    lines = document.lines
    first = max((line.index + 1 for line in (head.title, head.standfirst) if line is not None), default=0)
    names = {line.index: name for name, line in (("title", head.title), ("standfirst", head.standfirst)) if line is not None}
    behind = 0
    for line in lines[: first + 1]:
        start = clean.index(line.text, behind)
        behind = start + len(line.text)
        if line.index in names:
            spans[names[line.index]] = start, behind
        elif line.index == first:
            spans["body"] = start, clean.rindex(lines[-1].text) + len(lines[-1].text)
    return spans


def _metadata(document: Document, head: Head, certain: Iterable[Finding], edits: Sequence[Edit], language: str) -> Metadata:
    """What the removed text said about the article, in the order of the text."""
    foreign = Spans((edit.start, edit.end) for edit in edits if edit.finding.rule.flag or _is_other_text(document, edit))
    facts: dict[str, list[str]] = {}
    told: set[tuple[int, int]] = set()
    for finding in sorted(certain, key=lambda finding: (finding.start, finding.order)):
        if not finding.facts or (finding.start, finding.end) in told:
            continue  # of several claims to a line the surest says what it tells
        told.add((finding.start, finding.end))
        if not foreign.hold(finding.start, finding.end):
            for name, value in finding.facts:
                facts.setdefault(name, []).append(value)

    def unique(name: str, *, split: Callable[[str], Iterable[str]] = lambda value: [value]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(chain.from_iterable(map(split, facts.get(name, ())))))

    def first_date(name: str) -> date | datetime | None:
        return next(filter(None, map(find_date, facts.get(name, ()))), None)

    return Metadata(
        title=head.title.text if head.title is not None else "",
        standfirst=head.standfirst.text if head.standfirst is not None else "",
        authors=people(unique("authors", split=split_names)),
        published=first_date("published"),
        modified=first_date("modified"),
        tags=unique("tags", split=split_tags),
        sections=unique("sections"),
        captions=unique("captions"),
        sources=unique("sources"),
        language=language,
    )


def _with_stated(found: Metadata, stated: Metadata) -> Metadata:
    """What a page states about its article, and what its text says where the page states nothing.

    People whom the text names as authors count before an office or the site that the page states instead.
    """
    authors = stated.authors
    if not any(map(is_name, authors)) and (any(map(is_name, found.authors)) or not authors):
        authors = found.authors
    return replace(
        found,
        title=stated.title or found.title,
        authors=authors,
        published=stated.published or found.published,
        modified=stated.modified or found.modified,
        tags=stated.tags or found.tags,
        sections=stated.sections or found.sections,
    )


def _flags(document: Document, edits: Sequence[Edit], look: _Look, words: tuple[int, int]) -> tuple[str, ...]:
    flags = {edit.finding.rule.flag for edit in edits} - {""}
    if not look.is_article or not any(line.prose for line in document.lines):
        flags.add("not-an-article")
    if live_entries(document) >= LIVE_ENTRIES and any(edit.finding.rule.category == LIVE for edit in edits):
        flags.add("live-blog")
    before, after = words
    if after < (1 - HEAVY_REMOVAL) * before:
        flags.add("heavy-removal")
    if not look.stable:
        flags.add("unstable")
    return tuple(sorted(flags))


def problems_of(rule: Rule, packs: Sequence[Path]) -> Iterator[str]:
    """What a rule gets wrong of its own examples and counterexamples, a sentence each."""
    cleaner = Cleaner(Config(profile="thorough", select=(rule.code,), extend_rules=tuple(map(str, packs))))
    for example in rule.examples:
        covered = [example.text[finding.start : finding.end] for finding in cleaner.findings(example.text, example.hints)]
        if not covered:
            yield f"{rule.code}: nothing found in the example {example.text!r}"
        for removed in example.removed:
            if covered and not any(removed in text for text in covered):
                yield f"{rule.code}: {removed!r} is not found in the example {example.text!r}"
        if example.clean is not None and cleaner.clean(example.text).text != example.clean:
            yield f"{rule.code}: the example {example.text!r} does not become {example.clean!r}"
    for text in rule.counterexamples:
        for finding in cleaner.findings(text)[:1]:
            yield f"{rule.code}: the counterexample {text!r} is found: {finding.evidence}"
