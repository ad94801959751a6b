import type { SvgReport } from "warmstart";
import { step, svg, value } from "warmstart";
import { place } from "../charts/map-projection.ts";
import { element, label, percent, thousands, tip } from "../charts/svg.ts";
import type { AirportDelays } from "./airport-delays.ts";

/** Late rates are shown in six steps; each bound is the lowest rate of its step. */
const steps = [0, 0.12, 0.15, 0.18, 0.21, 0.24];

/** Every airport with at least 100 flights, as large as its traffic and as dark as its share of late flights. */
function drawMap({ delays }: { delays: readonly AirportDelays[] }): SvgReport {
  const shown = delays.filter((airport) => airport.flights >= 100).toSorted((a, b) => b.flights - a.flights);
  const flights = shown.reduce((sum, airport) => sum + airport.flights, 0);
  const late = shown.reduce((sum, airport) => sum + airport.late, 0);
  const content = [
    `<style>${style}</style>`,
    element("rect", { width: 960, height: 700, class: "paper" }),
    label(28, 44, "Where late flights come from", { class: "title" }),
    label(
      28,
      66,
      `${thousands(flights)} US domestic flights, January to June 2001; ${percent(late / flights, 1)} arrived more than 15 minutes late`,
      { class: "muted" },
    ),
    outline(delays),
    ...shown.map(circle),
    ...shown.slice(0, 16).map(name),
    legend(),
  ];
  return svg(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 960 700" role="img" aria-label="Share of late flights per airport">${content.join("")}</svg>\n`,
  );
}

/** All 3,376 airfields of the country as fine dust, which draws its shape. */
function outline(delays: readonly AirportDelays[]): string {
  const points = delays.map(({ longitude, latitude }) => place(longitude, latitude)).filter((point) => point !== null);
  return element("path", { d: points.map(({ x, y }) => `M${x.toFixed(1)} ${y.toFixed(1)}h0`).join(""), class: "dust" });
}

function radius(flights: number): number {
  return 2 + Math.sqrt(flights) / 24;
}

function circle(airport: AirportDelays): string {
  const point = place(airport.longitude, airport.latitude);
  if (point === null) return "";
  const rate = airport.late / airport.flights;
  const text = `${airport.iata} ${airport.city}, ${airport.state}: ${thousands(airport.flights)} flights, ${percent(rate, 1)} late, on average ${(airport.delayMinutes / airport.flights).toFixed(1)} minutes`;
  const shade = steps.findLastIndex((bound) => rate >= bound);
  return element("circle", { cx: point.x, cy: point.y, r: radius(airport.flights), class: `s${shade}` }, tip(text));
}

function name(airport: AirportDelays): string {
  const point = place(airport.longitude, airport.latitude);
  if (point === null) return "";
  return label(point.x, point.y + 4, airport.iata, { "text-anchor": "middle", class: "code" });
}

function legend(): string {
  const shades = steps.map((bound, index) => {
    const x = 592 + index * 54;
    return (
      element("rect", { x, y: 656, width: 54, height: 10, class: `s${index}` }) +
      (index === 0 ? "" : label(x, 680, percent(bound), { "text-anchor": "middle", class: "muted" }))
    );
  });
  const sizes = [1_000, 20_000, 100_000].map((flights, index) => {
    const x = 416 + index * 54;
    return (
      element("circle", { cx: x, cy: 650, r: radius(flights), class: "size" }) +
      label(x, 680, thousands(flights), { "text-anchor": "middle", class: "muted" })
    );
  });
  return [...shades, ...sizes, label(592, 646, "share of late flights", { class: "muted" })].join("");
}

const style = `
svg { font: 13px ui-sans-serif, system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
.paper { fill: #fbfaf7; } .title { font-size: 24px; font-weight: 650; fill: #1b1f24; } .muted { fill: #68707a; }
.dust { stroke: #cfcabd; stroke-width: 2.2; stroke-linecap: round; fill: none; }
circle { stroke: #fbfaf7; stroke-width: 1; } .size { fill: none; stroke: #68707a; }
.code { font-size: 11px; font-weight: 650; fill: #1b1f24; paint-order: stroke; stroke: #fbfaf7; stroke-width: 2.5px; pointer-events: none; }
.s0 { fill: #fbe3c0; } .s1 { fill: #f8c48c; } .s2 { fill: #f29b5f; } .s3 { fill: #e26d42; } .s4 { fill: #c03f32; } .s5 { fill: #8a1c2b; }
@media (prefers-color-scheme: dark) {
  .paper { fill: #14181d; } .title { fill: #e8eaed; } .muted { fill: #98a1ac; } .dust { stroke: #39414b; }
  circle { stroke: #14181d; } .size { stroke: #98a1ac; } .code { fill: #fff; stroke: #14181d; }
  .s0 { fill: #5a3a2a; } .s1 { fill: #84502f; } .s2 { fill: #b46734; } .s3 { fill: #dd823c; } .s4 { fill: #f7a650; } .s5 { fill: #ffd98a; }
}`;

export const delayMap = step("delayMap", { output: value<SvgReport>({ name: "delay-map" }) }, drawMap);
