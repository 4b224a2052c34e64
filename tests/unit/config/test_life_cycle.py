"""What the table ``[lifecycle]`` of the settings file says."""

import pytest

from crmcli.config.life_cycle import LifeCycle, read_life_cycle
from crmcli.domain.life_cycle import Thresholds
from crmcli.errors import ConfigError


def test_what_is_not_said_is_as_usual() -> None:
    assert read_life_cycle({}) == LifeCycle() == LifeCycle(Thresholds(2, 365, 4), daily=False)
    assert read_life_cycle({"daily": True, "dissolution_days": 90}) == LifeCycle(Thresholds(2, 90, 4), daily=True)


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ([], "must be a table"),
        ({"dayly": True}, "has no 'dayly'"),
        ({"daily": 1}, "must be true or false"),
        ({"dissolution_days": 0}, "whole number above 0"),
        ({"commitment_purchases": True}, "whole number above 0"),
        ({"dissolution_intervals": "2"}, "whole number above 0"),
    ],
)
def test_mistakes_are_told(table: object, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        read_life_cycle(table)
