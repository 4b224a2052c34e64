"""The configuration file that ``crm init`` writes: every setting, explained, and none of them set."""

from crmcli.config.settings import SETTINGS, Setting, Value

_HEAD = """\
# Settings of crm. Every line is a comment: take the # away to set a value,
# or type `crm config set KEY VALUE`. `crm config check` tells about mistakes.
"""


def template() -> str:
    """Return the text of a configuration file that sets nothing and documents everything."""
    return _HEAD + "".join(
        f"\n# {_explained(setting)}\n# {setting.key} = {_toml(_example(setting))}\n" for setting in SETTINGS.values()
    )


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
