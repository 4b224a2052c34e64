"""Opens an address with a program of the user's choice: by a list of arguments, never by a shell."""

import subprocess
from collections.abc import Sequence

from crmcli.domain.webs import is_url
from crmcli.errors import CrmError


def open_with(argv: Sequence[str], address: str) -> None:
    """Start the program on a mail or web address and do not wait for it; CrmError when it cannot be started.

    Of a record's text only an e-mail address, which becomes ``mailto:``, and web addresses get that far: no other
    scheme, and nothing that the program could take for an option.
    """
    try:
        subprocess.Popen(  # noqa: S603 - the user's own words
            [*argv, _url_of(address)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise CrmError(f"{argv[0]} does not start: {error.strerror}", hint="opener of [tui] in the settings") from None


def _url_of(address: str) -> str:
    if "@" in address and "://" not in address:
        from urllib.parse import quote

        return f"mailto:{quote(address, safe='@+.')}"
    if not is_url(address):
        raise CrmError("that is no mail or web address", code="address.strange")
    if "://" not in address:
        return f"https://{address}"
    if not address.casefold().startswith(("https://", "http://")):
        raise CrmError("only web addresses are opened, of http and https", code="address.strange")
    return address
