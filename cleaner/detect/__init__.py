"""Detectors: pure functions that read a document for one rule and yield findings.

A rule names its detector: `line`, `apart`, `block` and `inline` are the pattern kinds of `patterns`, anything
else is `MODULE.FUNCTION` in this package. Detectors never edit, never look at settings, and never
look at anything outside the document.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module
from inspect import isfunction, signature

from cleaner.model import Document, Finding, Rule, RuleError
from cleaner.registry import PATTERN_KINDS

Detector = Callable[[Rule, Document], Iterable[Finding]]
TAKES = ["rule", "document"]
"""What a detector takes, by these names."""


def detector_of(rule: Rule) -> Detector:
    """The function that a rule names, never anything else that the module holds. Raises `RuleError` if there is none."""
    where = f"patterns.{rule.detect}" if rule.detect in PATTERN_KINDS else rule.detect
    module, _, name = where.partition(".")
    try:
        if not (module.isidentifier() and name.isidentifier() and not name.startswith("_")):
            raise ImportError(where)
        detector = getattr(import_module(f"{__name__}.{module}"), name)
        if (
            not isfunction(detector)
            or detector.__module__ != f"{__name__}.{module}"
            or [*signature(detector).parameters] != TAKES
        ):
            raise AttributeError(name)
    except (ImportError, AttributeError) as error:
        raise RuleError(f"{rule.code}: there is no detector {rule.detect!r}") from error
    return detector
