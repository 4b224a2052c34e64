"""Everything a key can do, by screen: one table from which bindings, footer, help and the palette are made.

Each action names the command that does the same from the shell, so that nothing can be done only here.
"""

from typing import NamedTuple

from textual.binding import Binding


class Action(NamedTuple):
    """Something to do: the name of the method ``action_<name>``, its keys, what it is called, its command."""

    name: str
    keys: str  # separated by commas
    label: str
    twin: str
    in_footer: bool = False


APP = (
    Action("show_board('deal')", "1", "Deals", "crm tui board"),
    Action("show_board('ticket')", "2", "Tickets", "crm tui tickets"),
    Action("show_board('lead')", "3", "Leads", "crm tui leads"),
    Action("show_agenda", "4", "Agenda", "crm agenda"),
    Action("show_help", "question_mark", "Help", "crm help", in_footer=True),
    Action("suspend_process", "ctrl+z", "Suspend", "Ctrl-Z"),
    Action("quit", "q", "Quit", "exit", in_footer=True),
)
BOARD = (
    Action("go('left')", "left,h", "Lane to the left", "crm deal list"),
    Action("go('right')", "right,l", "Lane to the right", "crm deal list"),
    Action("move_card(-1)", "shift+left,H", "Move back a stage", "crm deal move REF STAGE"),
    Action("move_card(1)", "shift+right,L", "Move on a stage", "crm deal move REF STAGE", in_footer=True),
    Action("choose_lane", "m", "Move to …", "crm deal move REF STAGE"),
    Action("open_card", "enter", "Open", "crm show REF", in_footer=True),
    Action("select", "space", "Select", "crm deal list -o ids"),
    Action("add", "a", "Add", "crm deal add NAME", in_footer=True),
    Action("edit", "e", "Edit", "crm deal edit REF", in_footer=True),
    Action("win", "w", "Win", "crm deal win REF"),
    Action("lose", "x", "Lose", "crm deal lose REF --reason REASON"),
    Action("undo", "u", "Undo", "crm undo", in_footer=True),
    Action("redo", "ctrl+r", "Redo", "crm redo"),
    Action("filter", "slash", "Filter", "crm deal list --where CONDITION", in_footer=True),
    Action("reload", "f5", "Read again", "crm deal list"),
)
LANE = (
    Action("go(-1)", "up,k", "Card above", "crm deal list"),
    Action("go(1)", "down,j", "Card below", "crm deal list"),
    Action("go(-10)", "pageup", "Ten cards up", "crm deal list"),
    Action("go(10)", "pagedown", "Ten cards down", "crm deal list"),
    Action("go(-1000000)", "home,g", "First card", "crm deal list"),
    Action("go(1000000)", "end,G", "Last card", "crm deal list"),
)
TARGETS = {"app": APP, "board": BOARD, "lane": LANE}


def bindings(target: str) -> list[Binding]:
    """Return the bindings of a screen."""
    return [Binding(one.keys, one.name, one.label, show=one.in_footer) for one in TARGETS[target]]
