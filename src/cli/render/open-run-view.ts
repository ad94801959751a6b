import { systemClock } from "../../util/clock.ts";
import type { CommandCall } from "../command-spec.ts";
import type { RunView } from "./run-view.ts";

/** The view that fits where the command writes: redrawn at a terminal, plain lines elsewhere, stderr alone for `--json`. */
export async function openRunView({ parsed, terminal }: CommandCall): Promise<RunView> {
  const init = { terminal, clock: systemClock, quiet: parsed.flag("quiet") };
  if (parsed.flag("json")) return (await import("./output-view.ts")).outputView(init);
  if (!terminal.interactive) return (await import("./plain-view.ts")).plainView(init);
  const { LiveView } = await import("./live-view.ts");
  return new LiveView({
    ...init,
    openRegion: async () => (await import("./live-region.ts")).openLiveRegion(process.stdout),
  });
}
