"""Everything a key can do, by place: one table from which bindings, footer, help, the palette and the docs are made.

Each action names the command that does the same from the shell, so that nothing can be done only here. A place is the
whole application, any screen of records, one kind of screen, or a widget in it; ``PLACES`` says which hold together.
"""

from typing import NamedTuple

from textual.binding import Binding


class Action(NamedTuple):
    """Something to do: its id for the user's keymap, the method ``action_<name>``, its keys, its name, its command."""

    id: str
    name: str
    keys: str  # separated by commas
    label: str
    twin: str
    in_footer: bool = False


APP = (
    Action("show_today", "show('today')", "0", "Today", "crm tui today"),
    Action("show_deals", "show('deal')", "1", "Deals", "crm tui board"),
    Action("show_leads", "show('lead')", "2", "Leads", "crm tui leads"),
    Action("show_tickets", "show('ticket')", "3", "Tickets", "crm tui tickets"),
    Action("show_calendar", "show('calendar')", "4", "Calendar", "crm tui calendar"),
    Action("show_search", "show('search')", "5", "Search", "crm tui search"),
    Action("show_reports", "show('reports')", "6", "Reports", "crm tui reports"),
    Action("help", "show_help", "question_mark", "Help", "crm help", in_footer=True),
    Action("suspend", "suspend_process", "ctrl+z", "Suspend", "Ctrl-Z"),
    Action("quit", "quit", "q", "Quit", "exit"),
)
RECORDS = (
    Action("open", "open_record", "enter", "Open", "crm show REF", in_footer=True),
    Action("edit", "edit", "e", "Edit", "crm NOUN edit REF"),
    Action("log", "log", "c", "Log", "crm log call TITLE --with REF", in_footer=True),
    Action("address", "open_address", "o", "Open mail or web", "crm show REF"),
    Action("copy", "copy", "y", "Copy", "crm show REF"),
    Action("undo", "undo", "u", "Undo", "crm undo", in_footer=True),
    Action("redo", "redo", "ctrl+r", "Redo", "crm redo"),
    Action("reload", "reload", "f5", "Read again", "crm status"),
)
BOARD = (
    Action("lane_left", "go('left')", "left,h", "Lane to the left", "crm deal list"),
    Action("lane_right", "go('right')", "right,l", "Lane to the right", "crm deal list"),
    Action("move_back", "move_card(-1)", "shift+left,H", "Move back", "crm deal move REF... STAGE"),
    Action("move_on", "move_card(1)", "shift+right,L", "Move on", "crm deal move REF... STAGE", in_footer=True),
    Action("move_to", "choose_lane", "m", "Move to …", "crm deal move REF... STAGE"),
    Action("select", "select", "space", "Select", "crm deal list -o ids"),
    Action("add", "add", "a", "Add", "crm deal add NAME", in_footer=True),
    Action("win", "win", "w", "Win", "crm deal win REF..."),
    Action("lose", "lose", "x", "Lose", "crm deal lose REF... --reason REASON"),
    Action("filter", "filter", "slash", "Filter", "crm deal list --where CONDITION", in_footer=True),
    Action("views", "views", "v", "Saved views", "crm deal list --view NAME"),
    Action("pipeline", "pipeline", "p", "Pipeline", "crm pipeline list"),
    Action("let_go", "let_go", "escape", "Let go, leave the filter", "exit"),
    Action("group", "group", "z", "Group the cards", "crm deal list --sort owner"),
)
LANE = (
    Action("card_above", "go(-1)", "up,k", "Card above", "crm deal list"),
    Action("card_below", "go(1)", "down,j", "Card below", "crm deal list"),
    Action("page_up", "go(-10)", "pageup", "Ten cards up", "crm deal list"),
    Action("page_down", "go(10)", "pagedown", "Ten cards down", "crm deal list"),
    Action("first_card", "go(-1000000)", "home,g", "First card", "crm deal list"),
    Action("last_card", "go(1000000)", "end,G", "Last card", "crm deal list"),
)
ROWS = (
    Action("row_above", "cursor_up", "k", "Row above", "crm status"),
    Action("row_below", "cursor_down", "j", "Row below", "crm status"),
    Action("first_row", "first", "g", "First row", "crm status"),
    Action("last_row", "last", "G", "Last row", "crm status"),
)
WORK = (
    Action("done", "done", "d", "Done", "crm task done REF...", in_footer=True),
    Action("snooze", "snooze", "s", "Snooze", "crm task snooze REF... +1d", in_footer=True),
)
TODAY = (Action("review", "review", "r", "Review deals", "crm report next-steps", in_footer=True),)
REVIEW = (  # what a narrow footer has room for first
    Action("skip", "skip", "space,n", "Next", "crm report next-steps", in_footer=True),
    Action("leave", "leave", "escape", "Leave", "exit", in_footer=True),
    Action("move", "move", "m", "Move to …", "crm deal move REF STAGE", in_footer=True),
    Action("win", "win", "w", "Win", "crm deal win REF", in_footer=True),
    Action("lose", "lose", "x", "Lose", "crm deal lose REF --reason REASON", in_footer=True),
    Action("back", "back", "b", "Deal before", "crm report next-steps", in_footer=True),
)
CALENDAR = (
    Action("add", "add", "a", "Add", "crm event add TITLE", in_footer=True),
    Action("view", "view", "v", "View", "crm calendar", in_footer=True),
    Action("today", "today", "t", "Today", "crm agenda today"),
    Action("day_back", "shift(-1)", "shift+left,H", "To the day before", "crm event edit REF --start WHEN"),
    Action("day_on", "shift(1)", "shift+right,L", "To the day after", "crm event edit REF --start WHEN"),
    Action("week_on", "shift(7)", "shift+down,J", "To the next week", "crm event edit REF --start WHEN"),
    Action("week_back", "shift(-7)", "shift+up,K", "To the week before", "crm event edit REF --start WHEN"),
    Action("call_off", "call_off", "x", "Call off", "crm event cancel REF"),
    Action("let_go", "let_go", "escape", "Let go", "exit"),
)
SHEET = (
    Action("day_before", "go(-1)", "left,h", "Day before", "crm agenda yesterday"),
    Action("day_after", "go(1)", "right,l", "Day after", "crm agenda tomorrow"),
    Action("week_before", "go(-7)", "up,k", "Week before", "crm calendar"),
    Action("week_after", "go(7)", "down,j", "Week after", "crm calendar"),
    Action("month_before", "go_months(-1)", "pageup", "Month before", "crm calendar last-month"),
    Action("month_after", "go_months(1)", "pagedown", "Month after", "crm calendar next-month"),
)
SEARCH = (
    Action("words", "words", "slash", "Other words", "crm find TEXT", in_footer=True),
    Action("found", "found", "escape", "To what was found", "crm find TEXT"),
    Action("next_hit", "hit(1)", "n", "Next one found", "crm find TEXT"),
    Action("hit_before", "hit(-1)", "N", "One found before", "crm find TEXT"),
)
REPORTS = (
    Action("next_report", "next_tab(1)", "right_square_bracket,l,right", "Next report", "crm report list"),
    Action("report_before", "next_tab(-1)", "left_square_bracket,h,left", "Report before", "crm report list"),
    Action("choose_report", "choose", "r", "Report", "crm report list", in_footer=True),
    Action("period", "period", "p", "Period", "crm report kpi --period PERIOD", in_footer=True),
)
DRILL = (Action("leave", "leave", "escape", "Back", "crm report kpi --explain KEY", in_footer=True),)
RECORD = (
    Action("leave", "leave", "escape", "Back", "exit", in_footer=True),
    Action("next_tab", "next_tab(1)", "right_square_bracket,l,right", "Next tab", "crm show REF"),
    Action("tab_before", "next_tab(-1)", "left_square_bracket,h,left", "Tab before", "crm show REF"),
)
TARGETS = {
    "app": APP, "records": RECORDS, "board": BOARD, "lane": LANE, "rows": ROWS, "work": WORK,
    "today": TODAY, "review": REVIEW,
    "calendar": CALENDAR, "sheet": SHEET, "search": SEARCH, "record": RECORD,
    "reports": REPORTS, "drill": DRILL,
}  # fmt: skip
TITLES = {
    "app": "Everywhere", "records": "On a record", "board": "On a board", "lane": "In a lane", "rows": "In a list",
    "work": "On something to do", "today": "On today's list", "review": "In a review",
    "calendar": "In the calendar", "sheet": "On the sheet of days",
    "search": "In the search", "record": "In a record",
    "reports": "In the reports", "drill": "Behind a figure",
}  # fmt: skip
PLACES = (  # which targets are in force together, so that their keys must differ
    ("app", "records", "board", "lane"),
    ("app", "records", "work", "today", "rows"),
    ("app", "records", "work", "review"),
    ("app", "records", "work", "calendar", "sheet"),
    ("app", "records", "work", "calendar", "rows"),
    ("app", "records", "search", "rows"),
    ("app", "records", "record", "rows"),
    ("app", "records", "reports", "rows"),
    ("app", "records", "drill", "rows"),
)


def bindings(*targets: str) -> list[Binding]:
    """Return the bindings of a screen or widget for its targets."""
    return [
        Binding(one.keys, one.name, one.label, show=one.in_footer, id=f"{target}.{one.id}")
        for target in targets
        for one in TARGETS[target]
    ]
