"""``[[score]]`` tables: a condition and the points that a lead has while it holds, fading where they are to.

They are read with the rules and understood in the same world; what becomes of a lead's score is up to the services.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.conditions.condition import Condition, compile
from crmcli.domain.schema import did_you_mean
from crmcli.domain.score_lines import BOUND
from crmcli.errors import ConditionError
from crmcli.rules.action_keys import Key
from crmcli.rules.lines import Lines
from crmcli.rules.mistakes import Mistake, Place
from crmcli.rules.world import World

SCORE = {
    "id": Key("text", required=True),
    "name": Key("text"),
    "when": Key("text", required=True),
    "points": Key("number", required=True),
    "decay": Key("text"),
    "since": Key("text"),
    "enabled": Key("truth"),
}
_HALF_LIFE = re.compile(r"([1-9][0-9]{0,3})([dw])")
_DAYS = {"d": 1, "w": 7}


class Score(NamedTuple):
    """One ``[[score]]`` table as written, its form checked."""

    place: Place
    id: str
    name: str
    when: str
    points: int
    decay: str
    since: str
    is_sound: bool = True


class ReadyScore(NamedTuple):
    """An entry that can be judged. ``half_life`` is in days, 0 without decay.

    ``since`` is the path of the field from which the points age; empty for the moment when the condition came to hold.
    """

    id: str
    name: str
    when: Condition
    points: int
    half_life: int
    since: str

    @property
    def paths(self) -> frozenset[str]:
        """The paths whose values are needed."""
        return self.when.paths | ({self.since} if self.since else frozenset())


def read_scores(tables: Iterable[Mapping[str, Any]], file: str, lines: Lines, mistakes: list[Mistake]) -> list[Score]:
    """Return the entries of one file that are enabled, as far as they can be read."""
    from crmcli.rules.shape import check_keys, fits

    found = []
    for number, table in enumerate(tables, start=1):
        given = table.get("id")
        name = given if isinstance(given, str) and given else f"score number {number}"
        place = Place(file, name, line_of=lines.of_table("score", number))
        before = len(mistakes)
        check_keys(table, SCORE, place, mistakes)
        read = {key: value for key, value in table.items() if key in SCORE and fits(value, SCORE[key])}
        if abs(read.get("points", 0)) > BOUND:
            mistakes.append(Mistake(place.at("points"), f"must lie between {-BOUND} and {BOUND}"))
        if read.get("enabled", True):
            texts = (read.get(key, "") for key in ("when", "decay", "since"))
            when, decay, since = texts
            named, points = read.get("name", name), read.get("points", 0)
            found.append(Score(place, name, named, when, points, decay, since, is_sound=len(mistakes) == before))
    return found


def understand_scores(scores: Iterable[Score], world: World, mistakes: list[Mistake]) -> tuple[ReadyScore, ...]:
    """Return the entries that have a meaning, and note what is wrong with the others."""
    found = [_ready(score, world, mistakes) for score in scores]
    return tuple(ready for ready in found if ready)


def _ready(score: Score, world: World, mistakes: list[Mistake]) -> ReadyScore | None:
    before = len(mistakes)
    when = _condition(score, world, mistakes)
    half_life = _half_life(score, mistakes)
    since = _since(score, world, mistakes)
    if when is None or len(mistakes) > before or not score.is_sound:
        return None
    return ReadyScore(score.id, score.name, when, score.points, half_life, since)


def _condition(score: Score, world: World, mistakes: list[Mistake]) -> Condition | None:
    if not score.when:
        return None
    try:
        found = compile(score.when, ENTITIES["lead"], world.scope._replace(changes=False))
    except ConditionError as error:
        mistakes.append(Mistake(score.place.at("when"), error.message, error.hint))
        return None
    if any(path.split(".")[0] in ("score", "score_lines", "score_updated_at") for path in found.paths):
        mistakes.append(Mistake(score.place.at("when"), "the score cannot depend on itself"))
    return found


def _half_life(score: Score, mistakes: list[Mistake]) -> int:
    if not score.decay:
        return 0
    found = _HALF_LIFE.fullmatch(score.decay.strip())
    if found is None:
        mistakes.append(Mistake(score.place.at("decay"), f"{score.decay!r} is no half-life", "write 90d or 12w"))
        return 0
    return int(found[1]) * _DAYS[found[2]]


def _since(score: Score, world: World, mistakes: list[Mistake]) -> str:
    if not score.since:
        return ""
    place, lead = score.place.at("since"), ENTITIES["lead"]
    if not score.decay:
        mistakes.append(Mistake(place, "is only for points with a decay"))
    found = world.scope.fields.find(lead, score.since)
    if found is None:
        hint = did_you_mean(score.since, world.scope.fields.names(lead))
        mistakes.append(Mistake(place, f"lead has no field {score.since!r}", hint))
        return ""
    if found[1].type not in ("date", "instant"):
        mistakes.append(Mistake(place, f"{score.since} is no date"))
    return found[0]
