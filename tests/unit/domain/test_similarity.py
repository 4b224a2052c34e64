"""Names that are one name written twice, and names that are not."""

import random

import pytest

from crmcli.domain.similarity import ALIKE, Name, alike, company, likeness, person


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("Anna", "Rossi"), ("ANNA", "Rossì"), True),
        (("Anna", "Rossi"), ("Rossi", "Anna"), True),
        (("A.", "Rossi"), ("Anna", "Rossi"), True),
        (("Anna Maria", "Rossi"), ("Anna", "Rossi"), True),
        (("Alessandra", "Bianchi"), ("Alesandra", "Bianchi"), True),
        (("Giuseppe", "D’Angelo"), ("Giuseppe", "D'Angelo"), True),
        (("Anna", "Rossi"), ("Marco", "Rossi"), False),
        (("Marco", "Rossi"), ("Mario", "Rossi"), False),
        (("Anna", "Rossi"), ("Anna", "Russo"), False),
        ((None, "Rossi"), ("Anna", "Rossi"), False),
        ((None, None), (None, None), False),
    ],
)
def test_people(one: tuple[str | None, str | None], other: tuple[str | None, str | None], same: bool) -> None:
    assert (likeness(person(1, *one), person(2, *other)) >= ALIKE) is same


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Acme S.p.A.", "ACME spa", True),
        ("Forlì Impianti Srl", "Forli Impianti", True),
        ("Müller GmbH & Co. KG", "Muller Ltd", True),
        ("Tele Com", "Telecom", True),
        ("Rossi e Figli Snc", "Rossi", False),
        ("Acme", "Apex", False),
    ],
)
def test_companies(one: str, other: str, same: bool) -> None:
    assert (likeness(company(1, one), company(2, other)) >= ALIKE) is same


def test_likeness_does_not_depend_on_the_order() -> None:
    names = [
        person(n, first, last) for n, (first, last) in enumerate([("A.", "Rossi"), ("Anna", "Rossi"), ("", "Ros")])
    ]
    assert all(likeness(one, other) == likeness(other, one) for one in names for other in names)


def test_a_few_are_all_compared_and_many_are_not() -> None:
    few = [person(n, "Anna", "Rossi") for n in range(7)]
    assert len(list(alike(few))) == 21
    chance = random.Random(1)
    many: list[Name] = [person(n, "".join(chance.choices("abcdefgh", k=6)), f"Rossi{n % 50}") for n in range(2000)]
    doubled = [*many, *(name._replace(id=name.id + 5000) for name in many[::100])]
    found = {(min(one.id, other.id), max(one.id, other.id)) for one, other, _ in alike(doubled, 100)}
    assert found == {(n, n + 5000) for n in range(0, 2000, 100)}
