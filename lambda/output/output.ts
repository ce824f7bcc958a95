/** What an object holds: bytes, or a stream of them where they are too many to hold at once. */
export type Content = Uint8Array | AsyncIterable<Uint8Array>;

/** Where objects go: a directory, or a bucket. One suite of tests holds both to this. */
export type Output = {
  /** How users name it: the directory or the `s3://` URI. */
  readonly uri: string;
  /**
   * Fails where nothing can be written, before anybody was asked for anything. A bucket shows that at the first write only.
   * @throws SyncError of kind `output`
   */
  prepare(): Promise<void>;
  /**
   * Writes an object whole, or not at all, unless it exists already.
   * @returns `exists` where somebody else's object is there; an own one whose answer was lost counts as `created`.
   * @throws SyncError of kind `output`
   */
  create(object: string, content: Content): Promise<'created' | 'exists'>;
  /**
   * Writes an object whole, in place of one that exists: for rebuilds alone.
   * @throws SyncError of kind `output`
   */
  replace(object: string, content: Content): Promise<void>;
  /**
   * Removes an object; nothing happens where there is none. For rebuilds alone.
   * @throws SyncError of kind `output`
   */
  remove(object: string): Promise<void>;
  /**
   * Reads an object; undefined where there is none.
   * @throws SyncError of kind `output`
   */
  get(object: string): Promise<Buffer | undefined>;
  /**
   * Lists the names of all objects that start with a prefix, sorted, from `startAfter` (exclusive) on.
   * @throws SyncError of kind `output`
   */
  list(prefix: string, startAfter?: string): Promise<string[]>;
  /** Ends its connections. */
  close(): void;
};
