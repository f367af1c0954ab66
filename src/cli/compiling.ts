import { setFlagsFromString } from 'node:v8';

/** The V8 of Node 20, whose options these are: another's may have other names, and other budgets. */
const KNOWN = '11.3.';
/** V8's own (v8/src/flags/flag-definitions.h, `interrupt_budget`). */
const USUAL = 66 * 1024;
const LATER = 200_000;
/**
 * How much of other functions V8 puts into one that it compiles, in bytes of their code (`max_inlined_bytecode_size_cumulative`), and how much it
 * puts there where little is checked: it compiles these in half the time, and what is long checked would be slower for it.
 */
const INLINED = 920;
const LITTLE_INLINED = 200;
/** Configs of so many bytes are much: some 25,000 rules. */
const MUCH = 2_000_000;
/** So many hosts are checked before most functions have been compiled either way. */
const FEW = 4;

/**
 * When V8 compiles functions for good: once so many bytes of their code have run (`node --v8-options`, `--interrupt-budget`). A
 * check of one host mostly ends before much of that has paid, and on two processors four threads that compile take some of the time of
 * the one that checks. Where few hosts are checked functions are compiled a little later, and of a small config with less of other
 * functions in them; many hosts are checked sooner with V8's own budget (bench/README.md).
 */
export class Compiling {
  private hosts = 0;

  /** @param bytes how large the configs are together */
  constructor(
    private readonly bytes: number,
    private readonly set: (flags: string) => void = setFlagsFromString,
    private readonly version = process.versions.v8,
  ) {}

  /** Call it before a host is checked, when all that it needs is loaded: V8 takes compiled code only with the options it was made with. */
  host(): void {
    this.hosts++;
    if (this.hosts === 1) this.tell(LATER, this.bytes < MUCH ? LITTLE_INLINED : INLINED);
    else if (this.hosts === FEW + 1) this.tell(USUAL, INLINED);
  }

  /** Call it when all hosts are checked. */
  done(): void {
    if (this.hosts > 0) this.tell(USUAL, INLINED);
  }

  private tell(budget: number, inlined: number): void {
    if (!this.version.startsWith(KNOWN)) return;
    this.set(`--interrupt-budget=${budget}`);
    this.set(`--max-inlined-bytecode-size-cumulative=${inlined}`);
  }
}
