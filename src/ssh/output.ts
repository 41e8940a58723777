/** A mark may lie across two chunks: so many bytes are searched again with the next chunk. No mark is longer. */
const longestMark = 100;

/** Collects what a program prints, up to a number of bytes, and finds marks in it as they come. */
export class Output {
  private readonly chunks: Buffer[] = [];
  private bytes = 0;
  private last: Buffer = Buffer.alloc(0);
  private awaited: { readonly mark: string; readonly found: () => void } | undefined;

  /** `most`: bytes to keep. `keeps`: of a longer output, either its start or its end is kept. */
  constructor(
    private readonly most: number,
    private readonly keeps: "start" | "end",
  ) {}

  /** More came than is kept. */
  tooMuch = false;

  add(chunk: Buffer): void {
    this.last = Buffer.concat([this.last.subarray(-longestMark), chunk]);
    if (this.awaited && this.last.includes(this.awaited.mark)) this.awaited.found();
    if (this.keeps === "start" && this.tooMuch) return;
    this.chunks.push(chunk);
    this.bytes += chunk.length;
    this.tooMuch ||= this.bytes > this.most;
    if (this.keeps === "end") this.dropStart();
  }

  /** Fulfilled as soon as the mark has come; one mark at a time. */
  async has(mark: string): Promise<undefined> {
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
