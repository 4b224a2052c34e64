"""The words of dates in English and Italian, folded: what ``dates`` recognises, and nothing of what it does with it."""

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
}

NOW = {"now", "adesso", "ora"}

DIRECTIONS = {
    word: sign
    for sign, words in ((1, "next this prossimo prossima questo questa"), (-1, "last scorso scorsa"))
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

NAMED_HOURS = {"noon": 12, "midday": 12, "mezzogiorno": 12, "midnight": 0, "mezzanotte": 0}
