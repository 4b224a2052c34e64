"""Names of people and companies: split, joined, and reduced to the keys by which duplicates are found."""

import re

from crmcli.domain.text import fold

_PARTICLE_WORDS = """
    al da dal dalla de degli dei del dell' della delle dello den der des di do dos du d' el la le li lo ten ter van
    vom von zu zum zur
"""
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv"})
_LEGAL_WORDS = """
    srl srls spa sapa snc sas ss scarl scrl sc coop scpa soc societa
    gmbh ag kg kgaa ohg ug ev gbr mbh se
    inc incorporated corp corporation co company ltd limited llc llp lp plc pllc pty pte
    sa sasu sarl eurl sci sl slu slp bv nv vof cv ab oy oyj as asa aps kft zrt sro doo dd spzoo lda ltda eireli
    sadecv saderl eood ood
"""
_PARTICLES = frozenset(_PARTICLE_WORDS.split())
_LEGAL_FORMS = frozenset(_LEGAL_WORDS.split())
_JOINERS = frozenset({"&", "+", "e", "and", "et", "und"})
_LONGEST_FORM = 4  # words in a spelled form, such as "S. a. r. l."


def split_name(full: str) -> tuple[str | None, str | None]:
    """Return first and last name. Particles (``de``, ``van``, ``D'``) and ``Jr`` belong to the last name.

    ``Rossi, Anna`` is read last name first; a single word is a last name.
    """
    last, comma, first = (" ".join(part.split()) for part in full.partition(","))
    if comma and fold(first).rstrip(".") not in _SUFFIXES:
        return first or None, last or None
    words = full.replace(",", " ").split()
    if not words:
        return None, None
    start = len(words) - 1
    if start > 0 and fold(words[start]).rstrip(".") in _SUFFIXES:
        start -= 1
    while start > 0 and _plain(words[start - 1]) in _PARTICLES:
        start -= 1
    return " ".join(words[:start]) or None, " ".join(words[start:])


def full_name(first: str | None, last: str | None) -> str:
    """Return first and last name as one text, empty when both are missing."""
    return " ".join(part for part in (first, last) if part)


def person_key(text: str) -> str:
    """Return a person's name for comparison: folded, with one kind of apostrophe."""
    return _plain(text)


def company_key(text: str) -> str:
    """Return a company's name for comparison: folded, without punctuation and legal form (``srl``, ``S.p.A.``).

    A name that is nothing but a legal form is kept.
    """
    words = re.sub(r"[.'\"/]", "", re.sub(r"[,;()]", " ", _plain(text))).split()
    while size := _trailing_form(words):
        words = words[:-size]
        while len(words) > 1 and words[-1] in _JOINERS:
            words = words[:-1]
    return " ".join(words)


def _trailing_form(words: list[str]) -> int:
    """Return how many words at the end spell a legal form and leave a name before it."""
    sizes = range(min(_LONGEST_FORM, len(words) - 1), 0, -1)
    return next((size for size in sizes if "".join(words[-size:]) in _LEGAL_FORMS), 0)


def _plain(text: str) -> str:
    return fold(re.sub("[’‘`´]", "'", text))
