"""The command line as the journal keeps it: nouns, verbs, refs, names of options, nothing of what people wrote.

Names, addresses and notes are in the records, where they can be erased; from a log that repeats them they cannot.
"""

import re
from collections.abc import Collection, Iterator, Sequence

from crmcli.cli.registry import ROOT

_HIDDEN = "…"
_REF = r"[A-Za-z]\d{1,18}"


def masked(arguments: Sequence[str], plain: Collection[str] = ()) -> str:
    """Return a command line with every value but refs, and the words in ``plain``, replaced by ``…``."""
    return " ".join(["crm", *_words(arguments, plain)])


def _words(arguments: Sequence[str], plain: Collection[str]) -> Iterator[str]:
    group = ROOT
    for word in arguments:
        command = group.find(word) if group.verbs else None
        if command is not None:
            group = command
            yield command.name
        elif word.startswith("-") and len(word) > 1:
            name, equals, _ = word.partition("=")
            if re.fullmatch("--[a-z-]+|-[a-z]", name):
                yield f"{name}={_HIDDEN}" if equals else name
            else:
                yield _HIDDEN
        else:
            yield word if word == "-" or word in plain or re.fullmatch(_REF, word) else _HIDDEN
