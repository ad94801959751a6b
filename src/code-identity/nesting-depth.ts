/** Nested more deeply, a source may take the parser's own stack in a worker thread, which ends the process. */
const DEEPEST_NESTING = 1000;

/** Strings without line breaks and comments: brackets in there nest nothing. */
const NO_CODE = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g;

/** Whether the brackets of a source are nested too deeply for it to be parsed safely. */
export function isNestedTooDeeply(text: string): boolean {
  return isDeep(text) && isDeep(text.replaceAll(NO_CODE, '""'));
}

function isDeep(text: string): boolean {
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    switch (text.charCodeAt(index)) {
      case 0x28:
      case 0x5b:
      case 0x7b:
        if (++depth > DEEPEST_NESTING) return true;
        break;
      case 0x29:
      case 0x5d:
      case 0x7d:
        if (depth > 0) depth--;
        break;
      default:
    }
  }
  return false;
}
