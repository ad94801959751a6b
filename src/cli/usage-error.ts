import { RepositoryError } from "../errors.ts";
import { nearestName } from "../util/nearest-name.ts";

/** What was typed cannot be understood. */
export function usageError(message: string, hint: string): RepositoryError {
  return new RepositoryError("WS_USAGE", { message, hint });
}

/** `Did you mean X?` where a known name is near, else what is given. */
export function didYouMean(wanted: string, known: Iterable<string>, otherwise: string): string {
  const nearest = nearestName(wanted, known);
  return nearest === undefined ? otherwise : `Did you mean \`${nearest}\`?`;
}
