"""Write cleaner/data/needles.json: what the prefilter needs of the built-in patterns, so that they need not be parsed at start.

python tools/needles.py
"""

import json
from pathlib import Path

from cleaner.prefilter import SHIPPED, digest_of, extract_needles
from cleaner.registry import built_in


def shipped() -> str:
    """The content of the file for the rules as they are: by the digest of each expression the reach and the needles."""
    needles = {}
    for source in sorted({source for rule in built_in().rules for _, source in rule.patterns.sources}):
        found = extract_needles(source)
        needles[digest_of(source)] = [found.reach, *sorted(found.pieces)] if found is not None else [None]
    entries = (f"{json.dumps(key)}: {json.dumps(needles[key], ensure_ascii=False)}" for key in sorted(needles))
    return "{\n" + ",\n".join(entries) + "\n}\n"


if __name__ == "__main__":
    (Path(__file__).parent.parent / "cleaner" / SHIPPED).write_text(shipped(), "utf-8")
