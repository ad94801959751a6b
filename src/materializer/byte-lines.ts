const LINE_FEED = 10;

/** The lines of UTF-8 text that arrives in chunks; a line may span any number of them. */
export async function* byteLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
  let carried: Buffer[] = [];
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let start = 0;
    for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, start)) {
      const part = bytes.subarray(start, end);
      yield (carried.length === 0 ? part : Buffer.concat([...carried, part])).toString("utf8");
      carried = [];
      start = end + 1;
    }
    if (start < bytes.byteLength) carried.push(Buffer.from(bytes.subarray(start)));
  }
  if (carried.length > 0) yield Buffer.concat(carried).toString("utf8");
}
