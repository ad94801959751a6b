import type { FileValue, StepContext } from "warmstart";
import { step } from "warmstart";
import type { DelayModel } from "../model/delay-model.ts";
import type { Evaluation, Slice } from "../model/evaluation.ts";
import { calibrate, logLoss, permutationImportance, sliceBy } from "../model/evaluation.ts";
import type { FlightColumns } from "../model/flight-features.ts";
import type { RocPoint } from "../model/ranking.ts";
import { areaUnderCurve, countScores, rocCurve } from "../model/ranking.ts";
import { readFlights } from "./read-flights.ts";

const weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun"];

interface Judged {
  readonly model: DelayModel;
  readonly train: FileValue;
  readonly validate: FileValue;
  readonly test: FileValue;
}

/** Judges the model on every flight of June, which it has never seen, and on each fifth flight of the other months. */
async function judge({ model, train, validate, test }: Judged, ctx: StepContext): Promise<Evaluation> {
  const june = await readFlights(test.path);
  const scores = model.predict(june.flights);
  const counts = countScores(scores, june.late);
  const late = june.late.reduce((sum, x) => sum + x, 0);
  const share = late / scores.length;
  const calibration = calibrate(scores, june.late);
  const result: Evaluation = {
    flights: scores.length,
    late,
    auc: areaUnderCurve(counts),
    logLoss: logLoss(scores, june.late),
    baseLogLoss: -share * Math.log(share) - (1 - share) * Math.log(1 - share),
    topTenthLate: calibration.slice(-2).reduce((sum, bin) => sum + bin.observed / 2, 0),
    roc: thin(rocCurve(counts)),
    calibration,
    hours: sliceBy(scores, june.late, june.flights.hour, (hour) => String(hour).padStart(2, "0")),
    weekdays: sliceBy(scores, june.late, june.flights.weekday, (day) => weekdays[day] ?? ""),
    months: [...(await monthly(model, train)), ...(await monthly(model, validate)), ...(await monthly(model, test))],
    importance: permutationImportance(model, everyFifth(june.flights), fifth(june.late)),
  };
  ctx.metric("test_auc", result.auc);
  ctx.metric("test_log_loss", result.logLoss);
  return result;
}

async function monthly(model: DelayModel, table: FileValue): Promise<Slice[]> {
  const { flights, late, month } = await readFlights(table.path, 5);
  return sliceBy(model.predict(flights), late, month, (number) => months[number - 1] ?? "");
}

const fifth = (values: Float32Array): Float32Array => values.filter((_, row) => row % 5 === 0);

function everyFifth(flights: FlightColumns): FlightColumns {
  return Object.fromEntries(Object.entries(flights).map(([name, values]) => [name, fifth(values)])) as FlightColumns;
}

/** About 200 points of the curve draw it as well as thousands. */
function thin(points: readonly RocPoint[]): RocPoint[] {
  const every = Math.ceil(points.length / 200);
  return points.filter((_, index) => index % every === 0 || index === points.length - 1);
}

export const evaluate = step("evaluate", { trust: ["native:@duckdb/node-bindings"] }, judge);
