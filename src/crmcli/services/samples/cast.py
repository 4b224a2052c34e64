"""Who plays in the sample workspace: invented companies, people and words. What happens to them is in ``workspace``.

Domains lie under those that RFC 2606 reserves, telephone numbers in ranges that nobody is given.
"""

from typing import NamedTuple


class Company(NamedTuple):
    """An invented organization."""

    name: str
    industry: str
    city: str
    country: str


class Question(NamedTuple):
    """What a customer asks: ``days`` ago, by a channel, with the answer or None, and how it ended or None.

    ``score`` is how satisfied the customer was; one ``is_reopened`` whose first solution did not last.
    """

    subject: str
    days: int
    priority: str
    channel: str
    topic: str
    text: str
    answer: str | None
    end: str | None
    score: int | None = None
    is_reopened: bool = False


COMPANIES = (
    Company("Alder & Finch Interiors", "Interior design", "Bristol", "GB"),
    Company("Bottega Lunari", "Leather goods", "Firenze", "IT"),
    Company("Cobalt Marine Works", "Shipbuilding", "Genova", "IT"),
    Company("Dunelight Textiles", "Textiles", "Porto", "PT"),
    Company("Emberly Kitchens", "Furniture", "Leeds", "GB"),
    Company("Fernwick Clinics", "Health care", "Lyon", "FR"),
    Company("Glashaus Studio", "Architecture", "Hamburg", "DE"),
    Company("Harbour Lane Books", "Publishing", "Cork", "IE"),
    Company("Isolaverde Vini", "Food and drink", "Alghero", "IT"),
    Company("Juniper Row Logistics", "Transport", "Rotterdam", "NL"),
    Company("Kestrelmoor Cycles", "Retail", "Utrecht", "NL"),
    Company("Lumeria Ottica", "Optics", "Belluno", "IT"),
    Company("Molino Serrapiana", "Food and drink", "Parma", "IT"),
    Company("Northgate Dental Group", "Health care", "Malmö", "SE"),
    Company("Officine Baldrani", "Engineering", "Bologna", "IT"),
    Company("Pinecrest Schools", "Education", "Graz", "AT"),
    Company("Quarrystone Tiles", "Building materials", "Liège", "BE"),
    Company("Riva Celeste Nautica", "Boat hire", "Como", "IT"),
    Company("Saltmarsh Pantry", "Food and drink", "Galway", "IE"),
    Company("Tessitura Contarelli", "Textiles", "Biella", "IT"),
    Company("Umbra Ceramics", "Ceramics", "Perugia", "IT"),
    Company("Velvet Hall Hotels", "Hospitality", "Wien", "AT"),
    Company("Willowbank Farms", "Agriculture", "Aarhus", "DK"),
    Company("Zenithal Lifts", "Engineering", "Torino", "IT"),
)
TRADES = ("retail", "hospitality", "services")  # of the leads' companies
NEWCOMERS = (  # the companies of leads
    "Amberline Bakery", "Brightwater Pools", "Cantiere Fossati", "Driftwood Yoga", "Elmstead Optics", "Fonderia Grandi",
    "Greyfriars Legal", "Hollow Oak Cider", "Ivory Key Pianos", "Jasper Point Cafés", "Kiteworks Toys",
    "Larkspur Events", "Mirabella Fiori", "Nightingale Radio", "Oleificio Terranova",
)  # fmt: skip
NEWCOMERS_BEFORE = (  # of the years before, the first two of which were won over
    ("Petra", "Lindqvist", "Ochre Lane Framing"), ("Tomas", "Verdi", "Velia Stampi"),
    ("Ines", "Duarte", "Tidewater Cafés"), ("Mikkel", "Borg", "Borg Ski Hire"), ("Rita", "Salvi", "Salvi Legnami"),
    ("Aled", "Morgan", "Rhiw Pottery"),
)  # fmt: skip
FIRST_NAMES = (
    "Anna", "Bruno", "Chiara", "Daniel", "Elena", "Felix", "Giulia", "Hannah", "Ivan", "Johanna", "Karim", "Laura",
    "Marco", "Nadia", "Oscar", "Paola", "Quentin", "Rosa", "Stefan", "Teresa", "Ugo", "Vera", "Walter", "Yasmin",
    "Zoe",
)  # fmt: skip
LAST_NAMES = (
    "Rossini", "Bergström", "Conti", "Dekker", "Esposito", "Fischer", "Greco", "Hansen", "Ivanova", "Jansen",
    "Kowalski", "Lombardi", "Moreau", "Novak", "O'Brien", "Pellegrini", "Quaranta", "Ricci", "Schneider", "Tanaka",
    "Urbani", "Vitale", "Weber", "Zanetti",
)  # fmt: skip
JOBS = ("Managing director", "Head of sales", "Office manager", "Head of IT", "Purchasing", "Marketing manager")
OFFERS = (  # what the consultant sells, and about how much it costs
    ("Website relaunch", 18_000), ("Data clean-up", 6_500), ("Sales training", 4_200), ("Annual support", 9_600),
    ("Shop migration", 27_000), ("Process review", 7_800), ("Newsletter set-up", 2_900),
    ("Reporting dashboard", 12_500),
)  # fmt: skip
SOURCES = ("referral", "website", "event", "linkedin", "cold_call", "partner")
REASONS = ("price", "timing", "competition", "unresponsive", "budget")
NEXT_STEPS = ("Send the offer", "Call about the dates", "Meet the team", "Wait for the budget", "Agree on the contract")
TALKS = (  # kind, what was said, outcome, minutes
    ("call", "Talked about what they need and by when", "connected", 20),
    ("email", "Sent references of two similar projects", None, None),
    ("meeting", "Walked through the offer; they like the fixed price", "done", 60),
    ("call", "No answer, left a message", "voicemail", 1),
    ("email", "Answered questions about the time plan", None, None),
    ("note", "Decision is with the board; it meets once a month", None, None),
    ("meeting", "Showed a first draft", "done", 45),
)
TODAY = (  # things to do: what, days from today, hour or None for the whole day, priority
    ("Send the offer", -5, None, "high"), ("Ask for the signed contract", -2, None, "normal"),
    ("Call back about the invoice", -1, 16, "urgent"), ("Prepare the workshop", 0, None, "high"),
    ("Call about the dates", 0, 17, "normal"), ("Write the case study", 0, None, "low"),
    ("Check the test data", 1, None, "normal"), ("Book the train", 1, 10, "low"),
    ("Follow up on the proposal", 2, 9, "high"), ("Send the reading list", 3, None, "low"),
    ("Review the draft", 4, None, "normal"), ("Ask for a reference", 6, None, "normal"),
    ("Plan the next quarter together", 9, 11, "normal"), ("Renew the support contract", 14, None, "high"),
)  # fmt: skip
DONE = ("Send the minutes", "Write the offer", "Collect the requirements", "Set up the project folder", "Send thanks")
MEETINGS = (  # title, days from today, hour, where
    ("Kick-off", -24, 10, "At the customer's"), ("Workshop: where the data comes from", -10, 9, "Video call"),
    ("Review of the first draft", -3, 15, "Video call"), ("Stand-up with the team", 0, 18, "Video call"),
    ("Product demo", 1, 11, "Video call"), ("Lunch with the board", 2, 13, "Trattoria da Elvira"),
    ("Contract negotiation", 5, 10, "At the customer's"), ("Training, first day", 8, 9, "At the customer's"),
)  # fmt: skip
QUESTIONS = (
    Question(
        "Cannot log in after the update",
        41,
        "high",
        "phone",
        "Access",
        "The page stays blank.",
        "Your browser kept an old copy; please reload with Ctrl-F5.",
        "fixed",
        5,
    ),
    Question(
        "Invoice shows the old address",
        30,
        "normal",
        "email",
        "Billing",
        "Can you correct it?",
        "A new one is sent.",
        "fixed",
        4,
    ),
    Question(
        "How do we add a user?",
        22,
        "low",
        "email",
        "Access",
        "We have a new colleague.",
        "Settings, Users, Invite.",
        "answered",
    ),
    Question(
        "Export has empty columns",
        15,
        "normal",
        "portal",
        "Data",
        "Only for customers abroad.",
        "Thanks, found it.",
        "fixed",
        3,
        True,
    ),
    Question(
        "Report differs from the list", 9, "high", "email", "Data", "By two records.", "We are looking into it.", None
    ),
    Question(
        "Please move our training",
        6,
        "normal",
        "phone",
        "Training",
        "The week after would suit us.",
        "Which day?",
        None,
    ),
    Question(
        "Newsletter goes to junk mail",
        4,
        "urgent",
        "email",
        "Mail",
        "Several readers told us.",
        "We check the records.",
        None,
    ),
    Question("Second language for the shop", 2, "low", "portal", "Shop", "What would Dutch cost?", None, None),
    Question("Slow on Monday mornings", 1, "normal", "chat", "Access", "It takes a minute to open.", None, None),
)
QUESTIONS_BEFORE = (  # of the years before
    Question(
        "Password does not reach us",
        900,
        "high",
        "email",
        "Access",
        "The mail never comes.",
        "It was in junk.",
        "fixed",
        4,
    ),
    Question(
        "Where is the manual?", 770, "low", "email", "Training", "We cannot find it.", "Help, Documents.", "answered", 5
    ),
    Question(
        "Totals are off by a cent",
        610,
        "normal",
        "portal",
        "Data",
        "Only with VAT.",
        "Rounded once now.",
        "fixed",
        3,
        True,
    ),
    Question(
        "Please add a second shop",
        480,
        "normal",
        "phone",
        "Shop",
        "What would it take?",
        "About two weeks.",
        "answered",
        5,
    ),
    Question("Backup mail every night", 405, "low", "email", "Mail", "Once a week is enough.", "Changed.", "fixed", 4),
)
TARGETS = (("won_amount", "90000", False), ("activities", "60", True))  # metric, value, whether it is one's own
