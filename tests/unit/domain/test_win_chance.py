"""Chances by naive Bayes: the golden case, an oracle that counts anew, and what must never be certain."""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from crmcli.domain.win_chance import Model, Tally, chance, factors

STAGES = ("first", "second", "third")


class Deal(NamedTuple):
    """A closed deal: won or not, where it was lost, and its source and tags."""

    won: bool
    stage: str
    source: str
    tags: tuple[str, ...]


DEALS = st.lists(
    st.builds(
        Deal, st.booleans(), st.sampled_from(STAGES), st.sampled_from("abc"),
        st.lists(st.sampled_from("xyz"), unique=True, max_size=3).map(tuple),
    ),
    max_size=15,
)  # fmt: skip


def tally(deals: Sequence[Deal]) -> Tally:
    """Return how many were won and lost."""
    return Tally(sum(deal.won for deal in deals), sum(not deal.won for deal in deals))


def passed(deal: Deal, stage: str) -> bool:
    """Whether a deal stood in a stage or beyond it."""
    return deal.won or STAGES.index(deal.stage) >= STAGES.index(stage)


def model_of(deals: Sequence[Deal]) -> Model:
    """Return the model of some deals."""
    return Model(
        tally(deals),
        {stage: tally([deal for deal in deals if passed(deal, stage)]) for stage in STAGES},
        STAGES[0],
        {
            "source": {key: tally([deal for deal in deals if deal.source == key]) for key in
                       {deal.source for deal in deals}},
            "tag": {tag: tally([deal for deal in deals if tag in deal.tags]) for tag in
                    {tag for deal in deals for tag in deal.tags}},
        },
    )  # fmt: skip


def reckoned(deals: Sequence[Deal], asked: Deal) -> Fraction | None:
    """Return the chance by the words of the definition."""
    score = {}
    for won in (True, False):
        of = [deal for deal in deals if deal.won == won]
        if not of:
            return None
        found = Fraction(len(of), len(deals))
        found *= Fraction(10 * sum(passed(deal, asked.stage) for deal in of) + 1, 10 * len(of) + 1)
        for key, values in (("source", (asked.source,)), ("tags", asked.tags)):
            seen = {value for deal in deals for value in (getattr(deal, key) if key == "tags" else (deal.source,))}
            counts = {
                value: sum(value in (deal.tags if key == "tags" else (deal.source,)) for deal in of) for value in seen
            }
            total = sum(10 * count + 1 for count in counts.values())
            for value in values:
                if value in seen:
                    found *= Fraction(10 * counts[value] + 1, total)
        score[won] = found
    return score[True] / (score[True] + score[False])


def values(deal: Deal) -> dict[str, Sequence[object]]:
    """Return the values of a deal as the model takes them."""
    return {"source": [deal.source], "tag": list(deal.tags)}


def test_2g_the_golden_case() -> None:
    """W = 3, L = 2: 0.20625 against 0.2 is 50.77 %."""
    model = Model(
        Tally(3, 2),
        {"potential": Tally(3, 2), "negotiation": Tally(3, 1), "quote_sent": Tally(3, 0)},
        "potential",
        {"source": {"web": Tally(2, 0), "ads": Tally(1, 2)}},
    )
    found = factors(model, {"source": ["ads"]}, "negotiation")
    assert [(factor.won, factor.lost) for factor in found] == [
        (Fraction(31, 31), Fraction(11, 21)),
        (Fraction(11, 32), Fraction(21, 22)),
    ]
    assert chance(model, found) == 5077


@given(DEALS, st.builds(Deal, st.just(False), st.sampled_from(STAGES), st.sampled_from("abcd"), st.just(("x", "w"))))
def test_it_is_what_the_definition_says(deals: list[Deal], asked: Deal) -> None:
    """Values never seen say nothing, and nothing is certain."""
    model = model_of(deals)
    found = chance(model, factors(model, values(asked), asked.stage))
    expected = reckoned(deals, asked)
    if expected is None:
        assert found is None
    else:
        assert found is not None
        assert 1 <= found <= 9999
        assert abs(found - min(max(expected * 10_000, Fraction(1)), Fraction(9999))) <= Fraction(1, 2)


@given(DEALS.filter(bool))
def test_a_deal_left_out_says_nothing_of_itself(deals: list[Deal]) -> None:
    """As if it had never been."""
    asked, others = deals[0], deals[1:]
    outcome = "won" if asked.won else "lost"
    model = model_of(deals)
    stage = STAGES[0] if asked.won else asked.stage
    found = chance(model, factors(model, values(asked), stage, outcome), outcome)
    again = model_of(others)
    assert found == chance(again, factors(again, values(asked), stage))
