"""What an examination finds: the form that every part of ``crm doctor`` answers in."""

from typing import NamedTuple

OK, WARNING, FAILURE = "ok", "warning", "failure"


class Finding(NamedTuple):
    """What was examined, the verdict (ok, warning, failure) and what there is to know."""

    subject: str
    verdict: str
    text: str
