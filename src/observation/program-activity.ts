import childProcess from "node:child_process";
import path from "node:path";
import { beforeCall } from "./before-call.ts";
import type { ThreadActivity } from "./thread-activity.ts";

/** What a shell makes more of than one program with its arguments. */
const SHELL_WORDS = /[|&;<>()$`\n*?[\]{}~#!]/;
const SHELLS = new Set(["sh", "bash", "dash", "zsh", "ksh", "cmd"]);

/**
 * Notes every program that this thread starts, by its name. All that do not wait for it (`spawn`, `exec`, `execFile`,
 * `fork`, `cluster`) pass through the method of the class.
 */
export function observePrograms(activity: ThreadActivity): void {
  beforeCall(childProcess.ChildProcess.prototype, "spawn", ([options]) => {
    const { file, args } = (options ?? {}) as { readonly file?: unknown; readonly args?: unknown };
    activity.name("child", programOf(file, Array.isArray(args) ? args.slice(1) : []));
  });
  beforeCall(childProcess, "execSync", ([line]) => activity.name("child", programOfLine(line)));
  for (const name of ["execFileSync", "spawnSync"])
    beforeCall(childProcess, name, ([file, args, options]) => {
      const given = Array.isArray(args) ? args : [];
      const { shell } = ((Array.isArray(args) ? options : args) ?? {}) as { readonly shell?: unknown };
      const named =
        shell === undefined || shell === false ? programOf(file, given) : programOfLine([file, ...given].join(" "));
      activity.name("child", named);
    });
}

function programOf(file: unknown, args: readonly unknown[]): string {
  const name = baseName(file);
  return SHELLS.has(name) && (args[0] === "-c" || args[0] === "/d") ? programOfLine(args.at(-1)) : name;
}

/** The one program that a line starts; the shell where it may be more than one. */
function programOfLine(line: unknown): string {
  const text = String(line).trim();
  const words = SHELL_WORDS.test(text) ? [] : text.split(/\s+/).filter((word) => !/^\w+=/.test(word));
  const [first = ""] = words;
  return first === "" || /["'\\]/.test(first) ? "sh" : baseName(first);
}

function baseName(file: unknown): string {
  const name = file instanceof URL ? file.pathname : String(file);
  return path.basename(name).replace(/\.exe$/i, "");
}
