"""A plot of the report as an SVG file of its own, for docs/."""

from __future__ import annotations

from xml.sax.saxutils import escape

from inrarch.report.plot import HEIGHT, WIDTH, Plot

COLOURS = ("#0b61a4", "#c2410c", "#15803d", "#7e22ce")
_LEGEND_STEP = 18.0


def svg(plot: Plot) -> str:
    """The drawing with its axes and legend; readable on a light and on a dark page."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" font-family="sans-serif" '
        f'font-size="12" role="img" aria-label="{escape(plot.title)}">',
        f'<rect width="{WIDTH:g}" height="{HEIGHT:g}" fill="#ffffff"/>',
    ]
    for tick in plot.x_ticks:
        parts.append(_line(tick.at, plot.top, tick.at, plot.bottom, "#e2e2e2"))
        parts.append(_text(tick.at, plot.bottom + 16, tick.text, "middle"))
    for tick in plot.y_ticks:
        parts.append(_line(plot.left, tick.at, plot.right, tick.at, "#e2e2e2"))
        parts.append(_text(plot.left - 6, tick.at + 4, tick.text, "end"))
    parts.append(_line(plot.left, plot.bottom, plot.right, plot.bottom, "#333333"))
    parts.append(_line(plot.left, plot.top, plot.left, plot.bottom, "#333333"))
    parts.append(_text((plot.left + plot.right) / 2, HEIGHT - 8, plot.x_title, "middle"))
    parts.append(
        f'<text transform="translate(14 {(plot.top + plot.bottom) / 2:g}) rotate(-90)" text-anchor="middle">'
        f"{escape(plot.y_title)}</text>"
    )
    for number, series in enumerate(plot.series):
        colour = COLOURS[series.colour % len(COLOURS)]
        if series.line:
            parts.append(f'<path d="{series.line}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        for mark in series.marks:
            fill = colour if mark.strong else "#ffffff"
            parts.append(
                f'<path d="{mark.path}" fill="{fill}" stroke="{colour}"><title>{escape(mark.tip)}</title></path>'
            )
        at = plot.top + 14 + number * _LEGEND_STEP
        parts.append(f'<rect x="{plot.left + 12:g}" y="{at - 9:g}" width="10" height="10" fill="{colour}"/>')
        parts.append(_text(plot.left + 28, at, series.label, "start"))
    return "\n".join([*parts, "</svg>", ""])


def _line(x1: float, y1: float, x2: float, y2: float, colour: str) -> str:
    return f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" stroke="{colour}"/>'


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" fill="#333333">{escape(text)}</text>'
