"""The page of the reference that lists the keys of the whole screen, made from the actions that it knows."""

from collections.abc import Iterator

from crmcli.tui.actions import TARGETS, TITLES

_NAMES = {  # how the keys are called that are not a letter; a letter in capitals is pressed with Shift
    "question_mark": "?", "slash": "/", "left_square_bracket": "[", "right_square_bracket": "]",
    "up": "↑", "down": "↓", "left": "←", "right": "→", "space": "Space", "enter": "Enter", "escape": "Escape",
    "home": "Home", "end": "End", "pageup": "Page up", "pagedown": "Page down", "f5": "F5",
}  # fmt: skip
_HELD = {"ctrl": "Ctrl", "shift": "Shift"}


def key_table(made: str) -> str:
    """Return the page; ``made`` is the line that says where it comes from."""
    return "".join(_parts(made))


def _parts(made: str) -> Iterator[str]:
    yield f"# Keys of the whole screen\n\n{made}\n"
    yield (
        "What each key of `crm tui` does, where, and the command that does the same. The keys of an action are yours\n"
        "to change: [`keys.toml`](../how-to/board.md) names it by the table and the name in the last column.\n"
    )
    for target, actions in TARGETS.items():
        yield f"\n## {TITLES[target]}\n\n| keys | does | from the shell | `[{target}]` |\n| --- | --- | --- | --- |\n"
        for one in actions:
            keys = ", ".join(f"`{_told(key)}`" for key in one.keys.split(","))
            yield f"| {keys} | {one.label} | `{one.twin}` | `{one.id}` |\n"


def _told(key: str) -> str:
    """Return a key as people call it, such as ``Shift-←`` for ``shift+left``."""
    *held, last = key.split("+")
    name = _NAMES.get(last, last.upper() if held and len(last) == 1 else last)
    return "-".join([*(_HELD[one] for one in held), name])
