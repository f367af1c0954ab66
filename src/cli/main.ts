#!/usr/bin/env node
import { execute } from './execute.ts';
import { Output } from './streams.ts';

process.exitCode = await execute(process.argv.slice(2), {
  out: new Output(process.stdout),
  err: new Output(process.stderr),
  stdin: process.stdin,
  env: process.env,
});
// A pipe that nobody writes to any more (`trace -` after its reader has gone) must not hold the process.
process.stdin.unref?.();
