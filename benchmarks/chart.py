"""One bar chart per workload, as SVG written by hand: no library needed."""
from html import escape

WIDTH, NAMES, ROW, TOP = 720, 170, 22, 46


def colour(name):
    return "#d9480f" if name.startswith("boucle") else "#adb5bd" if name[0] == "[" else "#4c6ef5"


def number(value):
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def write(path, title, unit, values):
    """values: competitor -> number, less is better. Bars are cut at ten times Boucle's, or the chart would show asyncio."""
    rows = sorted(values.items(), key=lambda item: item[1])
    longest = min(rows[-1][1], 10 * values.get("boucle", rows[0][1]))
    scale = (WIDTH - NAMES - 90) / longest
    svg = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{TOP + ROW * len(rows) + 10}" '
           'font-family="sans-serif" font-size="12">',
           '<rect width="100%" height="100%" fill="white"/>',
           f'<text x="10" y="18" font-size="14" font-weight="bold">{escape(title)}</text>',
           f'<text x="10" y="35" fill="#666">{escape(unit)}, median; shorter is better; grey: hand-written bounds</text>']
    for i, (name, value) in enumerate(rows):
        y, bar = TOP + ROW * i, max(1, min(value, longest) * scale)
        cut = " …" if value > longest else ""
        svg += [f'<text x="{NAMES - 8}" y="{y + 14}" text-anchor="end">{escape(name)}</text>',
                f'<rect x="{NAMES}" y="{y + 3}" width="{bar:.1f}" height="{ROW - 6}" fill="{colour(name)}"/>',
                f'<text x="{NAMES + bar + 6:.1f}" y="{y + 14}">{number(value)}{cut}</text>']
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(svg + ["</svg>"]) + "\n")
