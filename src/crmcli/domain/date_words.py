"""The words of dates in English and Italian, folded: what ``date_forms`` knows, and nothing of what it does with it."""

from typing import NamedTuple

MONTHS = {
    word: number
    for number, words in enumerate(
        (
            "january jan gennaio gen",
            "february feb febbraio",
            "march mar marzo",
            "april apr aprile",
            "may maggio mag",
            "june jun giugno giu",
            "july jul luglio lug",
            "august aug agosto ago",
            "september sep sept settembre set",
            "october oct ottobre ott",
            "november nov novembre",
            "december dec dicembre dic",
        ),
        start=1,
    )
    for word in words.split()
}

WEEKDAYS = {
    word: number
    for number, words in enumerate(
        (
            "monday mon lunedi lun",
            "tuesday tues tue martedi mar",
            "wednesday wed mercoledi mer",
            "thursday thurs thur thu giovedi gio",
            "friday fri venerdi ven",
            "saturday sat sabato sab",
            "sunday sun domenica dom",
        )
    )
    for word in words.split()
}

DAYS = {
    "today": 0,
    "oggi": 0,
    "tomorrow": 1,
    "domani": 1,
    "yesterday": -1,
    "ieri": -1,
    "dopodomani": 2,
    "day after tomorrow": 2,
    "the day after tomorrow": 2,
    "day before yesterday": -2,
    "the day before yesterday": -2,
    "l'altro ieri": -2,
    "altro ieri": -2,
    "l'altroieri": -2,
    "dopo domani": 2,
    "domani l'altro": 2,
}

NOW = {"now", "adesso", "ora"}

DIRECTIONS = {
    word: sign
    for sign, words in (
        (1, "next prossimo prossima"),
        (0, "this questo questa quest' corrente"),
        (-1, "last scorso scorsa"),
    )
    for word in words.split()
}

NUMBERS = {
    word: number
    for number, words in enumerate(
        (
            "a an one un uno una un'",
            "two due",
            "three tre",
            "four quattro",
            "five cinque",
            "six sei",
            "seven sette",
            "eight otto",
            "nine nove",
            "ten dieci",
            "eleven undici",
            "twelve dodici",
        ),
        start=1,
    )
    for word in words.split()
}

EDGE_UNITS = {
    "day": "d",
    "giornata": "d",
    "week": "w",
    "settimana": "w",
    "month": "m",
    "mese": "m",
    "quarter": "q",
    "trimestre": "q",
    "year": "y",
    "anno": "y",
}

EDGES = {
    word: kind
    for kind, words in (
        ("start", "s start beginning inizio"),
        ("middle", "mid middle meta"),
        ("end", "e end fine"),
    )
    for word in words.split()
}

ORDINALS = {
    word: number
    for number, words in enumerate(
        ("first primo", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"), start=1
    )
    for word in words.split()
}

SPANS = {"half an hour": 1800, "mezz'ora": 1800, "mezzora": 1800, "un quarto d'ora": 900, "a quarter of an hour": 900}

CLOCK_NUMBERS = {word: number for word, number in NUMBERS.items() if word not in ("a", "an", "un", "uno", "un'")}
EXTRA_MINUTES = {"mezza": 30, "mezzo": 30, "un quarto": 15}
NAMED_HOURS = {"noon": 12, "midday": 12, "mezzogiorno": 12, "midnight": 0, "mezzanotte": 0}


class Hours(NamedTuple):
    """A part of the day: the hours from ``first`` to ``last`` (excluded), and what it means by itself."""

    first: int
    last: int
    usual: int


HOURS = {
    word: hours
    for hours, words in (
        (Hours(0, 12, 9), "morning mattina mattino"),
        (Hours(12, 19, 15), "afternoon pomeriggio"),
        (Hours(17, 24, 19), "evening sera"),
        (Hours(18, 24, 21), "night notte"),
    )
    for word in words.split()
}

DAY_PARTS = {  # the day, counted from today, and the part of it
    "stamattina": (0, "mattina"),
    "stamani": (0, "mattina"),
    "stasera": (0, "sera"),
    "stanotte": (0, "notte"),
    "tonight": (0, "night"),
    "last night": (-1, "night"),
    "domattina": (1, "mattina"),
}
