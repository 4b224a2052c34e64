import pytest

from crmcli.domain.plurals import counted, listed


@pytest.mark.parametrize(
    ("count", "noun", "plural", "text"),
    [
        (0, "row", "", "0 rows"),
        (1, "row", "", "1 row"),
        (1312, "row", "", "1,312 rows"),
        (2, "entry", "entries", "2 entries"),
    ],
)
def test_counts_in_words(count: int, noun: str, plural: str, text: str) -> None:
    assert counted(count, noun, plural) == text


def test_a_long_list_is_cut() -> None:
    assert listed(["a", "b"]) == "a, b"
    assert listed([str(number) for number in range(9_990)], 2) == "0, 1 and 9,988 more"
