"""The command tree as plain data: help, completion and "did you mean" come from here without importing a command.

Each command of the table lives in a module of ``crmcli.cli`` whose ``app`` (a ``typer.Typer``) registers it under the
same name, its docstring beginning with the summary given here; a test holds the two together.
"""

from collections.abc import Iterator
from typing import NamedTuple

ALIASES = {"ls": "list", "del": "rm"}
COMPLETE = "_CRM_COMPLETE"  # variable by which the completion script of a shell asks for answers


class Entry(NamedTuple):
    """One command, or a group of commands when it has verbs."""

    name: str
    summary: str
    module: str = ""  # under crmcli.cli; a verb without one lives in its group's module
    panel: str = ""  # heading in the help of the group above
    reads: bool = False  # never writes, so it must start without the write side
    verbs: tuple["Entry", ...] = ()
    usual: str = ""  # the verb that is meant where none is named

    def find(self, name: str) -> "Entry | None":
        """Return the verb called so, by name or alias; None when there is none."""
        wanted = ALIASES.get(name, name)
        found = next((verb for verb in self.verbs if verb.name in (name, wanted)), None)
        return found if found is None or found.module else found._replace(module=self.module)


def walk(entry: Entry, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Entry]]:
    """Yield every single command below an entry with its path, such as ``("lead", "add")``, modules filled in."""
    for verb in entry.verbs:
        found = entry.find(verb.name) or verb
        if found.verbs:
            yield from walk(found, (*path, found.name))
        else:
            yield (*path, found.name), found


def _read(name: str, summary: str, module: str = "") -> Entry:
    return Entry(name, summary, module, reads=True)


def _record(name: str, summary: str, one: str, many: str, *more: Entry, panel: str = "Records") -> Entry:
    """A noun with the verbs that every record has, then its own."""
    verbs = (
        Entry("add", f"Add {one}."),
        _read("list", f"List {many}."),
        _read("show", f"Show {one}, whole."),
        Entry("edit", f"Change {one}, or many by a condition."),
        Entry("rm", f"Remove {many}."),
    )
    return Entry(name, summary, name, panel, verbs=verbs + more)


def _configured(name: str, summary: str, *verbs: Entry, module: str = "") -> Entry:
    return Entry(name, summary, module or name, "Your own words", verbs=verbs)


LOG_KINDS = {
    "call": "a phone call",
    "email": "an e-mail",
    "meeting": "a meeting",
    "note": "a note",
    "sms": "a text message",
    "chat": "a chat",
    "visit": "a visit",
    "letter": "a letter",
    "social": "a contact on social media",
    "forum": "a contribution to a forum",
    "web": "a visit to the web site",
    "form": "a form that was sent in",
}

_IMPORTED = {
    "lead": "leads",
    "org": "organizations",
    "contact": "contacts",
    "deal": "deals",
    "task": "tasks",
    "event": "events",
    "log": "interactions",
    "ticket": "tickets",
}

_EVERY_DAY = (
    Entry("status", "Today at a glance.", "status", "Every day", reads=True),
    Entry("agenda", "What a day or more holds, in the order of time.", "agenda", "Every day", reads=True),
    Entry("calendar", "A month on one screen.", "calendar", "Every day", reads=True),
    Entry("remind", "Tell what newly needs attention, and nothing twice.", "remind", "Every day"),
    Entry("tui", "The pipeline on the whole screen.", "tui", "Every day"),
    Entry(
        "follow",
        "Whom to contact every so often, and who is due.",
        "follow",
        "Every day",
        verbs=(
            Entry("set", "Follow records: contact them every so often."),
            Entry("stop", "Follow records no more, whatever the configuration says."),
            _read("due", "List whom to contact, the most pressing first."),
            Entry("spread", "Spread overdue follow-ups over the working days ahead."),
        ),
        usual="set",
    ),
    Entry("snooze", "Put follow-ups or tasks off.", "snooze", "Every day"),
    Entry("find", "Search everything.", "find", "Every day", reads=True),
    Entry("query", "Addresses, for mutt and aerc.", "query", "Every day", reads=True),
    Entry("show", "Show any record: fields, timeline, open work.", "show", "Every day", reads=True),
)

_CONSENT = Entry(
    "consent",
    "What people have consented to.",
    "consent",
    "Records",
    verbs=(
        Entry("grant", "Record that people have consented."),
        Entry("withdraw", "Record that people have withdrawn their consent."),
        Entry("object", "Record that people object, whatever it rested on."),
        Entry("expire", "Record that a consent has run out, without anybody withdrawing it."),
        Entry("notice", "Record that people have read the privacy notice, which permits nothing."),
        _read("show", "Show what a person has consented to, and the ledger."),
        _read("list", "List the events of the ledger."),
    ),
)
_RECORDS = (
    _record(
        "lead",
        "People and companies with an interest, not yet negotiated with.",
        "a lead",
        "leads",
        Entry("qualify", "Mark a lead as worth converting."),
        Entry("convert", "Turn a lead into an organization, a contact and a deal."),
        Entry("unconvert", "Take a conversion back."),
        Entry("lose", "Close a lead that came to nothing."),
        Entry("score", "Reckon the scores of leads, or tell what they are made of.", "lead_score"),
        Entry("merge", "Merge leads into the first."),
    ),
    _record(
        "org",
        "Companies: customers, partners, competitors.",
        "an organization",
        "organizations",
        Entry("merge", "Merge organizations into the first."),
    ),
    _record(
        "contact",
        "People, alone or in organizations.",
        "a contact",
        "contacts",
        Entry("merge", "Merge contacts into the first."),
    ),
    _record(
        "deal",
        "Opportunities, and where they stand.",
        "a deal",
        "deals",
        Entry("move", "Move deals to a stage."),
        Entry("win", "Close deals as won."),
        Entry("lose", "Close deals as lost, with the reason."),
        Entry("reopen", "Open a closed deal again."),
    ),
    _record(
        "task",
        "Things to do.",
        "a task",
        "tasks",
        _read("due", "List overdue and due tasks, overdue first."),
        Entry("done", "Complete tasks."),
        Entry("snooze", "Put tasks off."),
        Entry("cancel", "Cancel tasks."),
    ),
    _record("event", "Appointments.", "an event", "events", Entry("cancel", "Call events off.")),
    Entry(
        "log",
        "Calls, mails, meetings, notes: what was said and when.",
        "log",
        "Records",
        verbs=(
            *(Entry(kind, f"Log {what}.") for kind, what in LOG_KINDS.items()),
            _read("list", "List interactions."),
            _read("show", "Show an interaction, whole."),
            Entry("edit", "Change an interaction, or many by a condition."),
            Entry("rm", "Remove interactions."),
        ),
    ),
    Entry(
        "ticket",
        "Requests for help.",
        "ticket",
        "Records",
        verbs=(
            Entry("open", "Open a ticket."),
            _read("list", "List tickets."),
            _read("show", "Show a ticket, whole."),
            Entry("edit", "Change a ticket, or many by a condition."),
            Entry("reply", "Answer the customer."),
            Entry("note", "Add a note that the customer does not see."),
            Entry("assign", "Hand tickets to somebody."),
            Entry("resolve", "Mark tickets as resolved."),
            Entry("close", "Close tickets."),
            Entry("reopen", "Open tickets again."),
            Entry("rm", "Remove tickets."),
        ),
    ),
)

_OWN_WORDS = (
    _configured(
        "pipeline",
        "Pipelines and their stages.",
        _read("list", "List pipelines."),
        _read("show", "Show a pipeline with its stages."),
        Entry("add", "Add a pipeline."),
        Entry("edit", "Change a pipeline or its stages."),
        Entry("rm", "Remove a pipeline."),
    ),
    _configured(
        "tag", "Tags.", Entry("add", "Tag records."), Entry("rm", "Take tags off records."), _read("list", "List tags.")
    ),
    _configured(
        "field",
        "Custom fields.",
        Entry("add", "Add a custom field."),
        _read("list", "List fields, custom ones included."),
        Entry("edit", "Change a custom field."),
        Entry("rm", "Remove a custom field."),
    ),
    _configured(
        "view",
        "Saved views: a condition, columns and an order under a name.",
        Entry("save", "Save a view."),
        _read("list", "List views."),
        _read("show", "Show what a view holds."),
        Entry("rm", "Remove a view."),
    ),
    _configured(
        "user",
        "People who own records.",
        Entry("add", "Add a user."),
        _read("list", "List users."),
        Entry("edit", "Change a user."),
    ),
    _configured(
        "rule",
        "Rules that act on changes.",
        _read("list", "List rules."),
        _read("check", "Check rule files."),
        Entry("run", "Run a rule on records.", "rule_running"),
        Entry("enable", "Let a rule act again.", "rule_switching"),
        Entry("disable", "Keep rules from acting.", "rule_switching"),
        Entry("test", "Try rules, and change nothing.", "rule_test"),
        _read("why", "Tell why rules did or did not act on a record.", "rule_tools"),
        Entry("new", "Begin a rule.", "rule_tools"),
        _read("runs", "List what rules did, the newest first.", "rule_runs"),
        Entry("retry", "Send again what failed or was blocked.", "rule_runs"),
        Entry("trust", "Let a rule file send something outside.", "rule_trust"),
    ),
)

_FIGURES = (
    Entry(
        "report",
        "Figures: pipeline, results, key indicators.",
        "report",
        "Figures",
        verbs=(
            _read("list", "List reports."),
            _read("show", "Show how a report is computed."),
            _read("kpi", "Key performance indicators of a period."),
            _read("pipeline", "Open deals by stage, with amounts and weights."),
            _read("won", "Deals won in a period."),
            _read("lost", "Deals lost in a period, with reasons."),
            _read("next-steps", "Open deals and leads without a next step, or with one in the past."),
            _read("completeness", "Records that lack key fields, and how many."),
        ),
    ),
)

_FILES = (
    Entry(
        "import",
        "Bring records in from files.",
        "importing",
        "Files",
        verbs=(
            *(Entry(noun, f"Import {many} from a file.") for noun, many in _IMPORTED.items()),
            Entry("auto", "Recognise the exports of another CRM and import them all."),
            Entry("all", "Take everything that was exported into a new store.", "import_all"),
            _read("list", "List imports.", "import_jobs"),
            _read("show", "Show the receipt of an import.", "import_jobs"),
            Entry("undo", "Take an import back.", "import_jobs"),
            Entry("resume", "Go on with an import in batches that was stopped.", "import_jobs"),
            Entry(
                "preset",
                "Mappings of columns to fields.",
                "import_preset",
                verbs=(
                    _read("list", "List presets."),
                    _read("show", "Show the mapping of a preset."),
                    Entry("save", "Save how a file is read, for every file with the same header."),
                ),
            ),
        ),
    ),
    Entry(
        "export",
        "Write records to files.",
        "export",
        "Files",
        verbs=(
            *(_read(noun, f"Export {many}.") for noun, many in _IMPORTED.items()),
            _read("ics", "Export events, tasks and expected closes as one calendar.", "export_feed"),
            _read("all", "Export everything."),
        ),
    ),
    Entry(
        "dedupe",
        "Duplicates: found, told apart, merged.",
        "dedupe",
        "Files",
        verbs=(
            _read("scan", "List records that may be one, the likeliest first."),
            Entry("merge", "Merge records of one kind into the first."),
            Entry("ignore", "Remember that two records are not duplicates."),
            Entry("unignore", "Forget that two records are not duplicates."),
            _read("ignored", "List the pairs that are not duplicates."),
        ),
    ),
    Entry(
        "backup",
        "Copies of the store.",
        "backup",
        "Files",
        verbs=(
            Entry("create", "Make a backup."),
            _read("list", "List backups."),
            _read("verify", "Restore a backup on trial and check it."),
            Entry("prune", "Remove old backups."),
        ),
    ),
    Entry("restore", "Put a backup in the place of the store.", "restore", "Files"),
)

_HISTORY = (
    Entry("history", "Who changed what, when and why.", "history", "History", reads=True),
    Entry("undo", "Take back the last command.", "undo", "History"),
    Entry("redo", "Do again what was taken back.", "redo", "History"),
)

_HOUSE = (
    Entry("init", "Create the store and a commented configuration.", "init", "House"),
    Entry("demo", "Build a sample workspace and show it.", "demo", "House"),
    Entry(
        "config",
        "Settings, and where everything lies.",
        "config",
        "House",
        verbs=(
            _read("path", "Print where files and folders lie."),
            _read("get", "Print settings and where they come from."),
            Entry("set", "Set a setting, or put it back to its default."),
            Entry("edit", "Open the configuration in your editor."),
            _read("check", "Check the configuration."),
        ),
    ),
    Entry(
        "secret",
        "Passwords of accounts: where they are kept.",
        "secret",
        "House",
        verbs=(
            Entry("set", "Keep the password of an account."),
            Entry("status", "Show where secrets come from."),
            Entry("rm", "Forget the password of an account."),
        ),
    ),
    Entry("sync", "Keep calendars and address books of a server in step.", "sync", "House"),
    Entry("tick", "Run what is due: what recurs, rules by time, scheduled reports, deliveries.", "tick", "House"),
    Entry(
        "cron",
        "Let cron or systemd run what is due.",
        "cron",
        "House",
        verbs=(
            _read("show", "Print the lines for cron, or the units for systemd."),
            Entry("check", "Tell what cron would do now, and what keeps it from that."),
        ),
    ),
    Entry("check", "Verify the business invariants of the store.", "check", "House", reads=True),
    Entry("doctor", "Examine the environment and the store.", "doctor", "House", reads=True),
    Entry(
        "schema",
        "The schema, for programs.",
        "schema",
        "House",
        verbs=(
            _read("json", "Print the JSON Schema of a record."),
            _read("sql", "Print the tables of the store."),
            _read("diagram", "Print the entities and their links as a diagram."),
        ),
    ),
    Entry("help", "Explain a topic: exit-codes, conditions, dates, environment.", "help_topics", "House", reads=True),
    Entry("completion", "Print or install the completion script of a shell.", "completion", "House", reads=True),
)

ROOT = Entry(
    "crm",
    "The CRM that lives in the terminal.",
    verbs=_EVERY_DAY + _RECORDS + (_CONSENT,) + _OWN_WORDS + _FIGURES + _FILES + _HISTORY + _HOUSE,
)
