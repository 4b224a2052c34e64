"""The configuration file that ``crm init`` writes: every setting, explained, and none of them set."""

from crmcli.config.settings import SETTINGS, Setting, Value

_HEAD = """\
# Settings of crm. Every line is a comment: take the # away to set a value,
# or type `crm config set KEY VALUE`. `crm config check` tells about mistakes.
"""
_TABLES = """
# Business hours, in which the service on tickets is measured. A day without hours is a day off.
# Its hours are local; zone = "Europe/Rome" sets them in another zone than yours.
# [calendar]
# monday = ["09:00-13:00", "14:00-18:00"]
# tuesday = ["09:00-13:00", "14:00-18:00"]
# wednesday = ["09:00-13:00", "14:00-18:00"]
# thursday = ["09:00-13:00", "14:00-18:00"]
# friday = ["09:00-13:00", "14:00-18:00"]
# holidays = ["2026-12-25", "2026-12-26"]
# exceptions = { "2026-12-24" = ["09:00-13:00"] }

# Calendars that are only shown, beside the events of the store: a file or folder, or an address that is fetched.
# [[calendar.foreign]]
# name = "Holidays"
# path = "~/calendars/holidays.ics"

# [[calendar.foreign]]
# name = "Team"
# url = "https://example.com/team.ics"
# every = "1h"
# private = false

# Calendars and address books of a server that crm sync keeps in step, each under a name of its own. The password is
# kept elsewhere: crm secret set dav. events, tasks and contacts: which new records are sent, a condition or true or
# false. private: the server may be on one's own net.
# [[calendar.account]]
# name = "dav"
# url = "https://dav.example.com/anna/office/"
# user = "anna"
# password_command = ["pass", "show", "dav/password"]
# events = "visibility = public"
# tasks = true

# [[contacts.account]]
# name = "people"
# url = "https://dav.example.com/anna/contacts/"
# user = "anna"
# contacts = true

# Service levels, in hours of business time: one [[sla]] each, for the organizations (names, domains or refs),
# tags of an organization or ticket categories that it names, or for all other tickets when it names none.
# A priority may have budgets of its own. at_risk: the last percent of a budget that call for attention.
# [[sla]]
# name = "standard"
# first_response = "4h"
# resolution = "16h"
# at_risk = 20
# urgent = { first_response = "1h", resolution = "8h" }

# [[sla]]
# name = "gold"
# organizations = ["acme.example", "O3"]
# tags = ["vip"]
# categories = ["outage"]
# first_response = "30min"
# resolution = "4h"

# The fields that a record should not lack, which `crm report completeness` counts; custom ones as custom.NAME.
# [completeness]
# lead = ["email", "phone", "company_name", "source", "owner"]
# org = ["domain", "industry", "city", "country", "owner"]
# contact = ["email", "phone", "organization", "job_title", "owner"]
# deal = ["amount", "expected_close", "contact", "source", "owner"]

# When a customer counts as lost (days without a purchase, or "own": twice the customer's own interval), for how many
# years one is counted on at most, what percent of a purchase is left, and the bounds of the scores for recency in days,
# frequency and value where there are fewer than 25 customers. Purchases are the deals that were won.
# [customers]
# purchase_source = "deal"
# churn_after = "365d"
# max_years = 5
# margin = 30
# recency = [30, 90, 180, 365]
# frequency = [2, 3, 4, 6]
# value = [1000, 5000, 20000, 50000]

# How often everybody with a tag, in a stage of the funnel or in a tier (the rating) is to be contacted. The shortest
# counts, and before all what `crm follow REF --every 2w` said of the record itself.
# [follow]
# tags = { vip = "2w" }
# stages = { customer = "1m" }
# tiers = { hot = "1w" }

# When a relationship changes its phase, which `crm lifecycle propose` shows; daily: crm tick gives customers the phases
# proposed, except those that a person chose. A customer is lost after so many times the own interval between purchases
# (so many days with fewer than three purchases), and committed with so many purchases in a year.
# [lifecycle]
# daily = true
# dissolution_intervals = 2
# dissolution_days = 365
# commitment_purchases = 4

# Accounts that rules send mail from, each under a name of its own. The password is kept elsewhere: crm secret set work.
# security: tls (port 465), starttls (587), or none for a server on this machine. Without user nobody logs in.
# [accounts.work]
# from = "Acme <info@example.com>"
# host = "smtp.example.com"
# port = 465
# security = "tls"
# user = "info@example.com"
# password_command = ["pass", "show", "mail/work"]

# Which account mail goes from when there are several, and how many mails may go to people outside in one day.
# [mail]
# account = "work"
# per_day = 200
# per_domain = 50

# Reports that crm tick mails at the times of a cron line: minute hour day month weekday. What was missed is mailed
# late, and once. options: noun, period, by, where, as crm report takes them.
# [[report.schedule]]
# name = "friday-figures"
# report = "kpi"
# options = { period = "this-week", by = "owner" }
# to = ["anna@example.com"]
# cron = "0 16 * * fri"

# The panels of crm report dashboard, in their order; by itself it shows the usual ones. A panel takes what its report
# takes.
# [[dashboard]]
# report = "kpi"
# keys = ["won_amount", "win_rate"]
# compare = "previous"
# [[dashboard]]
# report = "won"
# title = "Won by source"
# period = "this-year"
# by = "source"
# top = 5
# [[dashboard]]
# report = "stale"
# noun = "deal"

# How crm tui looks (dark, light, high-contrast, monochrome) and what opens mail and web addresses. Its keys: keys.toml.
# [tui]
# theme = "dark"
# opener = ["xdg-open"]

# What sends text messages: the address of a gateway, or a program of the hooks folder as command = ["sms.py"].
# [sms]
# url = "https://sms.example.com/send"
# per_day = 50

# How far rules may reach. send: mails and text messages go out; until then they are only recorded. hosts: where web
# hooks may go; http_hosts may do without TLS, private_hosts may be on this machine or its network. notify: the command
# that shows a notice on the desktop.
# [rules]
# send = true
# hosts = ["hooks.example.com"]
# http_hosts = ["localhost"]
# private_hosts = ["localhost"]
# notify = ["notify-send", "crm"]

# What crm remind tells about: tasks, events, next steps of deals and leads, people to follow up, deals that stand still
# too long, tickets whose service level is at risk or broken. before: when an event is told of that has no reminders of
# its own, beside the morning of its day. day_from: from which hour on what belongs to a day is told.
# [remind]
# kinds = ["task", "event", "next_step", "follow_up", "idle", "ticket"]
# before = ["15min"]
# day_from = "00:00"
"""


def template() -> str:
    """Return the text of a configuration file that sets nothing and documents everything."""
    settings = "".join(
        f"\n# {_explained(setting)}\n# {setting.key} = {_toml(_example(setting))}\n" for setting in SETTINGS.values()
    )
    return _HEAD + settings + _TABLES


def _explained(setting: Setting) -> str:
    choices = f" One of {', '.join(setting.choices)}." if setting.choices else ""
    unset = {"system": " Unset: the zone of this machine.", "login": " Unset: your login name."}.get(setting.origin, "")
    return f"{setting.help}{choices}{unset}"


def _example(setting: Setting) -> Value:
    return setting.default if setting.default != "" else {"timezone": "Europe/Rome", "user": "anna"}[setting.key]


def _toml(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)
