import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.domain.webs import domain_of_url, profile_of


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("https://www.Example.com/shop?q=1#top", "example.com"),
        ("example.com", "example.com"),
        ("http://user:secret@example.com:8080/x", "example.com"),
        ("www.example.com/", "example.com"),
        ("shop.example.com", "shop.example.com"),
        ("//example.com", "example.com"),
        ("example.com.", "example.com"),
        ("https://bücher.example.org", "xn--bcher-kva.example.org"),
        ("www.it", "www.it"),
        ("localhost", None),
        ("192.168.1.1", None),
        ("http://[::1", None),
        ("n/a", None),
        ("", None),
        ("not a domain.com", None),
    ],
)
def test_domain_of_url(text: str, domain: str | None) -> None:
    assert domain_of_url(text) == domain


@given(st.text(max_size=60))
def test_never_raises_and_is_idempotent(text: str) -> None:
    domain = domain_of_url(text)
    assert domain is None or domain_of_url(domain) in (domain, domain.removeprefix("www."))


@pytest.mark.parametrize(
    ("text", "label", "profile"),
    [
        ("https://www.linkedin.com/in/anna-rossi/?trk=x", None, "linkedin.com/anna-rossi"),
        ("it.linkedin.com/in/Anna-Rossi", "work", "linkedin.com/anna-rossi"),
        ("anna-rossi", "LinkedIn", "linkedin.com/anna-rossi"),
        ("https://x.com/@anna", None, "x.com/anna"),
        ("@anna", "x", "x.com/anna"),
        ("https://www.linkedin.com/", None, None),
        ("anna", None, None),
        ("", "x", None),
    ],
)
def test_the_profile_that_an_address_means(text: str, label: str | None, profile: str | None) -> None:
    assert profile_of(text, label) == profile
