"""Colours of a report."""

from __future__ import annotations

from collections.abc import Mapping
from colorsys import hls_to_rgb, rgb_to_hls
from dataclasses import KW_ONLY, dataclass, replace

WHITE = "#ffffff"
CHOSEN_COLOURS = ("ink", "secondary", "accent")
COLOUR_STEPS = 12
LUMINANCE_WEIGHTS = (0.2126, 0.7152, 0.0722)
"""Brightness of red, green and blue (WCAG 2.2, definition of relative luminance)."""


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours: ink, secondary, accent and derived ones; `ramp` are backgrounds of answer levels."""

    ink: str = "#1b2733"
    secondary: str = "#52606d"
    _: KW_ONLY
    accent: str = "#0b5c8a"
    light: str = "#4f93bd"
    light_text: str = "#3f7fa8"
    pale: str = "#a9cde2"
    ramp: tuple[str, ...] = ("#eaf2f7", "#bcd7e6", "#7fb2d0", "#23739f", "#0b4a70")

    @property
    def levels(self) -> Mapping[str, tuple[str, str]]:
        signs = (self.ink, self.ink, self.ink, WHITE, WHITE)
        grounds = {f"l{number}": pair for number, pair in enumerate(zip(self.ramp, signs, strict=True))}
        return {
            **grounds,
            "described": (WHITE, self.secondary),
            "unknown": (WHITE, self.secondary),
            "na": (WHITE, self.secondary),
            "plain": (WHITE, self.ink),
        }


SHIPPED_THEME = Theme()


def build_theme(colours: Mapping[str, str]) -> Theme:
    """Apply an office's colours (``#rrggbb``); derived shades keep the brightness of the shipped ones.

    >>> build_theme({"accent": "#7a1f5c"}).ramp[4]
    '#7b225e'
    """
    ink, secondary, accent = (colours.get(name, getattr(SHIPPED_THEME, name)) for name in CHOSEN_COLOURS)
    theme = Theme(ink, secondary, accent=accent)
    if theme.accent == SHIPPED_THEME.accent:
        return theme
    return replace(
        theme,
        light=match_shade(theme.accent, SHIPPED_THEME.light),
        light_text=match_shade(theme.accent, SHIPPED_THEME.light_text),
        pale=match_shade(theme.accent, SHIPPED_THEME.pale),
        ramp=tuple(match_shade(theme.accent, like) for like in SHIPPED_THEME.ramp),
    )


def match_shade(colour: str, like: str) -> str:
    """Return a shade of a colour with the brightness of another and its saturation relative to the accent."""
    hue, _, vivid = compute_hue(colour)
    vivid *= min(1.0, compute_hue(like)[2] / compute_hue(SHIPPED_THEME.accent)[2])
    darkest, lightest = 0.0, 1.0
    for _ in range(COLOUR_STEPS):
        middle = (darkest + lightest) / 2
        if compute_luminance(hls_to_hex(hue, middle, vivid)) < compute_luminance(like):
            darkest = middle
        else:
            lightest = middle
    return hls_to_hex(hue, lightest, vivid)


def compute_hue(colour: str) -> tuple[float, float, float]:
    return rgb_to_hls(*(share / 255 for share in parse_colour(colour)))


def hls_to_hex(hue: float, light: float, vivid: float) -> str:
    return "#" + "".join(f"{round(255 * share):02x}" for share in hls_to_rgb(hue, light, vivid))


def contrast(first: str, second: str) -> float:
    """Compute the contrast of two colours, 1 to 21 (WCAG 2.2, contrast ratio and relative luminance).

    >>> round(contrast("#000000", "#ffffff")), round(contrast("#767676", "#ffffff"), 2)
    (21, 4.54)
    """
    darker, lighter = sorted((compute_luminance(first), compute_luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def compute_luminance(colour: str) -> float:
    return sum(part * weight for part, weight in zip(linearise_colour(colour), LUMINANCE_WEIGHTS, strict=True))


def linearise_colour(colour: str) -> list[float]:
    shares = [part / 255 for part in parse_colour(colour)]
    return [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]


def parse_colour(colour: str) -> list[int]:
    return [int(colour[start : start + 2], 16) for start in (1, 3, 5)]
