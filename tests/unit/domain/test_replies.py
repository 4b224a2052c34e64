import json

import pytest

from crmcli.domain.replies import Reply, split_reply
from tests.published import PUBLISHED, needs_published

SAMPLES = PUBLISHED / "email-reply-samples"
FILES = json.loads((SAMPLES / "expected.json").read_text(encoding="utf-8"))["files"] if SAMPLES.exists() else {}


@needs_published
@pytest.mark.parametrize("name", FILES)
def test_what_is_new_in_the_samples(name: str) -> None:
    assert split_reply((SAMPLES / name).read_text(encoding="utf-8")).visible == FILES[name]["reply"].strip()


@needs_published
@pytest.mark.parametrize("name", FILES)
def test_what_the_samples_only_carry_along(name: str) -> None:
    """What the reference hides is history, unless it calls it a signature; and every line is in one of the parts."""
    text = (SAMPLES / name).read_text(encoding="utf-8")
    found, fragments = split_reply(text), FILES[name]["fragments"]
    history = any(one["quoted"] or (one["hidden"] and not one["signature"]) for one in fragments)
    signature = any(one["signature"] for one in fragments) and name not in _SIGNED_IN_THE_HISTORY
    assert (bool(found.quoted), bool(found.signature)) == (history, signature)
    assert sorted(said(text)) == sorted(line for part in found for line in said(part))


_SIGNED_IN_THE_HISTORY = ("email_headers_no_delimiter.txt",)


def said(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ("", "", "")),
        ("Ciao", ("Ciao", "", "")),
        ("Va bene\r\n\r\n-- \r\nAnna", ("Va bene", "", "-- \nAnna")),
        (
            "Sì\n\nIl giorno 2 marzo 2026 Anna <a@example.com> ha scritto:\n> E ora?",
            ("Sì", "Il giorno 2 marzo 2026 Anna <a@example.com> ha scritto:\n> E ora?", ""),
        ),
        (
            "Ja\n\nAm 02.03.2026 um 10:00 schrieb Anna:\n\nohne Zeichen",
            ("Ja", "Am 02.03.2026 um 10:00 schrieb Anna:\n\nohne Zeichen", ""),
        ),
        ("Sì\n\nDa: Anna\nInviato: oggi\n\nE ora?", ("Sì", "Da: Anna\nInviato: oggi\n\nE ora?", "")),
        ("Ok\n\n-----Original Message-----\nold", ("Ok", "-----Original Message-----\nold", "")),
        ("> one\nyes\n> two\nno", ("yes\nno", "> one\n> two", "")),
        ("Ok\n\nInviato da iPhone", ("Ok", "", "Inviato da iPhone")),
        ("From: is a word\nas any other", ("From: is a word\nas any other", "", "")),
    ],
)
def test_parts(text: str, parts: tuple[str, str, str]) -> None:
    assert split_reply(text) == Reply(*parts)
