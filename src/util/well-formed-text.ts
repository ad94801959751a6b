const loneSurrogate = /\p{Surrogate}/u;

/** Whether a text has a UTF-8 form: no surrogate stands alone. */
export function isWellFormedText(text: string): boolean {
  return !loneSurrogate.test(text);
}
