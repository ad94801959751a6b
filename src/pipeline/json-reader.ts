import { previewValue } from "../encoding/preview.ts";
import { EncodingError } from "../errors.ts";

/** Reads parsed JSON of a known form, strictly: whatever is not as expected is refused with its path. */
export class JsonReader {
  readonly value: unknown;
  readonly path: string;

  constructor(value: unknown, path: string) {
    this.value = value;
    this.path = path;
  }

  get(name: string): JsonReader {
    return new JsonReader(this.record()[name], `${this.path}.${name}`);
  }

  has(name: string): boolean {
    return this.record()[name] !== undefined;
  }

  /** Reads a property where it is there, and otherwise adds nothing. */
  optional<K extends string, T>(name: K, read: (reader: JsonReader) => T): { readonly [P in K]?: T } {
    return this.has(name) ? ({ [name]: read(this.get(name)) } as { readonly [P in K]: T }) : {};
  }

  record(): Readonly<Record<string, unknown>> {
    const { value } = this;
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return value as Readonly<Record<string, unknown>>;
    throw this.unexpected("an object");
  }

  list<T>(read: (item: JsonReader) => T): readonly T[] {
    if (!Array.isArray(this.value)) throw this.unexpected("an array");
    return this.value.map((item, index) => read(new JsonReader(item, `${this.path}[${index}]`)));
  }

  text(): string {
    if (typeof this.value !== "string") throw this.unexpected("a text");
    return this.value;
  }

  flag(): boolean {
    if (typeof this.value !== "boolean") throw this.unexpected("true or false");
    return this.value;
  }

  /** A whole number from 0 on. */
  count(): number {
    if (!Number.isSafeInteger(this.value) || (this.value as number) < 0) throw this.unexpected("a whole number");
    return this.value as number;
  }

  /** Bytes in base64, in the one form that they are written in. */
  bytes(): Uint8Array {
    const text = this.text();
    const bytes = Buffer.from(text, "base64");
    if (bytes.toString("base64") !== text) throw this.unexpected("bytes in base64");
    return new Uint8Array(bytes);
  }

  unexpected(expected: string): EncodingError {
    return new EncodingError({
      code: "WS_BAD_ENCODING",
      message: `\`${this.path}\` is ${previewValue(this.value)}, and should be ${expected}.`,
      hint: "It was not written by Warmstart, or was changed since: compile the pipeline again.",
      details: { path: this.path },
    });
  }
}
