import { execute } from './execute.ts';
import { Output, type Streams } from './streams.ts';

/** Runs the process's own command line, and sets its exit status. */
export async function main(): Promise<void> {
  process.exitCode = await execute(process.argv.slice(2), streams);
  // A pipe that nobody writes to any more (`trace -` after its reader has gone) must not hold the process.
  if (asked) process.stdin.unref?.();
}

/** Node makes its streams when they are first asked for, which takes a millisecond or two each: most commands need one of the three. */
let asked = false;
let out: Output | undefined;
let err: Output | undefined;

const streams: Streams = {
  get out() {
    out ??= new Output(process.stdout);
    return out;
  },
  get err() {
    err ??= new Output(process.stderr);
    return err;
  },
  get stdin() {
    asked = true;
    return process.stdin;
  },
  env: process.env,
};
