#!/usr/bin/env node
import { CommanderError } from 'commander';
import { packageVersion } from '../api/version.ts';
import { program } from './program.ts';
import { type ExitStatus, Output, type Streams } from './streams.ts';

const streams: Streams = {
  out: new Output(process.stdout),
  err: new Output(process.stderr),
  stdin: process.stdin,
  env: process.env,
};

/** Runs one command line. Whatever goes wrong is a short message and status 2. */
async function main(): Promise<ExitStatus> {
  let status: ExitStatus = 2;
  const root = program(packageVersion(), streams, (result) => {
    status = result;
  });
  for (const command of [root, ...root.commands, ...root.commands.flatMap((c) => c.commands)]) {
    command.exitOverride();
  }
  try {
    await root.parseAsync(process.argv);
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    await streams.err.write(internalError(error));
    return 2;
  }
}

function internalError(error: unknown): string {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  const trace = process.env.POSTERN_DEBUG === undefined ? '' : `${stack}\n`;
  const help = '  help: this is a fault of postern; POSTERN_DEBUG=1 prints where it happened\n';
  return `postern: internal error: ${name}: ${message.split('\n')[0]?.slice(0, 300)}\n${trace}${help}`;
}

process.exitCode = await main();
// A pipe that nobody writes to any more (`trace -` after its reader has gone) must not hold the process.
process.stdin.unref?.();
