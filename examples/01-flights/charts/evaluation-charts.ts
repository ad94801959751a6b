import type { CalibrationBin, Importance, Slice } from "../model/evaluation.ts";
import type { RocPoint } from "../model/ranking.ts";
import { drawing, element, label, line, percent, polyline, scale, thousands, tip } from "./svg.ts";

const square = { width: 420, height: 380, left: 48, right: 408, top: 12, bottom: 332 };

/** Caught late flights against false alarms. */
export function rocChart(points: readonly RocPoint[], auc: number): string {
  const [x, y] = unitAxes();
  const curve = polyline(points.map((point) => [x(point.falseAlarms), y(point.caught)] as const));
  const area = `${curve}L${square.right} ${square.bottom}L${square.left} ${square.bottom}Z`;
  return drawing(
    square.width,
    square.height,
    `ROC curve, area ${auc.toFixed(3)}`,
    [
      unitGrid("punctual flights called late", "late flights caught"),
      element("path", { d: area, class: "area" }),
      line(x(0), y(0), x(1), y(1), { class: "reference" }),
      element("path", { d: curve, class: "curve" }),
      label(x(0.62), y(0.3), `AUC ${auc.toFixed(3)}`, { class: "big" }),
      label(x(0.62), y(0.3) + 18, "guessing: 0.500", { class: "muted" }),
    ].join(""),
  );
}

/** What was predicted against what happened; a perfect model lies on the diagonal. */
export function calibrationChart(bins: readonly CalibrationBin[]): string {
  const [x, y] = unitAxes();
  const path = polyline(bins.map((bin) => [x(bin.predicted), y(bin.observed)] as const));
  const dots = bins.map((bin) => {
    const text = `${thousands(bin.flights)} flights: predicted ${percent(bin.predicted, 1)}, were late ${percent(bin.observed, 1)}`;
    return element("circle", { cx: x(bin.predicted), cy: y(bin.observed), r: 4.5, class: "dot" }, tip(text));
  });
  return drawing(
    square.width,
    square.height,
    "Calibration",
    [
      unitGrid("predicted probability", "share that was late"),
      line(x(0), y(0), x(1), y(1), { class: "reference" }),
      element("path", { d: path, class: "curve thin" }),
      ...dots,
    ].join(""),
  );
}

function unitAxes(): readonly [(value: number) => number, (value: number) => number] {
  return [scale([0, 1], [square.left, square.right]), scale([0, 1], [square.bottom, square.top])];
}

function unitGrid(xTitle: string, yTitle: string): string {
  const [x, y] = unitAxes();
  const ticks = [0, 0.25, 0.5, 0.75, 1].flatMap((tick) => [
    line(square.left, y(tick), square.right, y(tick), { class: tick === 0 ? "axis" : "grid" }),
    label(square.left - 8, y(tick) + 4, percent(tick), { "text-anchor": "end" }),
    label(x(tick), square.bottom + 18, percent(tick), { "text-anchor": "middle" }),
  ]);
  return [
    ...ticks,
    label((square.left + square.right) / 2, square.height - 6, xTitle, { "text-anchor": "middle", class: "muted" }),
    label(square.left + 8, square.top + 16, `↑ ${yTitle}`, { class: "muted" }),
  ].join("");
}

/** AUC per group as bars that start at guessing (0.5), and below it how many flights each group has. */
export function sliceChart(slices: readonly Slice[], title: string, width: number): string {
  const [left, right, top, bottom, counts] = [44, width - 8, 26, 190, 286];
  const step = (right - left) / slices.length;
  const auc = scale([0.5, Math.max(...slices.map((slice) => slice.auc ?? 0.5), 0.75)], [bottom, top]);
  const count = scale([0, Math.max(...slices.map((slice) => slice.flights))], [0, counts - bottom - 34]);
  const ticks = [0.5, 0.6, 0.7, 0.8, 0.9].filter((tick) => auc(tick) >= top - 4);
  const bars = slices.map((slice, index) => {
    const x = left + index * step + step * 0.14;
    const bar = step * 0.72;
    const score = slice.auc ?? 0.5;
    const flights = count(slice.flights);
    const late = count(slice.late);
    const text = `${slice.name}: ${thousands(slice.flights)} flights, ${percent(slice.late / slice.flights, 1)} late, AUC ${slice.auc?.toFixed(3) ?? "–"}`;
    const few = slice.flights < 1000 ? " few" : "";
    return element(
      "g",
      { class: `slice${few}` },
      [
        tip(text),
        element("rect", { x: left + index * step, y: top, width: step, height: counts - top, class: "hover" }),
        element("rect", {
          x,
          y: auc(score),
          width: bar,
          height: Math.max(bottom - auc(score), 0.5),
          rx: 2,
          class: "bar",
        }),
        label(x + bar / 2, auc(score) - 5, score.toFixed(2).replace(/^0/, ""), {
          "text-anchor": "middle",
          class: "value",
        }),
        label(x + bar / 2, bottom + 17, slice.name, { "text-anchor": "middle" }),
        element("rect", { x, y: counts - flights, width: bar, height: Math.max(flights, 0.5), rx: 1, class: "count" }),
        element("rect", { x, y: counts - late, width: bar, height: Math.max(late, 0.5), rx: 1, class: "late" }),
      ].join(""),
    );
  });
  return drawing(
    width,
    counts + 8,
    title,
    [
      ...ticks.map((tick) => line(left, auc(tick), right, auc(tick), { class: tick === 0.5 ? "axis" : "grid" })),
      ...ticks.map((tick) => label(left - 8, auc(tick) + 4, tick.toFixed(1), { "text-anchor": "end" })),
      label(left, 12, "↑ AUC", { class: "muted" }),
      label(left - 8, counts - 4, "flights", { "text-anchor": "end", class: "muted small" }),
      line(left, counts, right, counts, { class: "axis" }),
      ...bars,
    ].join(""),
  );
}

/** What each piece of knowledge is worth to the model. */
export function importanceChart(importance: readonly Importance[], width: number): string {
  const row = 34;
  const left = 222;
  const x = scale([0, Math.max(...importance.map((entry) => entry.lost))], [left, width - 52]);
  const rows = importance.map((entry, index) => {
    const y = index * row + 6;
    const end = x(Math.max(entry.lost, 0));
    return [
      label(left - 12, y + 16, entry.name, { "text-anchor": "end", class: "name" }),
      element("rect", { x: left, y, width: Math.max(end - left, 1), height: row - 12, rx: 3, class: "bar" }),
      label(end + 8, y + 16, entry.lost.toFixed(3), { class: "value" }),
    ].join("");
  });
  return drawing(width, importance.length * row + 6, "What the model relies on", rows.join(""));
}
