import type { ExitStatus, Streams } from './streams.ts';

/**
 * A command's work, given what commander read.
 * @param given whether the command line itself has an option, by commander's name (`failOn`)
 */
export type Run = (
  streams: Streams,
  operands: readonly string[],
  options: never,
  given: (option: string) => boolean,
) => Promise<ExitStatus>;

/** Makes commander's action of a command that is loaded when it is called. */
export type Runner = (load: () => Promise<Run>) => (...args: unknown[]) => Promise<void>;
