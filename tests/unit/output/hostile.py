"""Strings that try to do something when they are printed, and what must never come out of the product."""

import re

HOSTILE = (
    "\x00\x01\x02\x07\x08\x0b\x0c\x0e\x1f\x7f",
    "\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07",
    "\x1b]8;;https://example.com\x1b\\link\x1b]8;;\x1b\\",
    "\x1b]52;c;Y2F0\x07",
    "\x1bPq#0;2;0;0;0\x1b\\",
    "\x9b31m\x9d52;c;Y2F0\x9c\x85\x90",
    "\u202egnp.exe\u202c \u2066isolated\u2069",
    "\ud800 lone \udfff",
    "two\nlines\r\nthree\rfour\u2028five\u2029six",
    "tab\tin a cell",
    "zero\u200bwidth\u2060\ufeff\u00ad",
    "hid\u200d den\u200c",
    "\U000e0041\U000e0042",
    "[red]x[/] [/] [link=https://example.com] [@click=app.quit]x[/]",
    ":skull: :smile:",
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "＝1+1",
    "'; DROP TABLE lead; --",
    "$(touch pwn) `id` {{7*7}} %s %n",
    "../../etc/passwd CON",
    "x" * 65_536,
)
WELCOME = ("Anna Rossi", "Perché no? €", "東京", "می‌خواهم", "क्‍ष", "👩‍💻 👍🏽", "שלום", "İstanbul ﬁn")

FORBIDDEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
