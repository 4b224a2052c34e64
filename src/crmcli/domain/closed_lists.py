"""The closed lists of the product: values, their kind, labels, Italian words and the names other products use.

A value is stored and printed by its key, which is never translated or renamed; labels and aliases only help people
and imports. ``kind`` says how the program treats a value, so that reports and rules test the kind and not the value:
open, won, lost for what is sold; open, paused, done for what is served; dropped for what was given up.
Lists a user can edit (stages, tags) and what an import does with an unknown value do not belong here.
"""

from typing import NamedTuple

from crmcli.domain.kpis import TARGETED


class Choice(NamedTuple):
    """One value of a closed list."""

    key: str
    kind: str = ""
    label: str = ""
    italian: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


def _choice(key: str, italian: str = "", aliases: str = "", *, kind: str = "", label: str = "") -> Choice:
    label = label or key.replace("_", " ").capitalize()
    return Choice(key, kind, label, _words(italian), _words(aliases))


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split(", ")) if text else ()


ENUMS: dict[str, tuple[Choice, ...]] = {
    "lead_status": (
        _choice(
            "new",
            "nuovo, da contattare",
            "Assigned, Not Contacted, Open, Open - Not Contacted, New Lead",
            kind="open",
        ),
        _choice("contacting", "in contatto", "Attempted to Contact, Working, Working - Contacted", kind="open"),
        _choice("contacted", "contattato", "Connected, In Process, In Progress", kind="open"),
        _choice(
            "nurturing",
            "da coltivare, in coltivazione",
            "Nurture, Recycled, Bad Timing, Contact in Future, Re-engagement, On Hold",
            kind="open",
        ),
        _choice("qualified", "qualificato", "Pre-Qualified, Open Deal", kind="open"),
        _choice("converted", "convertito", "Closed - Converted", kind="won"),
        _choice(
            "unqualified",
            "non qualificato",
            "Disqualified, Dead, Lost Lead, Not Qualified, Closed - Not Converted",
            kind="lost",
        ),
        _choice("junk", "spazzatura, non valido", "Junk Lead, Spam", kind="lost"),
    ),
    "rating": (
        _choice("hot", "caldo", "A, High"),
        _choice("warm", "tiepido", "B, Medium"),
        _choice("cold", "freddo", "C, Low"),
    ),
    "source": (
        _choice("website", "sito web, sito", "Web Site, Web, Direct Traffic, Organic Search, SEO, Content Marketing"),
        _choice("form", "modulo", "Web Form, Website Form, Landing Page"),
        _choice("email", "posta elettronica", "E-mail, Email Marketing, Cold Email, Newsletter", label="E-mail"),
        _choice("phone", "telefono, chiamata", "Call, Phone Inquiry"),
        _choice("cold_call", "chiamata a freddo", "Cold Calling, Telemarketing, Telesales"),
        _choice("walk_in", "visita in sede"),
        _choice(
            "referral",
            "passaparola, segnalazione",
            "Word of mouth, Reference, External Referral, Employee Referral, Customer Referral",
        ),
        _choice("customer", "già cliente", "Existing Customer", label="Existing customer"),
        _choice("partner", "partner, rivenditore", "Partner Program, Reseller"),
        _choice("employee", "dipendente"),
        _choice("self_generated", "generato dal venditore", "Offline Sources", label="Self-generated"),
        _choice(
            "event",
            "fiera, evento",
            "Trade Show, Conference, Exhibition, Seminar, Webinar, Webinars, Networking Event",
        ),
        _choice(
            "ads", "pubblicità", "Advertisement, Paid Search, Google Ads, Facebook Ads, Retargeting Ads, Banner Ads"
        ),
        _choice("social", "social", "Social Media, Facebook, Paid Social, Organic Social", label="Social media"),
        _choice("linkedin", "", "LinkedIn Outreach", label="LinkedIn"),
        _choice("direct_mail", "posta", "Mail"),
        _choice("press", "stampa", "Public Relations, Podcast"),
        _choice("campaign", "campagna", "Other Campaigns"),
        _choice("chat", "chat", "Chatbot"),
        _choice("list", "lista acquistata", "Purchased List", label="Purchased list"),
        _choice("other", "altro"),
    ),
    "lifecycle_stage": (
        _choice("subscriber", "iscritto"),
        _choice("lead", "lead"),
        _choice("mql", "lead qualificato marketing", "marketingqualifiedlead", label="Marketing qualified lead"),
        _choice("sql", "lead qualificato vendite", "salesqualifiedlead", label="Sales qualified lead"),
        _choice("opportunity", "opportunità"),
        _choice("customer", "cliente"),
        _choice("evangelist", "ambasciatore", "promoter"),
        _choice("other", "altro"),
    ),
    "lifecycle_phase": (
        _choice("awareness", "conoscenza"),
        _choice("exploration", "esplorazione"),
        _choice("expansion", "espansione"),
        _choice("commitment", "impegno"),
        _choice("dissolution", "dissoluzione"),
    ),
    "organization_type": (
        _choice("prospect", "potenziale", "Potential, Potential Customer"),
        _choice("customer", "cliente", "Client, Active"),
        _choice("former_customer", "ex cliente", "Churned, Inactive"),
        _choice("partner", "partner", "Integrator"),
        _choice("reseller", "rivenditore"),
        _choice("supplier", "fornitore", "Vendor"),
        _choice("competitor", "concorrente"),
        _choice("other", "altro", "Analyst, Investor, Press"),
    ),
    "contact_type": (
        _choice("prospect", "potenziale", "Potential, Potential Customer"),
        _choice("customer", "cliente", "Client, Active"),
        _choice("former_customer", "ex cliente", "Churned, Inactive"),
        _choice("partner", "partner", "Integrator"),
        _choice("supplier", "fornitore", "Vendor"),
        _choice("other", "altro", "Analyst, Investor, Press"),
    ),
    "deal_outcome": (
        _choice("open", "aperta", kind="open"),
        _choice("won", "chiusa vinta, vinta", "Closed Won", kind="won"),
        _choice("lost", "chiusa persa, persa", "Closed Lost, Closed Dead, Closed Lost to Competition", kind="lost"),
    ),
    "stage_kind": (
        _choice("open", "aperta", kind="open"),
        _choice("won", "vinta", kind="won"),
        _choice("lost", "persa", kind="lost"),
    ),
    "deal_type": (
        _choice("new", "nuovo cliente", "New Business, New Customer, Opportunity", label="New business"),
        _choice("existing", "cliente esistente", "Existing Business", label="Existing business"),
        _choice("upsell", "up selling", "Existing Customer - Upgrade"),
        _choice("renewal", "rinnovo"),
    ),
    "probability_source": (
        _choice("stage", "fase"),
        _choice("manual", "manuale"),
        _choice("auto", "automatica", "Automatic"),
    ),
    "forecast_category": (
        _choice("pipeline"),
        _choice("best_case"),
        _choice("commit"),
        _choice("closed", "chiusa"),
        _choice("omitted", "esclusa"),
    ),
    "deal_contact_role": (
        _choice(
            "decision_maker",
            "decisore",
            "Primary Decision Maker, Business Decision Maker, Technical Decision Maker",
        ),
        _choice("economic_buyer", "responsabile budget"),
        _choice("technical_evaluator", "valutatore tecnico"),
        _choice("business_evaluator", "valutatore economico", "Evaluator"),
        _choice("sponsor", "sponsor", "Executive Sponsor"),
        _choice("influencer", "influenzatore"),
        _choice("user", "utilizzatore"),
        _choice("other", "altro"),
    ),
    "lost_reason": (
        _choice("price", "prezzo", "Pricing"),
        _choice("competition", "concorrenza", "Competitor"),
        _choice("budget", "budget", "Budget Constraints, No Budget"),
        _choice("missing_feature", "funzione mancante", "Missing Features"),
        _choice("poor_fit", "non adatto", "Product Fit"),
        _choice("timing", "tempi", "Bad Timing, Long Sales Cycle"),
        _choice("no_decision_maker", "manca il decisore"),
        _choice("unresponsive", "non risponde", "Unresponsive Prospect, No Response"),
        _choice("no_interest", "non interessato", "Lost Interest, Not Interested"),
        _choice("duplicate", "doppione"),
        _choice("junk", "non valido", "Spam, Invalid"),
        _choice("other", "altro"),
        _choice("unknown", "sconosciuto"),
    ),
    "task_status": (
        _choice("todo", "da fare", "Not Started, Backlog, Planned", kind="open", label="To do"),
        _choice("doing", "in corso", "Started, In Progress", kind="open"),
        _choice("waiting", "in attesa", "Pending Input, Waiting on someone else, Deferred", kind="open"),
        _choice("done", "completato, fatto", "Completed, Held", kind="done"),
        _choice("cancelled", "annullato", "Canceled, Not Held", kind="dropped"),
    ),
    "priority": (
        _choice("low", "bassa", "P3"),
        _choice("normal", "normale, media", "Medium, P2"),
        _choice("high", "alta", "P1"),
        _choice("urgent", "urgente", "Critical"),
    ),
    "event_status": (
        _choice("planned", "pianificato", "Scheduled, Rescheduled", kind="open"),
        _choice("held", "svolto", "Completed", kind="done"),
        _choice("not_held", "non svolto", "No Show", kind="dropped"),
        _choice("cancelled", "annullato", "Canceled", kind="dropped"),
    ),
    "event_visibility": (
        _choice("private", "privato"),
        _choice("team", "gruppo"),
        _choice("public", "pubblico"),
    ),
    "attendee_response": (
        _choice("none", "nessuna", "Needs-Action", label="No answer"),
        _choice("accepted", "accettato"),
        _choice("tentative", "provvisorio"),
        _choice("declined", "rifiutato"),
    ),
    "log_kind": (
        _choice("call", "chiamata, telefonata"),
        _choice("email", "posta elettronica", label="E-mail"),
        _choice("sms", "messaggio", label="SMS"),
        _choice("meeting", "incontro, riunione"),
        _choice("chat", "chat"),
        _choice("social", "social", "Social Media", label="Social media"),
        _choice("forum", "forum"),
        _choice("web", "web"),
        _choice("letter", "lettera"),
        _choice("visit", "visita"),
        _choice("form", "modulo"),
        _choice("note", "nota"),
    ),
    "log_direction": (
        _choice("in", "in entrata", "Inbound", label="Incoming"),
        _choice("out", "in uscita", "Outbound", label="Outgoing"),
    ),
    "log_outcome": (
        _choice("connected", "risposto"),
        _choice("no_answer", "nessuna risposta"),
        _choice("busy", "occupato"),
        _choice("voicemail", "segreteria", "Left Voicemail"),
        _choice("wrong_number", "numero errato"),
        _choice("done", "svolto", "Completed"),
        _choice("no_show", "non presentato"),
    ),
    "rule_state": (_choice("enabled", "attiva"), _choice("disabled", "disattivata"), _choice("tripped", "scattata")),
    "ticket_status": (
        _choice("new", "nuovo", "Open_New, Assigned, Open_Assigned", kind="open"),
        _choice("open", "aperto", "In Progress, Waiting on us, Replied", kind="open"),
        _choice(
            "waiting_customer",
            "in attesa del cliente",
            "Pending, Open_Pending Input, Wait For Response, Waiting on contact",
            kind="paused",
            label="Waiting for the customer",
        ),
        _choice("on_hold", "sospeso", "Hold", kind="paused"),
        _choice("resolved", "risolto", "Solved", kind="done"),
        _choice("closed", "chiuso", "Closed_Closed, Rejected, Duplicate", kind="done"),
    ),
    "ticket_resolution_code": (
        _choice("fixed", "corretto"),
        _choice("answered", "risposto"),
        _choice("rejected", "respinto", "Closed_Rejected"),
        _choice("duplicate", "doppione", "Closed_Duplicate"),
        _choice("wont_fix", "non si corregge", label="Won't fix"),
        _choice("spam", "indesiderato"),
    ),
    "ticket_type": (
        _choice("question", "domanda"),
        _choice("incident", "incidente"),
        _choice("problem", "problema"),
        _choice("request", "richiesta", "Feature"),
        _choice("billing", "fatturazione", "Administration"),
    ),
    "ticket_severity": (
        _choice("minor", "minore"),
        _choice("major", "maggiore"),
        _choice("critical", "critica"),
    ),
    "ticket_channel": (
        _choice("portal", "portale", "Web, From Portal"),
        _choice("email", "posta elettronica", label="E-mail"),
        _choice("phone", "telefono"),
        _choice("chat", "chat"),
        _choice("sms", "messaggio", label="SMS"),
        _choice("social", "social", "Social Media", label="Social media"),
        _choice("form", "modulo"),
        _choice("api", "", label="API"),
        _choice("manual", "manuale"),
    ),
    "comment_visibility": (
        _choice("public", "pubblico", "Portal Viewable"),
        _choice("internal", "interno"),
    ),
    "email_status": (
        _choice("ok", "valido", "Valid", label="OK"),
        _choice("soft_bounce", "respinto temporaneamente", "Soft Bounced"),
        _choice("hard_bounce", "respinto", "Hard Bounced"),
        _choice("invalid", "non valido"),
    ),
    "consent_action": (
        _choice("notice_read", "informativa letta"),
        _choice("grant", "consenso", "Opt In, Opt-In, Confirmed Opt-In, Subscribed"),
        _choice("withdraw", "revoca", "Opt Out, Opt-Out, Email Opt Out, Unsubscribed"),
        _choice("expire", "scadenza"),
        _choice("object", "opposizione"),
    ),
    "consent_purpose": (
        _choice("marketing"),
        _choice("newsletter"),
        _choice("profiling", "profilazione"),
        _choice("third_party", "terzi", label="Third parties"),
        _choice("service", "servizio"),
    ),
    "consent_channel": (
        _choice("email", "posta elettronica", label="E-mail"),
        _choice("sms", "messaggio", label="SMS"),
        _choice("phone", "telefono"),
        _choice("post", "posta"),
        _choice("social", "social", label="Social media"),
        _choice("any", "ogni canale"),
    ),
    "consent_basis": (
        _choice("consent", "consenso"),
        _choice("contract", "contratto"),
        _choice("legal_obligation", "obbligo di legge"),
        _choice("vital_interest", "interesse vitale", "protection_of_interest"),
        _choice("public_interest", "interesse pubblico"),
        _choice("legitimate_interest", "legittimo interesse"),
    ),
    "consent_origin": (
        *(_choice(key) for key in ("website", "form", "phone", "email", "paper")),
        _choice("in_person", "di persona", "given_to_user"),
        _choice("third_party", "terzi", label="Third parties"),
        _choice("import"),
    ),
    "consent_state": (
        _choice("granted", "concesso"),
        _choice("withdrawn", "revocato"),
        _choice("none", "nessuno"),
    ),
    "target_metric": tuple(map(_choice, TARGETED)),
    "period": (_choice("month", "mese", "Monthly"), _choice("year", "anno", "Yearly, Annual")),
    "recur_mode": (_choice("schedule", "a calendario"), _choice("after_done", "dopo il completamento")),
    "field_type": (
        _choice("text", "testo"),
        _choice("int", "intero", "Integer", label="Whole number"),
        _choice("decimal", "decimale", "Number"),
        _choice("money", "importo", "Currency"),
        _choice("bool", "sì o no", "Boolean, Checkbox", label="Yes or no"),
        _choice("date", "data"),
        _choice("datetime", "data e ora", label="Date and time"),
        _choice("enum", "scelta", "Picklist", label="Choice"),
        _choice("multi_enum", "scelta multipla", "Multi Picklist", label="Several choices"),
        _choice("email", "posta elettronica", label="E-mail"),
        _choice("phone", "telefono"),
        _choice("url", "indirizzo web", label="Web address"),
        _choice("ref", "riferimento", label="Reference"),
        _choice("json", "", label="JSON"),
    ),
    "view_kind": (_choice("list", "elenco"), _choice("board", "lavagna"), _choice("pivot", "pivot")),
}
