/** One thing that a module loads or names by a literal. */
export interface ModuleImport {
  readonly specifier: string;
  readonly kind: "import" | "require";
  /** True when nothing is bound: the module is loaded for its effect. */
  readonly effect: boolean;
  /** True for `new URL("./x", import.meta.url)`: counts when it is there, and is no error when it is not. */
  readonly asset: boolean;
  readonly line: number;
}

/** Something that decides at run time which code is loaded or evaluated. */
export interface ModuleFlag {
  /** `eval`, `computed import`, … */
  readonly name: string;
  readonly line: number;
}
