import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.domain.emails import domain_of, is_free_mail, is_role_address, normalise


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        (" Anna.Rossi+crm@Example.COM ", "anna.rossi+crm@example.com"),
        ("o'neill@example.test", "o'neill@example.test"),
        ("anna@bücher.example.org", "anna@xn--bcher-kva.example.org"),
        ("JOSÉ@example.com", "josé@example.com"),
        ("anna@XN--BCHER-KVA.example.org", "anna@xn--bcher-kva.example.org"),
        ("a@b-c.museum", "a@b-c.museum"),
    ],
)
def test_normal_form(text: str, normal: str) -> None:
    assert normalise(text) == normal
    assert normalise(normal) == normal


REFUSED = ["", "anna", "anna@", "@example.com", "anna@example", "a b@example.com", ".a@example.com", "a..b@example.com"]
REFUSED += ["anna@example..com", "anna@-example.com", "anna@1.2.3.4", "anna@[1.2.3.4]", "Anna <anna@example.com>"]
REFUSED += ["a@example.com, b@example.com", "anna@example.com\r\nBcc: b@example.com", "anna@exa\u202emple.com"]
REFUSED += ["a@" + "b" * 64 + ".com", "a@" + "b." * 200 + "com", "a" * 300 + "@example.com"]


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_address_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(ValueError, match="e-mail") as caught:
        normalise(text)
    assert "\n" not in str(caught.value)


@given(st.one_of(st.emails(), st.text(max_size=40), st.text(max_size=12).map(lambda local: f"{local}@example.com")))
def test_normalising_twice_changes_nothing(text: str) -> None:
    try:
        once = normalise(text)
    except ValueError:
        return
    assert normalise(once) == once


def test_domains() -> None:
    assert domain_of("anna@example.com") == "example.com"
    assert domain_of("nothing") == ""
    assert is_free_mail("gmail.com") and is_free_mail("Libero.it")
    assert not is_free_mail("example.com")


def test_role_addresses() -> None:
    assert is_role_address("info@example.com")
    assert is_role_address("no-reply@example.com")
    assert is_role_address("sales+it@example.com")
    assert not is_role_address("anna@example.com")
