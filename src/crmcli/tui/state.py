"""What the whole screen looked like when it was left: which place was shown, and each place's filter and column.

Nothing of it is needed: a file that is missing or strange is as good as none.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from crmcli.config.files import read_text
from crmcli.config.paths import ensure
from crmcli.formats.files import write_text


class State(NamedTuple):
    """The place shown last, and what each place keeps, by its name."""

    place: str = ""
    kept: Mapping[str, Mapping[str, str]] = {}


def read_state(file: Path) -> State:
    """Return what was kept, nothing where there is nothing that can be understood."""
    try:
        found = json.loads(read_text(file))
        kept = {str(place): {str(key): str(text) for key, text in one.items()} for place, one in found["kept"].items()}
        return State(str(found["place"]), kept)
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return State()


def write_state(file: Path, state: State) -> None:
    """Keep what the screen looks like, for its owner alone."""
    ensure(file.parent)
    write_text(file, json.dumps(state._asdict()))
