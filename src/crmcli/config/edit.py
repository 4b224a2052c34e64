"""Changes to the text of the configuration file that keep its comments, order and spacing.

Text in, text out: reading and writing the file, and telling the user, belong to the caller.
"""

import re

from crmcli.config.settings import Value, checked, find


def with_value(text: str, key: str, value: Value) -> str:
    """Return the text with a setting set; its commented-out line, if there is one, becomes the setting."""
    import tomlkit

    document = tomlkit.parse(text)
    value = checked(key, value)
    if key not in document:
        line = f"{key} = {tomlkit.item(value).as_string()}"
        revived, count = re.subn(rf"(?m)^#[ \t]*{key}[ \t]*=.*$", lambda _: line, text, count=1)
        if count and key in tomlkit.parse(revived):  # a comment below the head of a table would belong to the table
            return revived
    document[key] = value
    return tomlkit.dumps(document)


def without_value(text: str, key: str) -> str:
    """Return the text with a setting back to its default; unchanged if the text does not set it."""
    import tomlkit

    document = tomlkit.parse(text)
    document.pop(find(key).key, None)
    return tomlkit.dumps(document)
