"""What somebody wrote in a mail, told from what the mail only carries along: quoted history and signature.

Works on plain text line by line, in a time that grows with its length alone. English, Italian, German, French and
Spanish programs are known. How a message is decoded belongs to ``formats.mail``.
"""

import re
from itertools import groupby
from typing import NamedTuple

_ATTRIBUTION = re.compile(
    r"(?:On|Il|Am|Le|El)\b.*\d.*(?:wrote|ha scritto|schrieb|a écrit|escribió)\b[^:]{0,80}:", re.IGNORECASE
)
_FIELD = re.compile(
    r"\W{0,3}(?:From|Sent|To|Cc|Date|Subject|Da|Inviato|A|Data|Oggetto|Von|Gesendet|An|Betreff|De|Envoyé|À|Objet|Enviado"
    r"|Para|Asunto)\s?:\W{0,3}\s\S.*",
    re.IGNORECASE,
)
_SENDER = re.compile(r"\W{0,3}(?:From|Da|Von|De)\s?:", re.IGNORECASE)
_ORIGINAL = re.compile(
    r"\s*-{2,}\s*(?:Original Message|Messaggio originale|Ursprüngliche Nachricht)\s*-{2,}", re.IGNORECASE
)
_RULE = re.compile(r"\s*(?:--|[-_]{10,})\s*")
_NAME = re.compile(r"-[^\W\d_][\w .'-]{0,40}")
_DEVICE = re.compile(
    r"(?:Sent from my|Inviato da(?:l mio)?|Von meinem|Envoyé de mon|Enviado desde mi|Get Outlook for)\b.*",
    re.IGNORECASE,
)
_MOST_LINES = 3  # of "On ... wrote:"
_LONGEST = 300  # characters of such a line

_OWN, _QUOTED, _SIGNATURE = "own", "quoted", "signature"


class Reply(NamedTuple):
    """The parts of a mail: what is new in it, the history it quotes, the signature below."""

    visible: str
    quoted: str
    signature: str


def split_reply(text: str) -> Reply:
    """Return the parts of a plain text.

    What is quoted between passages of new text is part of the history; what looks like a signature and has new text
    below it is none.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    marks = _marks(lines)
    last_own = max((number for number, mark in enumerate(marks) if mark == _OWN and lines[number].strip()), default=-1)
    marks[: last_own + 1] = [_OWN if mark == _SIGNATURE else mark for mark in marks[: last_own + 1]]
    parts: dict[str, list[str]] = {_OWN: [], _QUOTED: [], _SIGNATURE: []}
    start = 0
    for mark, run in groupby(marks):
        end = start + len(list(run))
        block = "\n".join(lines[start:end]).strip("\n")
        if block.strip():
            parts[mark].append(block)
        start = end
    return Reply(*("\n".join(parts[mark]).strip() for mark in (_OWN, _QUOTED, _SIGNATURE)))


def _marks(lines: list[str]) -> list[str]:
    """Return what each line is."""
    marks: list[str] = []
    state = _OWN
    while (place := len(marks)) < len(lines):
        line = lines[place]
        length = _attribution(lines, place)
        if _starts_history(lines, place) or (length and not _is_quote_below(lines, place + length)):
            return marks + [_QUOTED] * (len(lines) - place)
        if length:
            marks += [_QUOTED] * length
            state = _OWN
        elif line.lstrip().startswith(">"):
            marks.append(_QUOTED)
            state = _OWN
        else:
            state = _SIGNATURE if state == _SIGNATURE or _starts_signature(lines, place) else _OWN
            marks.append(state)
    return marks


def _attribution(lines: list[str], place: int) -> int:
    """Return over how many lines a passage such as ``On Monday Anna wrote:`` goes, 0 where there is none."""
    if not lines[place][:2].isalpha():
        return 0
    for count in range(1, _MOST_LINES + 1):
        window = lines[place : place + count]
        if not window[-1].strip():
            return 0
        if window[-1].rstrip().endswith(":"):
            joined = " ".join(line.strip()[:_LONGEST] for line in window)
            return count if _ATTRIBUTION.fullmatch(joined) else 0
    return 0


def _is_quote_below(lines: list[str], place: int) -> bool:
    below = next((number for number in range(place, len(lines)) if lines[number].strip()), None)
    return below is not None and lines[below].lstrip().startswith(">")


def _starts_history(lines: list[str], place: int) -> bool:
    """Say whether the headers of an older message stand here, below which nothing is quoted line by line."""
    if _ORIGINAL.fullmatch(lines[place][:_LONGEST]):
        return True
    fields = [line[:_LONGEST] for line in lines[place : place + 2]]
    return bool(_SENDER.match(fields[0])) and len(fields) == 2 and all(map(_FIELD.fullmatch, fields))


def _starts_signature(lines: list[str], place: int) -> bool:
    line = lines[place][:_LONGEST]
    if _RULE.fullmatch(line) or _DEVICE.fullmatch(line.rstrip()):
        return True
    is_alone = not any(near.strip() for near in (*lines[max(place - 1, 0) : place], *lines[place + 1 : place + 2]))
    return is_alone and bool(_NAME.fullmatch(line.rstrip()))
