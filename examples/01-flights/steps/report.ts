import type { HtmlReport } from "warmstart";
import { html, step, value } from "warmstart";
import { calibrationChart, importanceChart, rocChart, sliceChart } from "../charts/evaluation-charts.ts";
import { page, panel, tile } from "../charts/page.ts";
import { percent, thousands } from "../charts/svg.ts";
import type { Evaluation } from "../model/evaluation.ts";
import type { TrainingSettings } from "./train-model.ts";

const legend = `<div class="legend"><span><i style="background:var(--accent)"></i>AUC, from guessing at 0.5 upwards</span><span><i style="background:var(--count)"></i>flights</span><span><i style="background:var(--late)"></i>of them late</span></div>`;

/** One page that says how good the model is, where it is weak, and what it was trained with. */
function writeReport({ evaluation, settings }: { evaluation: Evaluation; settings: TrainingSettings }): HtmlReport {
  const title = "Will this flight be more than 15 minutes late?";
  return html(
    page(title, `${header(title)}${tiles(evaluation)}<div class="grid">${panels(evaluation, settings)}</div>${footer}`),
  );
}

function header(title: string): string {
  return `<header><div class="kicker">Model report</div><h1>${title}</h1>
<p>A small neural network that learnt from the US domestic flights of January to April 2001, judged on the flights of June, which it has never seen.</p></header>`;
}

function tiles(evaluation: Evaluation): string {
  const share = evaluation.late / evaluation.flights;
  return `<div class="tiles">${[
    tile(evaluation.auc.toFixed(3), "AUC in June", "0.5 is guessing, 1 is perfect"),
    tile(percent(evaluation.topTenthLate), "late in the riskiest tenth", `${percent(share)} late among all`),
    tile(evaluation.logLoss.toFixed(3), "log-loss", `${evaluation.baseLogLoss.toFixed(3)} without a model`),
    tile(thousands(evaluation.flights), "flights judged", `${thousands(evaluation.late)} of them late`),
  ].join("")}</div>`;
}

function panels(evaluation: Evaluation, settings: TrainingSettings): string {
  const { auc, roc, calibration, hours, weekdays, months, importance } = evaluation;
  return [
    panel("Ranking", "How many late flights are caught for how many false alarms.", rocChart(roc, auc)),
    panel("Calibration", "Below the line, more delay was promised than came.", calibrationChart(calibration)),
    panel(
      "By hour of departure",
      "The flights of June; pale hours have fewer than 1,000 flights.",
      sliceChart(hours, "AUC by hour", 1030) + legend,
      "wide",
    ),
    panel("By weekday", "The flights of June.", sliceChart(weekdays, "AUC by weekday", 470)),
    panel("By month", "January to April were trained on; every fifth flight.", sliceChart(months, "AUC by month", 470)),
    panel(
      "What the model relies on",
      "AUC lost when this knowledge is shuffled among flights.",
      importanceChart(importance, 470),
    ),
    panel("How it was trained", "TensorFlow.js on WebAssembly, seeded, one thread.", settingsTable(settings)),
  ].join("");
}

function settingsTable({ learningRate, epochs, layers, seed }: TrainingSettings): string {
  const rows = {
    "learning rate": learningRate,
    epochs: `${epochs} of 250,000 flights`,
    "hidden layers": layers.join(" + "),
    seed,
  };
  return `<table>${Object.entries(rows)
    .map(([name, value]) => `<tr><th>${name}</th><td>${value}</td></tr>`)
    .join("")}</table>`;
}

const footer = `<footer>Departure times in this table look like actual, not scheduled ones: only a third lie on a five-minute mark. So the question is asked
as the aircraft leaves, and an hour that is unusual for its route tells of a delay that has already begun. The usual hours come from January to April alone;
routes with a new summer timetable therefore look riskier in June than they are.</footer>`;

export const report = step("report", { output: value<HtmlReport>({ name: "flights-report" }) }, writeReport);
