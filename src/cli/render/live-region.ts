/** Redraws lines at the bottom of a terminal. */
export interface LiveRegion {
  draw(lines: readonly string[]): void;
  clear(): void;
  /** Leaves the terminal as it was found; the cursor is shown again. */
  end(): void;
}

/** The region of standard output. Loaded when something is computed, since a warm run has nothing to redraw. */
export async function openLiveRegion(stream: NodeJS.WriteStream): Promise<LiveRegion> {
  const { createLogUpdate } = await import("log-update");
  const update = createLogUpdate(stream);
  return {
    draw: (lines) => update(lines.join("\n")),
    clear: () => update.clear(),
    end() {
      update.clear();
      update.done();
    },
  };
}
