"""Patterns looked up once: what the fuzzer spends least time on when files are much alike.

Arrow compiles a pattern anew at every call, which for files of three lines takes nine tenths
of the time. Whether a text matches depends on nothing but the text, so the answer for one
that was seen before is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

FUNCTIONS = ("match_substring_regex", "replace_substring_regex", "extract_regex")
MOST_TEXTS = 2_000
"""Longer columns are worth a pattern of their own."""

MOST_KEPT = 50_000
"""Answers kept for a pattern, before all are forgotten."""

_Arrow = pa.Array | pa.ChunkedArray


def remember(plain: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of texts and options that looks at every text once.

    Examples
    --------
    >>> find = remember(pc.match_substring_regex)
    >>> find(pa.array(["a1", "b", None]), "[0-9]").to_pylist()
    [True, False, None]
    >>> find(pa.array(["b", "c2"]), pattern="[0-9]").to_pylist()
    [False, True]
    """
    known: dict[Any, tuple[pa.DataType, dict[str | None, Any]]] = {}

    def call(texts: _Arrow, *args: Any, **options: Any) -> Any:
        if not 0 < len(texts) <= MOST_TEXTS:
            return plain(texts, *args, **options)
        key = (texts.type, args, tuple(sorted(options.items())))
        values = texts.to_pylist()
        kind, answers = known.get(key, (None, {}))
        new = [value for value in dict.fromkeys(values) if value not in answers]
        if new or kind is None:
            found = plain(pa.array(new or [None], texts.type), *args, **options)
            if len(answers) > MOST_KEPT:
                answers = {}
                return plain(texts, *args, **options)
            kind = found.type
            answers.update(zip(new, found.to_pylist(), strict=bool(new)))
            known[key] = (kind, answers)
        told = pa.array([answers[value] for value in values], kind)
        return pa.chunked_array([told]) if isinstance(texts, pa.ChunkedArray) else told

    return call


@contextmanager
def patterns_remembered() -> Iterator[None]:
    """Let Arrow's functions of patterns remember, until the end of the block."""
    plain = {name: getattr(pc, name) for name in FUNCTIONS}
    for name, function in plain.items():
        setattr(pc, name, remember(function))
    try:
        yield
    finally:
        for name, function in plain.items():
            setattr(pc, name, function)
