/** More came than may come. */
export class TooMuch extends Error {}

/** Counts bytes as they come. Throws TooMuch at once when there are more than so many. */
export class Meter {
  private counted = 0;

  constructor(
    private readonly most: number,
    private readonly what = `more than ${most} bytes`,
  ) {}

  count(bytes: number): void {
    this.counted += bytes;
    if (this.counted > this.most) throw new TooMuch(this.what);
  }
}
