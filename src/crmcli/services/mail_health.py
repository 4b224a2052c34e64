"""What stands between rules and the mail they send, as far as that can be told without a network or a keyring."""

from collections.abc import Iterator
from shutil import which

from crmcli.config.paths import Paths
from crmcli.config.sending import Account
from crmcli.config.settings import Settings
from crmcli.errors import ExternalError
from crmcli.integrations.secrets import NONE, of_account, source_of
from crmcli.services.findings import OK, WARNING, Finding

_ATTENDED = {"environment": "a variable of this shell", "keyring": "the keyring"}


def examine_accounts(paths: Paths, settings: Settings) -> Iterator[Finding]:
    """Yield one finding for each account: where it sends, and where its password comes from."""
    for account in settings.accounts.values():
        trouble, source = password_trouble(account, paths) if account.user else ("", "nobody logs in")
        where = f"{account.host}:{account.port} ({account.security}), {source}"
        yield Finding(f"account {account.name}", WARNING if trouble else OK, trouble or where)


def password_trouble(account: Account, paths: Paths, *, unattended: str = "") -> tuple[str, str]:
    """Return what is wrong with the password of an account, if anything, and where it comes from.

    ``unattended`` is the search path of who starts the program with no environment and no keyring, as cron does.
    """
    source = source_of(of_account(account), paths, asks_keyring=False)
    if unattended and source.kind in _ATTENDED:
        told = f"the password is in {_ATTENDED[source.kind]}, which cron does not have"
        return f"{told}: name a password_command, or crm secret set {account.name} --insecure-storage", ""
    if source.kind == NONE:
        return f"no password is known: crm secret set {account.name}", ""
    if source.kind == "command" and which(source.where, path=unattended or None) is None:
        return f"the password_command {source.where} cannot be found: crm config edit", ""
    if source.kind == "file":
        try:
            source.read(0)
        except ExternalError as error:
            return f"{error.message}: {error.hint}", ""
    return "", f"password from {source.kind}"
