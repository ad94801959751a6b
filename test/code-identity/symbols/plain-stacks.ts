/** Where a test runner maps stack traces, the place of a call is not believed to say which function it is. */
export async function withPlainStacks<T>(act: () => Promise<T>): Promise<T> {
  const prepare = Object.getOwnPropertyDescriptor(Error, "prepareStackTrace");
  const mapped = process.sourceMapsEnabled;
  Reflect.deleteProperty(Error, "prepareStackTrace");
  process.setSourceMapsEnabled(false);
  try {
    return await act();
  } finally {
    process.setSourceMapsEnabled(mapped);
    if (prepare !== undefined) Object.defineProperty(Error, "prepareStackTrace", prepare);
  }
}
