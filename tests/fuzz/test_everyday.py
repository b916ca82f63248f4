"""Some hundred inputs a day to each target; the million is in ``test_million``."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.every import TARGETS
from tests.fuzz.mutation import near, stretched
from tests.fuzz.target import Target

INPUTS = 250
EVERY_DAY = settings(
    max_examples=INPUTS,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_no_input_is_answered_with_anything_but_an_error_of_ours(target: Target) -> None:
    for seed in target.seeds:
        target.run(seed)

    @EVERY_DAY
    @given(near(target.seeds) | st.sampled_from(list(target.seeds)))
    def tried(data: bytes) -> None:
        target.run(data)

    tried()


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_inputs_as_long_as_the_limits_are_answered_like_short_ones(target: Target) -> None:
    for length in (64 << 10, target.longest):
        for seed in (target.seeds[0], target.seeds[-1]):
            target.run(stretched(seed, length))


def test_the_shares_of_all_targets_are_a_million() -> None:
    assert sum(target.share for target in TARGETS.values()) >= 1000
