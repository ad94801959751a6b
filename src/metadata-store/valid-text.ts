const loneSurrogate = /\p{Surrogate}/u;

/** Whether a store can hold a text as it is: one with half a surrogate pair has no UTF-8 form, and two would become one. */
export function isValidText(text: string): boolean {
  return !loneSurrogate.test(text);
}
