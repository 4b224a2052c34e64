"""Text put into the one form in which names, words and headers are compared.

Every "same text?" question of the product goes through here, the SQL function ``fold`` included, so that a search in
the store and a comparison in memory cannot disagree. What a name or an address means belongs in its own module.
"""


def fold(text: str) -> str:
    """Return text for comparison: NFKC, case and accents folded, blanks collapsed and trimmed.

    Idempotent. Case folding is Unicode's full one (``ß`` is ``ss``, ligatures fall apart) and the dotless Turkish
    ``ı`` counts as ``i``, as people type either.
    """
    if text.isascii():
        return " ".join(text.lower().split())
    folded = _fold_letters(text)
    while (again := _fold_letters(folded)) != folded:  # removing a mark can make further letters compose
        folded = again
    return " ".join(folded.split())


def fold_header(text: str) -> str:
    """Return a column header for comparison: folded, without byte order mark, punctuation and trailing ``*``."""
    return _spaced(fold(text.replace("\ufeff", "")))


def fold_key(text: str) -> str:
    """Return the letters and digits of a text, folded: ``Closed/Won``, ``closed_won`` and ``closedwon`` are equal."""
    return "".join(char for char in fold(text) if char.isalnum())


def blank(text: str | None) -> str | None:
    """Return the text trimmed, or None when it is empty or only blanks: both mean missing."""
    return (text.strip() or None) if text else None


def check_text(text: str) -> str:
    """Return the text as it is; ValueError where it is none that a store or a file can hold: no UTF-8, or with NUL."""
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise ValueError("holds characters that are not valid text (not UTF-8?)") from None
    if "\0" in text:
        raise ValueError("holds a NUL character")
    return text


def slug(text: str) -> str:
    """Return a snake_case key of letters and digits, such as ``quote_sent`` of ``Quote sent!``; may be empty."""
    return _spaced(fold(text)).replace(" ", "_")


def _spaced(folded: str) -> str:
    return " ".join("".join(char if char.isalnum() else " " for char in folded).split())


def _fold_letters(text: str) -> str:
    from unicodedata import category, normalize  # an extension module that plain ASCII never needs

    decomposed = normalize("NFKD", normalize("NFKC", text).casefold())
    return normalize("NFKC", "".join(char for char in decomposed if category(char) != "Mn")).replace("ı", "i")
