const opening = /^(?:async\s+)?(?:function\s*[\w$]*\s*)?(?:[\w$]+\s*)?\(\s*\{/;
const none = /^(?:async\s+)?\(\s*\)\s*=>/;
const name = /^\s*(?:([\w$]+)|(["'])((?:(?!\2).)*)\2)\s*(?:$|[:=])/s;

/**
 * The names that a builder takes out of its parameters, where its text says it: its first parameter is written as
 * `{ rounds, path = "x" }` and takes no rest. Undefined where it takes the object as a whole, or where the text is too
 * clever to be read for sure.
 *
 * @example acceptedParameters(({ rounds = 100, path }) => …) // ["rounds", "path"]
 */
export function acceptedParameters(build: (params: never) => unknown): readonly string[] | undefined {
  const text = Function.prototype.toString.call(build);
  if (none.test(text)) return [];
  const start = opening.exec(text)?.[0].length;
  if (start === undefined) return undefined;
  const entries = patternEntries(text, start);
  const names = entries?.map((entry) => name.exec(entry)).map((found) => found?.[1] ?? found?.[3]);
  return names?.every((found) => found !== undefined) === true ? names : undefined;
}

/** The entries between the braces of an object pattern. */
function patternEntries(text: string, start: number): readonly string[] | undefined {
  const entries: string[] = [];
  let [from, depth, quote] = [start, 0, ""];
  for (let index = start; index < text.length; index++) {
    const letter = text[index] ?? "";
    if (quote !== "") {
      if (letter === "\\") index++;
      else if (letter === quote) quote = "";
      continue;
    }
    // A comment or a regular expression, or a text with code inside.
    if (letter === "/" || letter === "`") return undefined;
    if (letter === '"' || letter === "'") quote = letter;
    else if ("{[(".includes(letter)) depth++;
    else if ("}])".includes(letter) && --depth < 0) return [...entries, text.slice(from, index)].filter(isEntry);
    else if (letter === "," && depth === 0) {
      entries.push(text.slice(from, index));
      from = index + 1;
    }
  }
  return undefined;
}

function isEntry(text: string): boolean {
  return text.trim() !== "";
}
