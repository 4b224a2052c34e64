import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.domain.text import blank, check_text, fold, fold_header, fold_key, slug


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("  Anna \t ROSSI\n", "anna rossi"),
        ("Forlì", "forli"),
        ("Straße", "strasse"),
        ("ﬁne", "fine"),
        ("İstanbul", "istanbul"),
        ("ISPARTA", "isparta"),
        ("ısparta", "isparta"),
        ("Ａｃｍｅ\u00a0Ｓｒｌ", "acme srl"),
        ("e\u0301", "e"),
        ("", ""),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
def test_fold_is_idempotent(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_upper_case_folds_like_lower_case(text: str) -> None:
    assert fold(text.casefold()) == fold(text)


@given(st.text(alphabet=st.characters(max_codepoint=127)))
def test_the_fast_path_agrees_with_the_full_one(text: str) -> None:
    assert fold(text) == fold(text + " é")[:-1].strip()


def test_fold_header() -> None:
    assert fold_header("\ufeffE-mail  Address* ") == "e mail address"
    assert fold_header("Probability (%)") == "probability"


def test_fold_key() -> None:
    assert fold_key("Closed/Won") == fold_key("closed_won") == fold_key("closedwon") == "closedwon"


@pytest.mark.parametrize(("text", "expected"), [(None, None), ("", None), (" \t\u00a0", None), (" a b ", "a b")])
def test_blank(text: str | None, expected: str | None) -> None:
    assert blank(text) == expected


def test_slug() -> None:
    assert slug("Quote  sent!") == "quote_sent"
    assert slug("Città d'origine") == "citta_d_origine"
    assert slug("!?") == ""


@given(st.text())
def test_slug_is_idempotent(text: str) -> None:
    assert slug(slug(text)) == slug(text)


@pytest.mark.parametrize("text", ["\ud800", "a\0b"])
def test_what_is_no_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="holds"):
        check_text(text)
    assert check_text("\x1b[31m 東京\n") == "\x1b[31m 東京\n"
