"""Draws docs/images/simulation.svg from what ``fadeout demo`` prints: ``python -m docs.picture``.

The house is the demo's, invented for a fixed day, so that the same code draws the same picture. It
takes half a minute, and needs no data folder but a temporary one. The SVG is one file: it names no
font and no address elsewhere, and brings its own background, for light and dark pages.
"""

from __future__ import annotations

import io
import os
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path

from django.core.management import call_command
from rich.console import Console

import fadeout.cli.main  # noqa: F401 - sets Django up, before anything that has models
from fadeout.cli import demo, plans, show
from fadeout.connectors.exchange.operations import import_exchange
from fadeout.core import database, paths
from fadeout.demo.house import invent
from fadeout.institution import operations, queries
from fadeout.plans import operations as simulation
from fadeout.plans.models import Plan

PICTURE = Path(__file__).resolve().parent / "images" / "simulation.svg"
AS_OF = date(2026, 6, 1)
NOW = datetime(2026, 6, 1, 10, tzinfo=UTC)
WIDTH = 76

FORMAT = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img"
 aria-label="What fadeout simulate prints">
<style>
.{unique_id}-matrix {{
  font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font-size: {char_height}px;
  line-height: {line_height}px;
}}
.{unique_id}-title {{ font-family: system-ui, sans-serif; font-size: 18px; font-weight: bold; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def draw() -> str:
    """The picture of the demo's simulation."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), highlight=False)
    before, show.results = show.results, console
    try:
        plans.print_plan(_simulated())
    finally:
        show.results = before
    return console.export_svg(
        title="fadeout simulate", code_format=FORMAT, unique_id="simulation", font_aspect_ratio=0.61
    )


def _simulated() -> Plan:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["FADEOUT_HOME"] = f"{folder}/home"
        os.environ["FADEOUT_KEYS"] = f"{folder}/keys"
        os.environ.pop("FADEOUT_DATABASE_URL", None)
        with database.opened():
            call_command("migrate", verbosity=0)
            house = operations.found(
                name=demo.NAME, time_zone=demo.TIME_ZONE, currency=demo.CURRENCY, now=NOW
            )
            invent(Path(folder, "house"), contacts=demo.CONTACTS, today=AS_OF)
            tokens = operations.erased_tokens(house, paths.keys())
            import_exchange(path=Path(folder, "house"), now=NOW, erased=tokens)
            return simulation.simulate(
                house=house,
                policy=queries.policy_in_force(),
                by=operations.operator(name="Ada", now=NOW),
                as_of=AS_OF,
                months=36,
                now=NOW,
            )


if __name__ == "__main__":
    PICTURE.write_text(draw(), encoding="utf-8")
