"""How the report looks: on screen in light and dark, on a phone, and printed on A4 or Letter.

Nothing is fetched: the fonts are the computer's own. The colours are those of
``.streamlit/config.toml``; print always uses the light ones, black on white.
"""

from __future__ import annotations

from typing import Final

LIGHT: Final = """
--ground: #FFFFFF; --panel: #F6F8FA; --text: #1D2733; --quiet: #5F6B78; --edge: #DCE3EA;
--blue: #1B6CA8; --light: #9CC4E2; --pale: #DCEAF5; --orange: #C77700; --green: #258A69;
--pink: #B5476B; --violet: #6B5BAE; --grey: #9AA4AE;
"""
DARK: Final = """
--ground: #11171D; --panel: #1B232C; --text: #E6EBF0; --quiet: #9AA6B2; --edge: #2E3944;
--blue: #6DB3E8; --light: #3F87BC; --pale: #1B3A54; --orange: #F2B950; --green: #5CCBA3;
--pink: #E58BA8; --violet: #A99BE6; --grey: #6B7480;
"""

SCREEN: Final = """
* { box-sizing: border-box; }
html { background: var(--ground); color: var(--text); color-scheme: light dark; }
body {
  font: 16px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans',
    Arial, sans-serif;
  margin: 0 auto; max-width: 60rem; padding: 2rem 1.25rem 3rem; overflow-wrap: anywhere;
}
h1 { font-size: 2.1rem; line-height: 1.15; margin: 0; font-weight: 650; }
h2 { font-size: 1.3rem; line-height: 1.25; margin: 0 0 .5rem; font-weight: 650; }
h3 { font-size: 1.02rem; margin: 1.4rem 0 .35rem; font-weight: 650; }
p { margin: .35rem 0; }
section { margin-top: 2.4rem; }
header { border-bottom: 3px solid var(--blue); padding-bottom: .9rem; }
footer { border-top: 1px solid var(--edge); margin-top: 2.4rem; padding-top: .8rem; }
.brand { color: var(--blue); font-weight: 650; margin: 0 0 .2rem; }
.quiet, footer, figcaption, .legend { color: var(--quiet); font-size: .875rem; }
.short { list-style: none; margin: 0; padding: 0; }
.short li { border-bottom: 1px solid var(--edge); padding: .55rem 0; }
.short li:last-child { border-bottom: 0; }
.short b { color: var(--quiet); display: block; font-size: .8125rem; font-weight: 400; }
.numbers { display: grid; gap: .7rem; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr));
  margin: 0; }
.numbers > div { background: var(--panel); border: 1px solid var(--edge); border-radius: .5rem;
  padding: .6rem .8rem; }
.numbers dt { color: var(--quiet); font-size: .8125rem; }
.numbers dd { margin: 0; }
.numbers .value { font-size: 1.5rem; font-weight: 600; line-height: 1.25;
  font-variant-numeric: tabular-nums; }
.numbers .proof { color: var(--quiet); font-size: .8125rem; line-height: 1.35; }
figure { margin: .6rem 0 0; }
.table { overflow-x: auto; }
table { border-collapse: collapse; font-size: .875rem; width: 100%;
  font-variant-numeric: tabular-nums; }
th { border-bottom: 1.5px solid var(--quiet); font-weight: 600; padding: .3rem .5rem;
  text-align: left; vertical-align: bottom; }
td { border-bottom: 1px solid var(--edge); padding: .3rem .5rem; vertical-align: top; }
td.side, th.side { text-align: right; white-space: nowrap; }
td.day { white-space: nowrap; }
.side + :not(.side) { padding-left: 1.6rem; }
td:first-child { min-width: 9rem; }
tr > :first-child { padding-left: 0; }
tr > :last-child { padding-right: 0; }
tr.open td { color: var(--quiet); font-style: italic; }
.more { color: var(--quiet); font-size: .875rem; }
.reason { background: var(--panel); border-left: 3px solid var(--light); padding: .5rem .8rem; }
.notes { margin: 0; padding-left: 1.1rem; }
.notes li { margin: .3rem 0; }
.meanings { columns: 2 20rem; column-gap: 2rem; font-size: .8125rem; line-height: 1.4; margin: 0; }
.meanings > div { break-inside: avoid; padding-bottom: .8rem; }
.meanings dt { font-weight: 650; }
.meanings dd { margin: 0; }
.meanings .fact { color: var(--quiet); }
.legend { margin: .3rem 0 .1rem; }
.entry { margin-right: 1rem; white-space: nowrap; }
.key { border-radius: 2px; display: inline-block; height: .65em; margin-right: .35em; width: .9em; }
.key.line-year { background: var(--text); height: 2px; vertical-align: .25em; }
svg { display: block; overflow: visible; }
svg svg { overflow: hidden; }
svg text { fill: var(--text); font-size: 12.5px; font-variant-numeric: tabular-nums; }
svg .small { fill: var(--quiet); font-size: 11px; }
svg .strong { font-weight: 650; }
svg line { stroke: var(--edge); stroke-width: 1; }
svg line.level { stroke: var(--grey); stroke-dasharray: 2 3; }
svg line.mark { stroke: var(--orange); stroke-dasharray: 4 3; stroke-width: 1.5; }
svg line.axis { stroke: var(--quiet); }
svg line.year { stroke: var(--text); stroke-width: 2; }
svg path { fill: none; stroke-width: 2.2; }
svg path.line-blue { stroke: var(--blue); }
svg path.line-violet { stroke: var(--violet); }
svg path.band { fill: var(--pale); stroke: none; }
""" + "\n".join(
    f"svg .{name} {{ fill: var(--{name}); }} i.{name} {{ background: var(--{name}); }}"
    for name in ("blue", "light", "pale", "orange", "green", "pink", "violet", "grey", "edge")
)
RUNNING: Final = (
    "\nsvg .running { fill-opacity: .45; stroke: var(--quiet); stroke-dasharray: 3 2; }"
)

PAPER: Final = """
@page { margin: 15mm 14mm 17mm; }
@page { @bottom-right { content: counter(page) " / " counter(pages); font: 8pt sans-serif;
  color: #5F6B78; } }
@media print {
  html { background: #FFFFFF; color: #000000; color-scheme: light; }
  body { font-size: 10pt; line-height: 1.4; max-width: none; padding: 0; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  h1 { font-size: 22pt; }
  h2 { font-size: 14pt; }
  h3 { font-size: 11pt; margin-top: 14pt; }
  h1, h2, h3 { break-after: avoid; }
  section { margin-top: 20pt; }
  figure, .numbers > div, .short li, .keep { break-inside: avoid; }
  figcaption, .legend { break-before: avoid; }
  .numbers { grid-template-columns: repeat(3, 1fr); gap: 6pt; }
  .numbers > div { background: none; padding: 5pt 7pt; }
  .numbers .value { font-size: 14pt; }
  .numbers dt, .numbers .proof { font-size: 8pt; }
  .quiet, footer, figcaption, .legend, .more { font-size: 8.5pt; }
  .table { overflow: visible; }
  table { font-size: 8.5pt; }
  thead { display: table-header-group; }
  tr { break-inside: avoid; }
  th, td { padding: 2.5pt 5pt; }
  .reason { background: none; }
  .meanings { columns: 2; font-size: 8pt; }
  p, li { orphans: 3; widows: 3; }
}
@media (max-width: 30rem) {
  body { padding: 1.2rem .9rem 2rem; }
  h1 { font-size: 1.7rem; }
  table { font-size: .8125rem; }
  th, td { padding: .3rem .3rem; }
  td:first-child { min-width: 6rem; }
  .side + :not(.side) { padding-left: .8rem; }
  .numbers { grid-template-columns: repeat(2, 1fr); gap: .5rem; }
  .numbers > div { padding: .5rem .6rem; }
  .numbers .value { font-size: 1.2rem; }
}
"""

STYLE: Final = (
    f":root {{{LIGHT}}}\n@media screen and (prefers-color-scheme: dark) {{ :root {{{DARK}}} }}\n"
    f"{SCREEN}{RUNNING}\n{PAPER}"
)
"""The style sheet of the report."""
