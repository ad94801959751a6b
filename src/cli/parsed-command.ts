/** The arguments and options of one command line. */
export interface ParsedCommand {
  readonly command: string;
  readonly arguments: readonly string[];
  flag(name: string): boolean;
  /** The value of an option that is given once. */
  text(name: string): string | undefined;
  /** The values of a repeatable option, in order. */
  texts(name: string): readonly string[];
  /** A whole number from 1. @throws RepositoryError (`WS_USAGE`) for anything else. */
  count(name: string): number | undefined;
}
