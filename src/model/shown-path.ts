/**
 * A rooted name as people see it: a file of the project by its path in there, anything else as it is.
 *
 * @example shownPath("project:data/x.csv") // "data/x.csv"
 */
export function shownPath(rooted: string): string {
  return rooted.replace(/^project:/, "");
}
