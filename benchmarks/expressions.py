"""Rules over rows: 400 rules over 10,000 rows beside 400 bare numpy comparisons of the same columns.

Run ``python benchmarks/expressions.py``. It prints CPU seconds (best of five) and never fails a build.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from surveykit.expressions import columns, grammar, meaning
from surveykit.expressions.meaning import Symbol, Typed

ROWS = 10_000
RULES = 400
ITEMS = 40


def scope() -> meaning.Scope:
    """Half numbers, half codes, each with a missing code."""
    numbers = [Symbol(name=f"n{i}", kind="number", missing={999: "dk"}) for i in range(ITEMS // 2)]
    codes = [
        Symbol(name=f"c{i}", kind="code", codes={1: {}, 2: {}, 3: {}}, missing={9: "dk"}) for i in range(ITEMS // 2)
    ]
    return meaning.scope([*numbers, *codes])


def frame() -> pd.DataFrame:
    """Answers with blanks and missing codes, in nullable types."""
    rng = np.random.default_rng(1)
    numbers = {f"n{i}": rng.choice([*range(100), 999], ROWS) for i in range(ITEMS // 2)}
    codes = {f"c{i}": rng.choice([1, 2, 3, 9], ROWS) for i in range(ITEMS // 2)}
    return pd.DataFrame({name: pd.array(data, dtype="Int64") for name, data in {**numbers, **codes}.items()}).mask(
        rng.random((ROWS, ITEMS)) < 0.1
    )


def rules() -> list[str]:
    """The usual shapes: a condition and a skip, a range, a list, an alternative."""
    half = ITEMS // 2
    shapes = (
        "n{a} >= 19 and c{b} in (1, 2)",
        "n{a} between 15 and 49 or c{b} is missing",
        "not c{a} == 1",
        "n{a} <= n{b}",
    )
    return [shapes[i % 4].format(a=i % half, b=(i * 7 + 3) % half) for i in range(RULES)]


def best(work: Callable[[], object]) -> float:
    """CPU seconds of the best of five runs."""
    times = []
    for _ in range(5):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def main() -> None:
    """Print the figures."""
    answers, texts = frame(), rules()
    typed: list[Typed] = [meaning.compile(text, scope()) for text in texts]
    arrays = [answers[f"n{i % (ITEMS // 2)}"].to_numpy(dtype="float64", na_value=np.nan) for i in range(RULES)]

    def series() -> list[object]:
        prepared = columns.prepare(answers)
        return [columns.fails(one, prepared) for one in typed]

    def masks() -> list[object]:
        prepared = columns.prepare(answers)
        return [columns.mask(one, prepared, want="false") for one in typed]

    bare = best(lambda: [array >= 19 for array in arrays])
    print(f"{RULES} bare numpy comparisons of {ROWS} rows   {bare:.4f} s")
    for name, work in (("columns.fails (a series each)", series), ("columns.mask (an array each)", masks)):
        spent = best(work)
        print(f"{RULES} rules with {name:<30} {spent:.4f} s   {spent / bare:.1f} times")
    parse = grammar.parse.__wrapped__  # past its memory of texts
    known = scope()
    print(f"{RULES} texts parsed {best(lambda: [parse(one) for one in texts]):.4f} s")
    print(f"{RULES} trees typed {best(lambda: [meaning.compile(one, known) for one in texts]):.4f} s")


if __name__ == "__main__":
    main()
