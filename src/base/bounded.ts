/** More bytes arrived than are allowed. */
export class ByteLimitExceeded extends Error {}

/** Counts bytes as they arrive. Throws ByteLimitExceeded as soon as the count is above `most`, with the message `what`. */
export class Meter {
  private counted = 0;

  constructor(
    private readonly most: number,
    private readonly what = `more than ${most} bytes`,
  ) {}

  count(bytes: number): void {
    this.counted += bytes;
    if (this.counted > this.most) throw new ByteLimitExceeded(this.what);
  }
}
