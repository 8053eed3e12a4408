"""Write cleaner/data/needles.json: what the prefilter needs of the built-in patterns, so that they need not be parsed at start.

python tools/needles.py
"""

import json
from pathlib import Path

from cleaner.prefilter import needles_of
from cleaner.registry import NEEDLES, built_in


def shipped() -> str:
    """The content of the file for the rules as they are."""
    rules = built_in()
    needles = {
        rule.code: [None if (found := needles_of(pattern)) is None else sorted(found) for _, pattern in rule.patterns]
        for rule in rules.rules
        if rule.patterns
    }
    return json.dumps({"rules": rules.digest, "needles": needles}, ensure_ascii=False, indent=0) + "\n"


if __name__ == "__main__":
    (Path(__file__).parent.parent / "cleaner" / NEEDLES).write_text(shipped(), "utf-8")
