/**
 * A JSON file as a module, for `import data from "./data.json"` without attributes, as compilers allow it: the value is
 * the default export, and the properties of an object are exports by name.
 */
export function jsonModule(text: string): string {
  const value: unknown = JSON.parse(text);
  const names = typeof value === "object" && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
  const lines = [`const value = JSON.parse(${JSON.stringify(JSON.stringify(value))});`, "export default value;"];
  for (const [index, name] of names.entries()) {
    if (name === "default" || !name.isWellFormed()) continue;
    const quoted = JSON.stringify(name);
    lines.push(`const name${index} = value[${quoted}];`, `export { name${index} as ${quoted} };`);
  }
  return lines.join("\n");
}
