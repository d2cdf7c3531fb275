"""An attacker with the published tables cannot work out what was hidden."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveykit.errors import ReportingError
from surveykit.reporting.attack import Relation, intervals
from surveykit.reporting.complementary import complementary
from surveykit.reporting.disclosure import counts_of, dominated, protect
from surveykit.reporting.reliability import suppress
from surveykit.reporting.tabulation import tabulate

SUM = Relation(total="t", parts=("a", "b"))
PART = Relation(total="t", parts=("a",))


def grid(inner: np.ndarray) -> tuple[dict, list[Relation]]:
    """A two-way table with its margins."""
    rows, columns = inner.shape
    full = np.zeros((rows + 1, columns + 1))
    full[:rows, :columns] = inner
    full[:rows, columns], full[rows, :columns], full[rows, columns] = inner.sum(1), inner.sum(0), inner.sum()
    counts = {(i, j): float(full[i, j]) for i in range(rows + 1) for j in range(columns + 1)}
    across = [Relation(total=(i, columns), parts=tuple((i, j) for j in range(columns))) for i in range(rows + 1)]
    down = [Relation(total=(rows, j), parts=tuple((i, j) for i in range(rows))) for j in range(columns + 1)]
    return counts, across + down


def subtraction(published: dict, relations: list[Relation]) -> dict:
    """An attacker with a pencil: fill in every sum with one gap until nothing changes."""
    known = {key: count for key, count in published.items() if count is not None}
    changed = True
    while changed:
        changed = False
        for relation in relations:
            gaps = [key for key in relation.keys if key not in known]
            if len(gaps) == 1:
                total = sum(known[part] for part in relation.parts if part in known)
                gap = gaps[0]
                known[gap] = known[relation.total] - total if gap != relation.total else total
                changed = True
    return {key: known[key] for key, count in published.items() if count is None and key in known}


def algebra(published: dict, relations: list[Relation]) -> set:
    """An attacker with linear algebra: hidden counts that no solution of the equations can change."""
    hidden = [key for key, count in published.items() if count is None]
    matrix = np.array([
        [(-1.0 if key == one.total else 1.0) if key in one.keys else 0.0 for key in hidden] for one in relations
    ])  # fmt: skip
    if not hidden:
        return set()
    _, values, right = np.linalg.svd(matrix)
    null = right[(values > 1e-9).sum() :]
    return {key for place, key in enumerate(hidden) if not (np.abs(null[:, place]) > 1e-9).any()}


def _published(counts: dict, hidden: frozenset) -> dict:
    return {key: None if key in hidden else count for key, count in counts.items()}


def _small(counts: dict) -> list:
    return [key for key, count in counts.items() if 0 < count < 5]


def test_the_attackers_do_find_what_is_only_hidden_for_itself():
    counts, relations = grid(np.array([[3, 20, 30], [40, 50, 60], [70, 80, 90]]))
    published = _published(counts, frozenset(_small(counts)))
    assert subtraction(published, relations) == {(0, 0): 3.0}
    assert algebra(published, relations) == {(0, 0)}
    assert intervals(published, relations) == {(0, 0): (3.0, 3.0)}


def test_a_hidden_cell_takes_the_cheapest_cycle_with_it():
    counts, relations = grid(np.array([[3, 20, 30], [40, 50, 6], [70, 80, 9]]))
    pattern = complementary(counts, relations, _small(counts))
    assert pattern.primary == {(0, 0)}
    assert len(pattern.secondary) == 3
    assert subtraction(_published(counts, pattern.hidden), relations) == {}


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    st.integers(2, 6).flatmap(
        lambda columns: st.lists(
            st.lists(st.one_of(st.integers(0, 8), st.integers(0, 60)), min_size=columns, max_size=columns),
            min_size=2,
            max_size=6,
        )
    )
)
def test_no_attacker_learns_a_hidden_count_of_any_table(lines):
    counts, relations = grid(np.array(lines))
    small = _small(counts)
    pattern = complementary(counts, relations, small)
    published = _published(counts, pattern.hidden)
    assert subtraction(published, relations) == {}
    assert algebra(published, relations) == set()
    for key, (low, high) in intervals(published, relations).items():
        reach = max(1.0, 0.2 * counts[key]) if key in pattern.primary else 1.0
        assert high >= counts[key] + reach - 1e-6
        assert low <= max(counts[key] - reach, 0.0) + 1e-6


def test_every_hidden_count_of_a_small_table_has_several_integer_solutions():
    inner = np.array([[2, 9, 14], [7, 13, 8], [15, 12, 16]])
    counts, relations = grid(inner)
    pattern = complementary(counts, relations, _small(counts))
    hidden = sorted(pattern.hidden)
    assert len(hidden) == 4
    assert all(row < 3 and column < 3 for row, column in hidden)
    solutions = []
    for values in itertools.product(range(18), repeat=4):
        filled = dict(zip(hidden, values, strict=True))
        gaps = {(row, column): filled[row, column] - inner[row, column] for row, column in hidden}
        if not any(sum(gap for key, gap in gaps.items() if key[axis] == line) for axis in (0, 1) for line in range(3)):
            solutions.append(values)
    assert all(len({one[place] for one in solutions}) > 2 for place in range(4))


@pytest.mark.parametrize("shape", [(17, 8), (17, 16), (40, 20)])
def test_larger_tables_are_safe_with_few_further_cells(shape):
    rng = np.random.default_rng(20260101)
    counts, relations = grid(rng.negative_binomial(1.5, 0.08, size=shape))
    small = _small(counts)
    pattern = complementary(counts, relations, small)
    published = _published(counts, pattern.hidden)
    assert algebra(published, relations) == set()
    assert len(pattern.secondary) < len(small) + 8
    assert len(pattern.hidden) < 0.3 * len(counts)


def _counts_frame(inner: dict, **given: object) -> pd.DataFrame:
    rows = [{**dict(key), "variable": "v", "estimate": 0.5, "se": 0.01, "n": count} for key, count in inner.items()]
    return pd.DataFrame(rows).assign(**given)


@pytest.fixture
def health():
    inner = {(("age", a), ("sex", s)): n for (a, s), n in {
        ("20", 1): 40, ("20", 2): 3, ("40", 1): 35, ("40", 2): 38, ("60", 1): 50, ("60", 2): 60}.items()}  # fmt: skip

    def summed(*names: str) -> dict:
        sums: dict = {}
        for key, count in inner.items():
            part = tuple(pair for pair in key if pair[0] in names)
            sums[part] = sums.get(part, 0) + count
        return sums

    frames = [_counts_frame(summed()), _counts_frame(summed("age")), _counts_frame(summed("sex")), _counts_frame(inner)]
    return tabulate(frames, blocks="sex", statistics=["n", "estimate"], table_id="health")


def test_a_table_is_protected_with_everything_of_the_hidden_domains(health):
    table = protect(health)
    hidden = {(row.id, column.block) for row, column, cell in table if cell.status == "hidden"}
    assert ("age=20", "sex=2") in hidden
    assert len(hidden) >= 4
    assert {cell.text for _, _, cell in table if cell.status == "hidden"} == {"x"}
    assert len({cell.reason for _, _, cell in table if cell.status == "hidden"}) == 1
    assert all(table.figures[place].n is None for place in hidden)
    assert [note.text for note in table.notes if note.kind == "suppression"] == ["Not shown to protect respondents."]
    release = counts_of([health])
    published = {**dict.fromkeys(release.counts), **counts_of([table]).counts}
    assert subtraction(published, list(release.relations)) == {}


def test_tables_of_one_release_are_protected_together(health):
    men = tabulate(
        [_counts_frame({(("sex", 1), ("age", "20")): 40, (("sex", 2), ("age", "20")): 3, (("age", "20"),): 43})],
        blocks="sex", statistics=["n"], table_id="young",
    )  # fmt: skip
    assert [cell.status for _, _, cell in protect(men)].count("hidden") == 2
    both = protect([health, men])
    places = [{frozenset(figure.at.items()) for figure in one.figures.values() if figure.n is None} for one in both]
    assert places[1] == {domain for domain in places[0] if ("age", "20") in domain}


def test_tables_that_count_other_people_stand_for_themselves(health):
    other = tabulate(_counts_frame({(): 500}), table_id="other")
    assert len(counts_of([health, other]).counts) == 13


def test_respondents_without_a_group_do_not_break_the_sums():
    frames = [_counts_frame({(): 100}), _counts_frame({(("a", 1),): 4, (("a", 2),): 40, (("a", 3),): 50})]
    table = protect(tabulate(frames, statistics=["n"]))
    assert [cell.status for _, _, cell in table] == ["shown", "hidden", "hidden", "shown"]


def test_dominated_domains_are_found_and_can_be_hidden():
    frame = pd.DataFrame({"area": list("aaabbb"), "cost": [80.0, 10, 10, 30, 30, 40], "w": [1.0, 1, 1, 1, 1, 10]})
    found = dominated(frame, "cost", ["area"])
    assert found["dominated"].tolist() == [True, False]
    assert dominated(frame, "cost", ["area"], weights="w")["share"].round(3).tolist() == [0.8, 0.87]
    assert dominated(frame, "cost", ["area"], largest=2, share=0.85)["dominated"].tolist() == [True, False]
    frames = [_counts_frame({(): 100}), _counts_frame({(("area", "a"),): 30, (("area", "b"),): 70})]
    table = protect(tabulate(frames, statistics=["n"]), also=[{"area": "a"}])
    assert [cell.status for _, _, cell in table] == ["shown", "hidden", "hidden"]


def test_protection_comes_before_other_rules(health):
    assert protect(health, minimum=1) is not health
    reliable = suppress(protect(health), "dhs-parentheses")
    assert reliable.cell("age=60", "sex=1.estimate").status == "shown"


@pytest.mark.parametrize(("code", "call"), [
    ("report-already-hidden", lambda table: protect(suppress(table, "minimum-cell"))),
    ("report-unknown-option", lambda table: protect(table, minimum=0)),
    ("report-unknown-option", lambda table: protect(table, protection=20)),
    ("report-cannot-protect", lambda _: complementary({"t": 0.0, "a": 3.0}, [PART], ["a"])),
    ("report-unknown-column", lambda _: dominated(pd.DataFrame({"a": [1]}), "cost", ["a"])),
    ("report-counts-do-not-add-up", lambda _: intervals({"t": 1.0, "a": None, "b": 3.0}, [SUM])),
])  # fmt: skip
def test_what_cannot_be_protected_is_refused_by_name(health, code, call):
    with pytest.raises(ReportingError) as caught:
        call(health)
    assert caught.value.findings.codes == {code: 1}
