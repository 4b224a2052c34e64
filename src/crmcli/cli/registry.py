"""The command tree as plain data: help, completion and "did you mean" come from here without importing a command.

Each command of the table lives in a module of ``crmcli.cli`` whose ``app`` (a ``typer.Typer``) registers it under the
same name, its docstring beginning with the summary given here; a test holds the two together.
"""

from crmcli.cli.entries import Entry, configured, reading, record
from crmcli.reports.index import REPORTS

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
    Entry("tui", "The day and the pipeline on the whole screen.", "tui", "Every day"),
    Entry(
        "follow",
        "Whom to contact every so often, and who is due.",
        "follow",
        "Every day",
        verbs=(
            Entry("set", "Follow records: contact them every so often."),
            Entry("stop", "Follow records no more, whatever the configuration says."),
            reading("due", "List whom to contact, the most pressing first."),
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
        reading("show", "Show what a person has consented to, and the ledger."),
        reading("list", "List the events of the ledger."),
    ),
)
_RECORDS = (
    record(
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
    record(
        "org",
        "Companies: customers, partners, competitors.",
        "an organization",
        "organizations",
        Entry("merge", "Merge organizations into the first."),
    ),
    record(
        "contact",
        "People, alone or in organizations.",
        "a contact",
        "contacts",
        Entry("merge", "Merge contacts into the first."),
    ),
    record(
        "deal",
        "Opportunities, and where they stand.",
        "a deal",
        "deals",
        Entry("move", "Move deals to a stage."),
        Entry("win", "Close deals as won."),
        Entry("lose", "Close deals as lost, with the reason."),
        Entry("reopen", "Open a closed deal again."),
        reading("why", "Tell how likely a deal is to be won, and why.", "deal_why"),
    ),
    record(
        "task",
        "Things to do.",
        "a task",
        "tasks",
        reading("due", "List overdue and due tasks, overdue first."),
        Entry("done", "Complete tasks."),
        Entry("snooze", "Put tasks off."),
        Entry("cancel", "Cancel tasks."),
    ),
    record("event", "Appointments.", "an event", "events", Entry("cancel", "Call events off.")),
    Entry(
        "log",
        "Calls, mails, meetings, notes: what was said and when.",
        "log",
        "Records",
        verbs=(
            *(Entry(kind, f"Log {what}.") for kind, what in LOG_KINDS.items()),
            reading("list", "List interactions."),
            reading("show", "Show an interaction, whole."),
            Entry("edit", "Change an interaction, or many by a condition."),
            Entry("rm", "Remove interactions."),
            Entry("restore", "Bring removed interactions back."),
        ),
    ),
    Entry(
        "ticket",
        "Requests for help.",
        "ticket",
        "Records",
        verbs=(
            Entry("open", "Open a ticket."),
            reading("list", "List tickets."),
            reading("show", "Show a ticket, whole."),
            Entry("edit", "Change a ticket, or many by a condition."),
            Entry("reply", "Answer the customer."),
            Entry("note", "Add a note that the customer does not see."),
            Entry("assign", "Hand tickets to somebody."),
            Entry("resolve", "Mark tickets as resolved."),
            Entry("close", "Close tickets."),
            Entry("reopen", "Open tickets again."),
            Entry("rm", "Remove tickets."),
            Entry("restore", "Bring removed tickets back."),
        ),
    ),
)

_OWN_WORDS = (
    configured(
        "pipeline",
        "Pipelines and their stages.",
        reading("list", "List pipelines."),
        reading("show", "Show a pipeline with its stages."),
        Entry("add", "Add a pipeline."),
        Entry("edit", "Change a pipeline or its stages."),
        Entry("rm", "Remove a pipeline."),
    ),
    configured(
        "tag",
        "Tags.",
        Entry("add", "Tag records."),
        Entry("rm", "Take tags off records."),
        reading("list", "List tags."),
    ),
    configured(
        "field",
        "Custom fields.",
        Entry("add", "Add a custom field."),
        reading("list", "List fields, custom ones included."),
        Entry("edit", "Change a custom field."),
        Entry("rm", "Remove a custom field."),
    ),
    configured(
        "view",
        "Saved views: a condition, columns and an order under a name.",
        Entry("save", "Save a view."),
        reading("list", "List views."),
        reading("show", "Show what a view holds."),
        Entry("rm", "Remove a view."),
    ),
    configured(
        "target",
        "Targets: what is to be reached in a period.",
        Entry("add", "Add a target."),
        reading("list", "List targets."),
        reading("show", "Show a target, whole."),
        Entry("edit", "Change a target, or many by a condition."),
        Entry("rm", "Remove targets."),
    ),
    configured(
        "rate",
        "Exchange rates: what other currencies are worth.",
        Entry("add", "Add a rate, from a day on."),
        reading("list", "List rates."),
        Entry("edit", "Change a rate, or many by a condition."),
        Entry("rm", "Remove rates."),
    ),
    configured(
        "user",
        "People who own records.",
        Entry("add", "Add a user."),
        reading("list", "List users."),
        Entry("edit", "Change a user."),
    ),
    configured(
        "rule",
        "Rules that act on changes.",
        reading("list", "List rules."),
        reading("check", "Check rule files."),
        Entry("run", "Run a rule on records.", "rule_running"),
        Entry("enable", "Let a rule act again.", "rule_switching"),
        Entry("disable", "Keep rules from acting.", "rule_switching"),
        Entry("test", "Try rules, and change nothing.", "rule_test"),
        reading("why", "Tell why rules did or did not act on a record.", "rule_tools"),
        Entry("new", "Begin a rule.", "rule_tools"),
        reading("runs", "List what rules did, the newest first.", "rule_runs"),
        Entry("retry", "Send again what failed or was blocked.", "rule_runs"),
        Entry("trust", "Let a rule file send something outside.", "rule_trust"),
    ),
)

_FIGURES = (
    Entry(
        "lifecycle",
        "Phases of customers, proposed from what they do.",
        "lifecycle",
        "Figures",
        verbs=(
            reading("propose", "List customers whose behaviour speaks for another phase."),
            Entry("apply", "Give customers the phases that are proposed."),
            reading("show", "Tell in which phase a customer is, since when, and why."),
        ),
    ),
    Entry(
        "report",
        "Figures: pipeline, results, key indicators.",
        "report",
        "Figures",
        verbs=(
            reading("list", "List reports."),
            reading("show", "Show how a report is computed."),
            reading("check", "Check the reports of your own.", "report_own"),
            Entry("new", "Begin a report of your own.", "report_own"),
            *(reading(item.name, item.summary, f"report_{item.area}") for item in REPORTS.values()),
            Entry("snapshot", "Keep what the forecast is today.", "report_snapshot"),
        ),
        own="report_own",
    ),
    Entry("sql", "Ask the store in SQL, and change nothing.", "sql", "Figures", reads=True),
    Entry("pivot", "Records of any noun as a grid of rows and columns, with totals.", "pivot", "Figures", reads=True),
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
            reading("list", "List imports.", "import_jobs"),
            reading("show", "Show the receipt of an import.", "import_jobs"),
            Entry("undo", "Take an import back.", "import_jobs"),
            Entry("resume", "Go on with an import in batches that was stopped.", "import_jobs"),
            Entry(
                "preset",
                "Mappings of columns to fields.",
                "import_preset",
                verbs=(
                    reading("list", "List presets."),
                    reading("show", "Show the mapping of a preset."),
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
            *(reading(noun, f"Export {many}.") for noun, many in _IMPORTED.items()),
            reading("ics", "Export events, tasks and expected closes as one calendar.", "export_feed"),
            reading("all", "Export everything."),
            reading("warehouse", "Export facts and dimensions for other programs to reckon with.", "export_warehouse"),
        ),
    ),
    Entry(
        "dedupe",
        "Duplicates: found, told apart, merged.",
        "dedupe",
        "Files",
        verbs=(
            reading("scan", "List records that may be one, the likeliest first."),
            Entry("merge", "Merge records of one kind into the first."),
            Entry("ignore", "Remember that two records are not duplicates."),
            Entry("unignore", "Forget that two records are not duplicates."),
            reading("ignored", "List the pairs that are not duplicates."),
        ),
    ),
    Entry(
        "backup",
        "Copies of the store.",
        "backup",
        "Files",
        verbs=(
            Entry("create", "Make a backup."),
            reading("list", "List backups."),
            reading("verify", "Restore a backup on trial and check it."),
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
            reading("path", "Print where files and folders lie."),
            reading("get", "Print settings and where they come from."),
            Entry("set", "Set a setting, or put it back to its default."),
            Entry("edit", "Open the configuration in your editor."),
            reading("check", "Check the configuration."),
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
    Entry("tick", "Run what is due: recurring tasks, rules, reports, deliveries.", "tick", "House"),
    Entry(
        "cron",
        "Let cron or systemd run what is due.",
        "cron",
        "House",
        verbs=(
            reading("show", "Print the lines for cron, or the units for systemd."),
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
            reading("json", "Print the JSON Schema of a record."),
            reading("sql", "Print the tables of the store."),
            reading("diagram", "Print the entities and their links as a diagram."),
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
