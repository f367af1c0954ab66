import type { Output, Streams } from './streams.ts';

/**
 * A line on the terminal that says what is being done, and goes away. Nothing where standard error is no terminal, or one that takes
 * lines only.
 */
export class Progress {
  private readonly output: Output | undefined;
  private shown = false;

  constructor(streams: Streams, options: { readonly quiet?: boolean; readonly progress: boolean }) {
    const wanted =
      options.progress && options.quiet !== true && streams.err.isTTY && streams.env.TERM !== 'dumb';
    this.output = wanted ? streams.err : undefined;
  }

  /** Replaces the line. Control characters in it are taken out. */
  show(text: string): void {
    if (this.output === undefined) return;
    this.shown = true;
    const safe = text.replace(/[\p{Cc}\p{Cf}]/gu, '').slice(0, this.output.width - 1);
    void this.output.write(`\r\u001b[K${safe}`);
  }

  /** Takes the line away. */
  clear(): void {
    if (this.shown) void this.output?.write('\r\u001b[K');
    this.shown = false;
  }
}
