"""Which records the words of a command name: refs, keys and names to ids, one of several picked on a terminal.

The looking up is done by ``queries.references``; what a word means as a value is the business of ``inputs``.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from crmcli.catalogue import ENTITIES
from crmcli.cli.session import current
from crmcli.errors import AmbiguousError, UsageError

if TYPE_CHECKING:
    from crmcli.domain.schema import Entity
    from crmcli.queries.references import Reference


def acting_user() -> int | None:
    """Return the id of the user at this keyboard, None when the store does not know them."""
    from crmcli.queries.scope import user_id

    session = current()
    return user_id(session.reader(), session.settings.user)


def find(entity: str | None, text: str, *, deleted: bool = False) -> "Reference":
    """Return the one record that a text names; on a terminal the user picks one of several.

    A note tells when a ref leads on to the survivor of a merge.
    """
    from crmcli.queries.references import find_reference

    session = current()
    country, me = session.settings.country, acting_user()
    try:
        found = find_reference(session.reader(), entity, text, country=country, me=me, deleted=deleted)
    except AmbiguousError as error:
        picked = pick(error.message.partition(":")[0], error.candidates)
        if picked is None:
            raise
        found = find_reference(session.reader(), entity, picked, country=country, me=me, deleted=deleted)
    if found.merged_from is not None:
        kind = ENTITIES[found.entity]
        session.streams.note(f"{kind.ref(found.merged_from)} was merged into {kind.ref(found.id)}")
    return found


def find_id(entity: str, text: str) -> int:
    """Return the id of the one record of a kind that a text names."""
    return find(entity, text).id


def find_ids(entity: str, words: Sequence[str], *, deleted: bool = False) -> list[int]:
    """Return the ids of the records that are named, each once; ``-`` stands for the lines of standard input."""
    return list(dict.fromkeys(find(entity, word, deleted=deleted).id for word in _named(words)))


def find_all(words: Sequence[str]) -> dict[str, list[int]]:
    """Return the ids of the records of any kind that are named, by entity; ``-`` as in ``find_ids``."""
    found: dict[str, list[int]] = {}
    for reference in dict.fromkeys(find(None, word)[:2] for word in _named(words)):
        found.setdefault(reference[0], []).append(reference[1])
    return found


def find_noun(word: str) -> "Entity":
    """Return the entity that a noun of the command line, or its name in conditions, stands for; else UsageError."""
    from crmcli.domain.schema import did_you_mean

    kinds = {name: kind for kind in ENTITIES.values() if kind.letter for name in (kind.noun, kind.name, kind.plural)}
    if word.casefold() not in kinds:
        nouns = list(dict.fromkeys(kind.noun for kind in kinds.values()))
        raise UsageError(f"there is no noun {word!r}", hint=did_you_mean(word, nouns) or f"one of {', '.join(nouns)}")
    return kinds[word.casefold()]


def pick(what: str, candidates: Sequence[tuple[str, str]]) -> str | None:
    """Let the user pick one of several by its number and return its ref; None when they do not or nobody is there.

    Candidates are refs with titles.
    """
    session = current()
    if not session.is_interactive:
        return None
    import typer

    session.streams.note(f"{what}:")
    for number, (ref, title) in enumerate(candidates, start=1):
        session.streams.note(f"  {number}  {ref}  {title}")
    session.close()  # nobody's write may wait while a person thinks
    word = typer.prompt("Which one", default="", show_default=False, err=True)
    fits = word.isdecimal() and 1 <= int(word) <= len(candidates)
    return candidates[int(word) - 1][0] if fits else None


def _named(words: Sequence[str]) -> Iterator[str]:
    for word in words:
        yield from _lines() if word == "-" else [word]


def _lines() -> Iterator[str]:
    from crmcli.formats.files import standard_input

    try:
        yield from (line.strip() for line in standard_input("refs") if line.strip())
    except UnicodeDecodeError:
        hint = "iconv -t UTF-8 translates it"
        raise UsageError("standard input is not valid text (not UTF-8?)", hint=hint, code="text.invalid") from None
