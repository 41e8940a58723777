/**
 * Longest mark, in bytes. The last bytes of each chunk are searched again together with the next chunk, as a mark may
 * be split between the two.
 */
const longestMark = 100;

/** Collects a program's output up to a number of bytes, and watches it for a mark. */
export class Output {
  private readonly chunks: Buffer[] = [];
  private bytes = 0;
  private last: Buffer = Buffer.alloc(0);
  private awaited: { readonly mark: string; readonly found: () => void } | undefined;

  /**
   * `most` is the number of bytes to keep. `keeps` says which part of a longer output to keep: its start or its end.
   */
  constructor(
    private readonly most: number,
    private readonly keeps: "start" | "end",
  ) {}

  /** Whether there was more output than is kept. */
  overflowed = false;

  add(chunk: Buffer): void {
    this.last = Buffer.concat([this.last.subarray(-longestMark), chunk]);
    if (this.awaited && this.last.includes(this.awaited.mark)) this.awaited.found();
    if (this.keeps === "start" && this.overflowed) return;
    this.chunks.push(chunk);
    this.bytes += chunk.length;
    this.overflowed ||= this.bytes > this.most;
    if (this.keeps === "end") this.dropStart();
  }

  /** Waits until the output contains a mark. Only one mark can be awaited at a time. */
  async waitFor(mark: string): Promise<undefined> {
    if (this.toString().includes(mark)) return undefined;
    return new Promise((resolve) => {
      this.awaited = { mark, found: () => resolve(undefined) };
    });
  }

  toString(): string {
    const all = Buffer.concat(this.chunks);
    return (this.keeps === "start" ? all.subarray(0, this.most) : all.subarray(-this.most)).toString();
  }

  private dropStart(): void {
    for (let first = this.chunks[0]; first && this.bytes - first.length >= this.most; first = this.chunks[0]) {
      this.bytes -= first.length;
      this.chunks.shift();
    }
  }
}
