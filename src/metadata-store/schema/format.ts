/** "WSTR" in the file's header: the mark by which a metadata store of Warmstart is recognised. */
export const APPLICATION_ID = 0x57535452;

/** The format that this release writes. It rises with every migration, and a store of a later one is refused. */
export const FORMAT_VERSION: number = 2;
