"""Recurrence in words, English and Italian, as rules: ``2 weeks``, ``last friday of the month``, ``ogni lunedi``.

What no form takes is an error that says what it could have been, so nothing is ever ignored in silence. What a rule
means is known by ``recurrence``; rules told back in words belong to ``every_told``.
"""

import re
from collections.abc import Callable, Iterable

from crmcli.domain import date_words as words
from crmcli.domain.durations import UNITS
from crmcli.domain.recurrence import DAYS, normalise, rule_of
from crmcli.domain.text import fold

EXAMPLES = 'use "2 weeks", "weekday", "monday and thursday", "the 15th", "last friday of the month" or an RRULE'

_MOST_CHARACTERS = 200
_FREQUENCIES = {"h": "HOURLY", "d": "DAILY", "w": "WEEKLY", "m": "MONTHLY", "y": "YEARLY"}
_SINGLE = {
    "hourly": ("h", 1), "daily": ("d", 1), "weekly": ("w", 1), "fortnight": ("w", 2), "fortnightly": ("w", 2),
    "biweekly": ("w", 2), "bi-weekly": ("w", 2), "monthly": ("m", 1), "bimonthly": ("m", 2), "quarter": ("m", 3),
    "quarterly": ("m", 3), "half-yearly": ("m", 6), "semiannually": ("m", 6), "yearly": ("y", 1), "annually": ("y", 1),
    "giornaliero": ("d", 1), "quotidiano": ("d", 1), "settimanale": ("w", 1), "settimane alterne": ("w", 2),
    "quindicinale": ("w", 2), "mensile": ("m", 1), "mesi alterni": ("m", 2), "bimestrale": ("m", 2),
    "trimestre": ("m", 3), "trimestrale": ("m", 3), "semestre": ("m", 6), "semestrale": ("m", 6), "annuale": ("y", 1),
}  # fmt: skip
_WORKING, _WEEKEND = ",".join(DAYS[:5]), ",".join(DAYS[5:])
_SETS = {
    **dict.fromkeys(("weekday", "weekdays", "week day", "workday", "working day", "business day", "working days",
                     "business days", "giorno lavorativo", "giorno feriale", "giorni feriali", "giorni lavorativi",
                     "feriali"), _WORKING),
    **dict.fromkeys(("weekend", "weekends", "fine settimana"), _WEEKEND),
}  # fmt: skip
_NTH = {word: number for word, number in words.ORDINALS.items() if number <= 5}
_NTH |= {"prima": 1, "secondo": 2, "seconda": 2, "terzo": 3, "terza": 3, "quarto": 4, "quarta": 4, "quinto": 5}
_NTH |= {f"{number}{mark}": number for number, mark in enumerate(("st", "nd", "rd", "th", "th"), start=1)}
_NTH |= {f"{number}{mark}": number for number in range(1, 6) for mark in "°o"}
_NTH |= {"last": -1, "ultimo": -1, "ultima": -1, "second last": -2, "penultimo": -2, "penultima": -2}
_WEEKDAYS = words.WEEKDAYS | {"sabati": 5, "domeniche": 6}
_COUNTS = words.NUMBERS | {"fifteen": 15, "quindici": 15, "twenty": 20, "venti": 20, "thirty": 30, "trenta": 30}


def _any(known: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, known), key=len, reverse=True))


_AND = r"(?: *[,/+&] *(?:and |e )?| and | e )"
_THE = "(?:the |il |la |l'|lo )?"
_DAY = rf"(?:{_any(_WEEKDAYS)})s?"
_DAY_LIST = f"{_DAY}(?:{_AND}{_DAY})*"
_NUMBER = r"[0-9]{1,2}(?:st|nd|rd|th|[°o])?"
_NUMBERS = f"{_THE}{_NUMBER}(?:{_AND}{_THE}{_NUMBER})*"
_MONTH = f"(?:{_any(words.MONTHS)})"
_OF = "(?:of|in|di|del|della|dell')"
_OF_MONTH = f"(?: {_OF} {_THE}(?:(?:each |every |ogni )?(?:month|mese)|(?P<month>{_MONTH})))"
_COUNT = rf"(?P<count>[0-9]{{1,4}}|{_any(_COUNTS)}|other|second|third|fourth|fifth|sixth)"
_PLACED = (
    rf"(?P<nth>{_any(_NTH)})[ -](?:(?P<days>{_DAY})|(?P<set>{_any(_SETS)})|(?P<any>day|giorno))"
    rf"|(?P<numbers>{_NUMBERS})"
)
_ON = rf"(?:,? (?:on|il|di|of) {_THE}(?:(?P<on_days>{_DAY_LIST})|{_PLACED}))?"
_ENDING = re.compile(
    r"(?P<rule>.*?)(?:,? +(?:until|till|fino al|fino alla|fino all'|fino a) *(?P<until>.+)"
    r"|,? +(?:for |per )?(?P<times>[0-9]{1,4}) (?:times|time|volte|occurrences))"
)
_YEARLY = r"(?:(?:year|yearly|annually|anno)(?: on| il)? )?"
_ONCE = "(?:once |una volta |a )(?:an? |per |al |alla |all')?"
_FIRST = re.compile(rf"\b(?:first|primo)(?= (?:{_OF}|{_MONTH})\b)")
_FORMS = (
    rf"(?:{_COUNT} ?|{_ONCE})?(?P<unit>{_any(UNITS)}|{_any(_SINGLE)}){_ON}",
    rf"(?P<alternate>(?:other|alternate|altr[oa]) )?(?P<only_days>{_DAY_LIST})(?P<alterni> altern[ie])?",
    rf"un[ao]? (?P<only_days>{_DAY}) (?P<alterni>si e un[ao]? no)",
    rf"(?:from |dal(?:la)? )?(?P<from_day>{_DAY})(?: ?- ?| to | through | al(?:la)? | a )(?P<to_day>{_DAY})",
    rf"(?P<only_set>{_any(_SETS)})",
    rf"{_THE}(?:{_PLACED}){_OF_MONTH}",
    rf"{_THE}(?P<last_day>last[ -]day|end of (?:the )?month|eom|fine (?:del )?mese)",
    rf"{_THE}(?P<ordinal>[0-9]{{1,2}}(?:st|nd|rd|th))",
    rf"{_YEARLY}{_THE}(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th|[°o])? (?:of |di )?(?P<in_month>{_MONTH})",
    rf"{_YEARLY}(?P<month_first>{_MONTH}) {_THE}(?P<day_after>[0-9]{{1,2}})(?:st|nd|rd|th)?",
)
_CLOCK = re.compile(r" (?:at|alle|all') ?[0-9]| [0-9]{1,2}(?::[0-9]{2}|[ap]m)$")


def parse_every(text: str, until: Callable[[str], str] | None = None) -> str:
    """Return the rule that a text means, in its normal form; a text that is a rule (``FREQ=...``) is one.

    A count (``5 times``) or an end (``until 31 dec``) may follow; ``until`` returns the local day or time that the
    words of an end mean. ValueError says what could not be read.
    """
    if "=" in text:
        return normalise(text)
    folded = re.sub(r"^(?:every|each|ogni|tutti i|tutte le|all) ", "", " ".join(fold(text).replace("’", "'").split()))
    if not folded or len(folded) > _MOST_CHARACTERS:
        raise ValueError(f"{text[:80]!r} is no recurrence; {EXAMPLES}")
    ending = _ENDING.fullmatch(folded)
    parts = _parts(_FIRST.sub("1st", ending["rule"] if ending else folded), text)
    if ending and ending["times"]:
        parts["COUNT"] = str(int(ending["times"]))
        if parts["COUNT"] == "0":
            raise ValueError(f"{text!r} never happens")
    elif ending and until:
        parts["UNTIL"] = _stamp(until(ending["until"]))
    elif ending:
        raise ValueError(f"the end of {text!r} needs a date: UNTIL=20261231")
    return normalise(rule_of(parts))


def _parts(rest: str, text: str) -> dict[str, str]:
    for form in _FORMS:
        if match := re.fullmatch(form, rest):
            found = {name: value for name, value in match.groupdict().items() if value is not None}
            if parts := _read(found, text):
                return parts
    if _CLOCK.search(f" {rest}"):
        raise ValueError(f"{text!r} names a time of day: that is the one of the first occurrence, by --due or --start")
    raise ValueError(f"cannot read {rest!r} as a recurrence; {EXAMPLES}")


def _read(found: dict[str, str], text: str) -> dict[str, str]:
    """Return the parts of the rule that the pieces of one form make."""
    if "unit" in found:
        return _by_unit(found, text)
    if "only_days" in found:
        interval = {"INTERVAL": "2"} if found.keys() & {"alternate", "alterni"} else {}
        return {"FREQ": "WEEKLY", **interval, "BYDAY": _days(found["only_days"])}
    if "from_day" in found:
        return {"FREQ": "WEEKLY", "BYDAY": _days_between(found["from_day"], found["to_day"])}
    if "only_set" in found:
        return {"FREQ": "WEEKLY", "BYDAY": _SETS[found["only_set"]]}
    if "last_day" in found:
        return {"FREQ": "MONTHLY", "BYMONTHDAY": "-1"}
    if "ordinal" in found:
        return {"FREQ": "MONTHLY", "BYMONTHDAY": _numbers(found["ordinal"], text)}
    if month := found.get("in_month") or found.get("month_first"):
        day = _numbers(found.get("day") or found["day_after"], text)
        return {"FREQ": "YEARLY", "BYMONTH": str(words.MONTHS[month]), "BYMONTHDAY": day}
    if "month" in found:
        return {"FREQ": "YEARLY", "BYMONTH": str(words.MONTHS[found["month"]]), **_placed(found, text)}
    return {"FREQ": "MONTHLY", **_placed(found, text)}


def _by_unit(found: dict[str, str], text: str) -> dict[str, str]:
    word = found["unit"]
    unit, size = _SINGLE.get(word) or (UNITS[word], 1)
    if unit not in _FREQUENCIES:
        raise ValueError(f"{text!r} is finer than hourly")
    interval = size * _count(found.get("count"))
    if not interval:
        raise ValueError(f"{text!r} never happens")
    parts = {"FREQ": _FREQUENCIES[unit], **({"INTERVAL": str(interval)} if interval > 1 else {})}
    if "on_days" in found and unit == "w":
        return parts | {"BYDAY": _days(found["on_days"])}
    if unit == "m" and ("nth" in found or "numbers" in found):
        return parts | _placed(found, text)
    if "on_days" in found or "nth" in found or "numbers" in found:
        raise ValueError(f"{text!r}: a day goes with weeks (on monday) or months (on the 15th); {EXAMPLES}")
    return parts


def _count(word: str | None) -> int:
    if word is None:
        return 1
    if word.isdigit():
        return int(word)
    return 2 if word == "other" else _COUNTS.get(word) or words.ORDINALS[word]


def _placed(found: dict[str, str], text: str) -> dict[str, str]:
    """Return the parts for a place in the month: ``last friday``, ``first weekday``, ``last day``, ``1st and 15th``."""
    if "numbers" in found:
        return {"BYMONTHDAY": _numbers(found["numbers"], text)}
    nth = _NTH[found["nth"]]
    if "days" in found:
        return {"BYDAY": f"{nth}{_days(found['days'])}"}
    if "set" in found:
        return {"BYDAY": _SETS[found["set"]], "BYSETPOS": str(nth)}
    return {"BYMONTHDAY": str(nth)}


def _days(text: str) -> str:
    numbers = {_weekday(word) for word in re.findall(r"[a-z]+", text) if word not in ("and", "e")}
    return ",".join(DAYS[number] for number in sorted(numbers))


def _days_between(first: str, last: str) -> str:
    start = _weekday(first)
    return ",".join(
        DAYS[place] for place in sorted((start + step) % 7 for step in range((_weekday(last) - start) % 7 + 1))
    )


def _weekday(word: str) -> int:
    return _WEEKDAYS[word] if word in _WEEKDAYS else _WEEKDAYS[word.removesuffix("s")]


def _numbers(text: str, whole: str) -> str:
    numbers = sorted({int(number) for number in re.findall(r"[0-9]+", text)})
    if not 1 <= numbers[0] <= numbers[-1] <= 31:
        raise ValueError(f"{whole!r} names a day that no month has")
    return ",".join(map(str, numbers))


def _stamp(wall: str) -> str:
    """Return a local day or time as a rule writes it."""
    compact = wall.replace("-", "").replace(":", "")
    return f"{compact}00" if len(wall) == len("2026-03-20T09:00") else compact
