import { ownCodeFolder } from "../util/own-code.ts";

const ownRoot = decodeURIComponent(new URL(ownCodeFolder).pathname);

/** The frames of a stack that are in people's own files: neither Node's, nor Warmstart's, nor those of a package. */
export function userFrames(stack: string | undefined): readonly string[] {
  const frames = (stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  return frames.filter(
    (line) => !/node:|[\\/]node_modules[\\/]|\(<anonymous>\)$/.test(line) && !decodedFrame(line).includes(ownRoot),
  );
}

function decodedFrame(line: string): string {
  try {
    return decodeURIComponent(line);
  } catch {
    return line;
  }
}
