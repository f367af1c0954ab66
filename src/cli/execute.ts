import { CommanderError } from 'commander';
import { packageVersion } from '../api/version.ts';
import { program } from './program.ts';
import type { ExitStatus, Streams } from './streams.ts';

/**
 * Runs one command line. Whatever goes wrong is a short message and status 2.
 * @param words what follows the program's name
 */
export async function execute(words: readonly string[], streams: Streams): Promise<ExitStatus> {
  let status: ExitStatus = 2;
  const root = program(packageVersion(), streams, (result) => {
    status = result;
  });
  for (const command of [root, ...root.commands, ...root.commands.flatMap((c) => c.commands)]) {
    command.exitOverride();
  }
  try {
    await root.parseAsync(words, { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    await streams.err.write(internalError(error, streams.env));
    return 2;
  }
}

function internalError(error: unknown, env: Streams['env']): string {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  const trace = env.POSTERN_DEBUG === undefined ? '' : `${stack}\n`;
  const help = '  help: this is a fault of postern; POSTERN_DEBUG=1 prints where it happened\n';
  return `postern: internal error: ${name}: ${message.split('\n')[0]?.slice(0, 300)}\n${trace}${help}`;
}
