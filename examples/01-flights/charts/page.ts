import { escape } from "./svg.ts";

/** A self-contained page: one file, no script, nothing fetched, readable in light and dark. */
export function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escape(title)}</title>
<style>${style}</style>
</head>
<body><main>${content}</main></body>
</html>
`;
}

/** A panel with a heading, a sentence that says how to read it, and a drawing. */
export function panel(heading: string, explanation: string, content: string, kind = ""): string {
  return `<section class="${kind}"><h2>${escape(heading)}</h2><p>${escape(explanation)}</p>${content}</section>`;
}

export function tile(value: string, name: string, note: string): string {
  return `<div class="tile"><b>${escape(value)}</b><span>${escape(name)}</span><small>${escape(note)}</small></div>`;
}

const style = `
:root { --paper: #f6f5f1; --card: #fff; --ink: #1b1f24; --muted: #68707a; --grid: #e6e4de; --edge: #e0ddd5;
  --accent: #1f6feb; --wash: #1f6feb1a; --count: #cfd4da; --late: #e07a3f; }
@media (prefers-color-scheme: dark) { :root { --paper: #111418; --card: #1a1e24; --ink: #e8eaed; --muted: #98a1ac;
  --grid: #2b3139; --edge: #2b3139; --accent: #6aa5ff; --wash: #6aa5ff22; --count: #414954; --late: #f0955c; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 ui-sans-serif, system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 48px 24px 64px; }
header { margin-bottom: 28px; }
header .kicker { color: var(--accent); font-size: 13px; font-weight: 600; letter-spacing: .06em; text-transform: uppercase; }
h1 { font-size: 34px; line-height: 1.15; letter-spacing: -.02em; margin: 6px 0 10px; text-wrap: balance; }
header p { color: var(--muted); margin: 0; max-width: 68ch; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(180px, 1fr)); gap: 12px; margin-bottom: 12px; }
.tile, section { background: var(--card); border: 1px solid var(--edge); border-radius: 12px; }
.tile { padding: 16px 18px; display: flex; flex-direction: column; }
.tile b { font-size: 28px; letter-spacing: -.02em; line-height: 1.2; font-variant-numeric: tabular-nums; }
.tile span { font-weight: 600; font-size: 14px; }
.tile small { color: var(--muted); font-size: 13px; }
.grid { display: grid; grid-template-columns: repeat(2, 1fr); gap: 12px; }
.wide { grid-column: 1 / -1; }
section { padding: 20px 22px; min-width: 0; }
h2 { font-size: 17px; margin: 0; letter-spacing: -.01em; }
section p { color: var(--muted); margin: 2px 0 14px; font-size: 14px; }
svg { display: block; width: 100%; height: auto; overflow: visible; font-size: 12px; }
svg text { fill: var(--ink); font-variant-numeric: tabular-nums; }
svg .muted { fill: var(--muted); } svg .small { font-size: 11px; } svg .name { font-size: 13px; }
svg .big { font-size: 22px; font-weight: 650; } svg .value { font-size: 11px; font-weight: 600; }
.grid line, svg line { stroke: var(--grid); } svg .axis { stroke: var(--muted); }
svg .reference { stroke: var(--muted); stroke-dasharray: 4 4; }
svg .curve { fill: none; stroke: var(--accent); stroke-width: 2.5; stroke-linejoin: round; } svg .thin { stroke-width: 1.5; opacity: .6; }
svg .area { fill: var(--wash); } svg .dot { fill: var(--accent); stroke: var(--card); stroke-width: 1.5; }
svg .bar { fill: var(--accent); } svg .count { fill: var(--count); } svg .late { fill: var(--late); }
svg .few { opacity: .45; } svg .hover { fill: transparent; } svg .slice:hover .hover { fill: var(--wash); }
.legend { display: flex; flex-wrap: wrap; gap: 6px 18px; color: var(--muted); font-size: 13px; margin-top: 8px; }
.legend i { display: inline-block; width: 11px; height: 11px; border-radius: 3px; margin-right: 6px; }
table { border-collapse: collapse; width: 100%; font-size: 14px; font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 500; color: var(--muted); } td { text-align: right; } th, td { padding: 6px 0; border-top: 1px solid var(--grid); }
tr:first-child > * { border-top: 0; }
footer { color: var(--muted); font-size: 13px; margin-top: 24px; max-width: 80ch; }
@media (max-width: 760px) { .grid { grid-template-columns: 1fr; } h1 { font-size: 26px; } main { padding-top: 28px; } }
`;
