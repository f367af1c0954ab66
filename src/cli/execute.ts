import { type Command, CommanderError } from 'commander';
import { packageVersion } from '../api/version.ts';
import { program } from './program.ts';
import { forgetReads } from './read.ts';
import type { ExitStatus, Streams } from './streams.ts';

/**
 * Runs one command line. Whatever goes wrong is a short message and status 2.
 * @param words what follows the program's name
 */
export async function execute(words: readonly string[], streams: Streams): Promise<ExitStatus> {
  let status: ExitStatus = 2;
  forgetReads();
  const root = program(packageVersion(), streams, (result) => {
    status = result;
  });
  for (const command of [root, ...root.commands, ...root.commands.flatMap((c) => c.commands)]) {
    command.exitOverride();
  }
  try {
    await root.parseAsync(asHelp(words, root), { from: 'user' });
    if (status === 2) await tellLoss(streams);
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? printed(streams) : 2;
    await streams.err.write(internalError(error, streams.env));
    return 2;
  }
}

/** The status of help and the version, which commander prints and does not wait for. */
async function printed(streams: Streams): Promise<ExitStatus> {
  await streams.out.settled();
  await tellLoss(streams);
  return streams.out.failed ? 2 : 0;
}

async function tellLoss({ out, err }: Streams): Promise<void> {
  if (out.failure === undefined) return;
  await err.write(
    `postern: error: standard output can't be written (${out.failure}); what is there is not whole\n`,
  );
}

/**
 * `help` before a command and its subcommand, or between them, as `--help` of the subcommand: commander's own knows only one word. What
 * is no command is told as any other mistake is.
 */
function asHelp(words: readonly string[], root: Command): readonly string[] {
  const [first, ...rest] = words;
  const group = root.commands.find((one) => one.name() === first && one.commands.length > 0);
  if (group !== undefined && rest[0] === 'help')
    return asHelp(['help', group.name(), ...rest.slice(1)], root);
  if (first !== 'help' || rest.length === 0) return words;
  const command = root.commands.find((one) => one.name() === rest[0]);
  if (command === undefined) return rest;
  const asked = command.commands.find((one) => one.name() === rest[1]);
  if (rest.length > 1 && asked === undefined && command.commands.length > 0) return rest;
  return [command.name(), ...(asked === undefined ? [] : [asked.name()]), '--help'];
}

function internalError(error: unknown, env: Streams['env']): string {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  const trace = env.POSTERN_DEBUG === undefined ? '' : `${stack}\n`;
  const help = '  help: this is a fault of postern; POSTERN_DEBUG=1 prints where it happened\n';
  return `postern: internal error: ${name}: ${message.split('\n')[0]?.slice(0, 300)}\n${trace}${help}`;
}
