"""Where each entity's classes live; a module is imported only when its entity is written."""

from importlib import import_module
from typing import Any

from crmcli.model.record import Input

_CLASSES = {
    "lead": ("lead", "Lead"),
    "organization": ("organization", "Organization"),
    "contact": ("contact", "Contact"),
    "deal": ("deal", "Deal"),
    "pipeline": ("pipeline", "Pipeline"),
    "stage": ("pipeline", "Stage"),
    "task": ("task", "Task"),
    "event": ("event", "Event"),
    "interaction": ("interaction", "Interaction"),
    "ticket": ("ticket", "Ticket"),
    "ticket_comment": ("ticket", "TicketComment"),
    "tag": ("tag", "Tag"),
    "custom_field": ("custom_field", "CustomField"),
    "view": ("view", "View"),
    "subject": ("consent", "Subject"),
    "consent": ("consent", "Consent"),
    "target": ("target", "Target"),
    "currency_rate": ("currency_rate", "CurrencyRate"),
    "user": ("user", "User"),
}
ENTITIES = tuple(_CLASSES)


def input_class(entity: str) -> type[Input]:
    """Return the validated input of an entity, such as ``LeadBase``."""
    module, name = _CLASSES[entity]
    cls: type[Input] = getattr(import_module(f"crmcli.model.{module}"), f"{name}Base")
    return cls


def table_class(entity: str) -> Any:
    """Return the table class of an entity, such as ``Lead``."""
    module, name = _CLASSES[entity]
    return getattr(import_module(f"crmcli.model.{module}"), name)


def load_all() -> None:
    """Import every table, for migrations and for the generator of the catalogue."""
    for entity in ENTITIES:
        table_class(entity)
    import_module("crmcli.model.links")
    import_module("crmcli.model.journal")
    import_module("crmcli.model.automation")
    import_module("crmcli.model.syncing")
    import_module("crmcli.model.snapshot")
