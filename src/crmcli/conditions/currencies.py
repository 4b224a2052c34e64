"""How many decimals the currency of a record has, said the same way to both back ends: an unknown one has two."""

from collections.abc import Mapping

DECIMALS = (2, 0, 3, 4)  # the usual number first; ISO 4217 knows no other
USUAL = DECIMALS[0]


def exponents() -> Mapping[str, int]:
    """Return the number of decimals by currency."""
    from crmcli.domain.money import EXPONENTS  # decimal arithmetic comes with it

    return EXPONENTS


def groups() -> dict[int, list[str]]:
    """Return the currencies that have other than the usual number of decimals, by that number."""
    return {size: [code for code, found in exponents().items() if found == size] for size in DECIMALS[1:]}
