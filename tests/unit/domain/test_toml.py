import pytest

from crmcli.domain.toml import loads


def test_what_a_text_holds() -> None:
    assert loads('a = 1\n[b]\nc = "x"\n') == {"a": 1, "b": {"c": "x"}}


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a = 1\nb = = 2\n", "line 2, column 5: invalid value"),
        ("a = ", "line 1, column 5: invalid value"),
        ('a = 1\n\nb = "x', "line 3, column 7: "),
        ("a = [1,\n", "line 1, column 8: "),
        ("\n\na = [", "line 3, column 6: "),
        ("a = 1\na = 2\n", "line 2, column 6: cannot overwrite a value"),
        ("a = " + "[" * 5_000, "line 1, column 1: nested too deeply"),
        ("a = 1\nb = [0, 0x" + "f" * 9_000 + "]", "line 2, column 1: the number is out of range"),
        ("a = 1\n[" + "a . 'b'." * 60_000 + "a]\nb = 1", "line 2, column 1: nested too deeply"),
        ("a = " + "[" * 101 + "]" * 101, "line 1, column 1: nested too deeply"),
        ("a = " + "9" * 9_000, "line 1, column 1: a number has too many digits"),
    ],
)
def test_a_mistake_is_told_by_line_and_column(text: str, place: str) -> None:
    with pytest.raises(ValueError, match=rf"^{place}"):
        loads(text)
