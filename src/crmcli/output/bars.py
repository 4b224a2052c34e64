"""Bars made of characters, for reports: fractions drawn to an eighth of a cell, or in ASCII."""

BAR_WIDTH = 20
LEAST_BAR = 6  # where there is little room
_EIGHTHS = " ▏▎▍▌▋▊▉"


def bar(fraction: float, *, width: int = BAR_WIDTH, unicode: bool = True) -> str:
    """Return a bar of up to ``width`` cells for a fraction of 1; what lies outside 0 to 1 is drawn as the nearest end.

    Anything above zero shows at least the thinnest mark, so that little never looks like nothing.
    """
    share = min(max(fraction, 0.0), 1.0)
    if not unicode:
        return "#" * (max(1, round(share * width)) if share else 0)
    full, part = divmod(max(1, round(share * width * 8)) if share else 0, 8)
    return "█" * full + (_EIGHTHS[part] if part else "")


def bars(values: list[float], *, width: int = BAR_WIDTH, unicode: bool = True) -> list[str]:
    """Return a bar for each value, the greatest one as wide as ``width``; values below zero have none."""
    greatest = max(values, default=0.0)
    return [bar(value / greatest if greatest > 0 else 0.0, width=width, unicode=unicode) for value in values]
