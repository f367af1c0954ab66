/** Where objects stand: an export has a million of them, so their offsets are numbers in two arrays. */
export class Places {
  private readonly numbers = new Map<object, number>();
  private starts = new Uint32Array(1024);
  private ends = new Uint32Array(1024);

  add(object: object, start: number, end: number): void {
    const number = this.numbers.size;
    if (number === this.starts.length) {
      this.starts = doubled(this.starts);
      this.ends = doubled(this.ends);
    }
    this.numbers.set(object, number);
    this.starts[number] = start;
    this.ends[number] = end;
  }

  of(object: object): { readonly start: number; readonly end: number } | undefined {
    const number = this.numbers.get(object);
    if (number === undefined) return undefined;
    return { start: this.starts[number] as number, end: this.ends[number] as number };
  }
}

function doubled(array: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(array.length * 2);
  larger.set(array);
  return larger;
}
