import type { Readable, Writable } from 'node:stream';

/** The exit status, as docs/report.md and `--help` tell it: 0 clean, 1 findings, 2 the job could not be done. */
export type ExitStatus = 0 | 1 | 2;

/** One of the two output streams. A reader that goes away (`| head`) ends the output quietly, and not the program. */
export class Output {
  private gone = false;
  private broken: string | undefined;
  private last: Promise<void> = Promise.resolve();

  constructor(private readonly stream: Writable & { isTTY?: boolean; columns?: number }) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // Anything but a closed pipe (a full disk) must not look like success.
      if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED')
        this.broken = error.code ?? error.message;
      this.gone = true;
    });
  }

  /** Whether a terminal reads it. */
  get isTTY(): boolean {
    return this.stream.isTTY === true;
  }

  /** Columns for text: the terminal's, between 60 and 120; 80 where no terminal reads it. */
  get width(): number {
    return this.isTTY ? Math.min(Math.max(this.stream.columns ?? 80, 60), 120) : 80;
  }

  /** Whether nobody reads any more. */
  get closed(): boolean {
    return this.gone;
  }

  /** Whether what was written got lost on its way, and not because its reader went away. */
  get failed(): boolean {
    return this.broken !== undefined;
  }

  /** What the system says about what got lost. */
  get failure(): string | undefined {
    return this.broken;
  }

  /** Writes the text and waits until the stream takes more. */
  async write(text: string | Uint8Array): Promise<void> {
    if (this.gone || text.length === 0) return;
    this.last = new Promise<void>((resolve) => {
      this.stream.write(text, () => resolve());
    });
    await this.last;
  }

  /** Waits until what was written is on its way, or known to be lost. */
  async settled(): Promise<void> {
    await this.last;
    // The stream tells of an error after it has told the writer.
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

/** What a command has of the process around it. */
export interface Streams {
  readonly out: Output;
  readonly err: Output;
  readonly stdin: Readable;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Whether colour is written to an output: only to a terminal, unless NO_COLOR (no-color.org) or FORCE_COLOR (as Node reads it) say otherwise. */
export function wantsColour(output: Output, env: Streams['env']): boolean {
  const forced = env.FORCE_COLOR;
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false;
  return output.isTTY && env.TERM !== 'dumb';
}
