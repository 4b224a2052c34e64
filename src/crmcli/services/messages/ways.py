"""Whether the settings name a way for messages to go out: an account for mail, a gateway or program for texts."""

from crmcli.config.settings import Settings

NO_ACCOUNT, NO_GATEWAY = "no_account", "no_gateway"


def hindrance(settings: Settings, kind: str) -> str:
    """Return why no message of a kind (email, sms) can go out at all, empty when they can: a stable word."""
    if kind == "email":
        return "" if settings.accounts else NO_ACCOUNT
    return "" if settings.sms else NO_GATEWAY
