/** Options with a value in the next argument, brought to the form `--name=value`. */
const spaced: Readonly<Record<string, string>> = {
  "--import": "--import",
  "--require": "--require",
  "-r": "--require",
  "--conditions": "--conditions",
  "-C": "--conditions",
};

/** The words of `NODE_OPTIONS` as they are written: quotes keep blanks together. */
export function nodeOptionWords(text: string): readonly string[] {
  return [...text.matchAll(/(?:"(?:\\.|[^"\\])*"|[^\s"])+/g)].map(([word]) => word);
}

/** A word of `NODE_OPTIONS` as Node takes it. */
export function withoutQuotes(word: string): string {
  return word.replaceAll(/"((?:\\.|[^"\\])*)"/g, (_, text: string) => text.replaceAll(/\\(.)/g, "$1"));
}

/**
 * Options of Node by their long names and with their values, of those that tell what is loaded and how it is found.
 *
 * @example joinOptionValues(["-r", "./a.cjs", "--conditions", "dev"]) // ["--require=./a.cjs", "--conditions=dev"]
 */
export function joinOptionValues(options: readonly string[]): readonly string[] {
  const joined: string[] = [];
  for (let index = 0; index < options.length; index++) {
    const option = options[index] ?? "";
    const long = spaced[option];
    const equals = option.startsWith("-r=") || option.startsWith("-C=") ? spaced[option.slice(0, 2)] : undefined;
    if (equals !== undefined) joined.push(`${equals}=${option.slice(3)}`);
    else if (long === undefined) joined.push(option);
    else joined.push(`${long}=${options[++index] ?? ""}`);
  }
  return joined;
}
