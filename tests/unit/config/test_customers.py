"""The table of the settings that says how customers are judged."""

import pytest

from crmcli.config.customers import DEFAULTS, CustomerRules, read_churn_after, read_customers, read_percent
from crmcli.errors import ConfigError


def test_what_the_table_says() -> None:
    table = {"purchase_source": "deal", "churn_after": "26w", "margin": 30, "recency": [1, 2, 3, 4]}
    assert read_customers(table) == CustomerRules(churn_after=182, margin=30, recency=(1, 2, 3, 4))
    assert read_customers({"churn_after": "own", "max_years": 3}) == CustomerRules(churn_after="own", max_years=3)
    assert read_customers({}) == DEFAULTS


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ([], "must be a table"),
        ({"chrun_after": "1y"}, "has no 'chrun_after'"),
        ({"purchase_source": "invoice"}, "purchases are deals"),
        ({"churn_after": "soon"}, "'soon' is not a cadence"),
        ({"churn_after": "never"}, "is lost some day"),
        ({"margin": "30"}, "a number from 1 to 100"),
        ({"margin": 101}, "a number from 1 to 100"),
        ({"max_years": 0}, "a number from 1 to 100"),
        ({"recency": [1, 2, 3]}, "four rising whole numbers"),
        ({"value": [4, 3, 2, 1]}, "four rising whole numbers"),
        ({"frequency": [True, 2, 3, 4]}, "four rising whole numbers"),
    ],
)
def test_what_the_table_may_not_say(table: object, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        read_customers(table)


def test_words_of_the_command_line() -> None:
    assert [read_churn_after(text) for text in ("365d", "OWN", "1y")] == [365, "own", 365]
    assert [read_percent(text) for text in ("30", "30 %", "0")] == [30, 30, 0]
    for text in ("thirty", "-1", "101", "3.5", ""):
        with pytest.raises(ValueError, match="is no percent"):
            read_percent(text)
