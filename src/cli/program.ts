import { Argument, Command, Option } from 'commander';
import { checkCommand, mergeCommand } from './check-command.ts';
import { examplesOf } from './examples.ts';
import { collect, formats, maximumSize, nameOption, reading } from './options.ts';
import type { Run, Runner } from './run.ts';
import { type ExitStatus, type Streams, wantsColour } from './streams.ts';

const HOOKS = ['input', 'forward', 'output', 'ingress', 'egress'] as const;

/**
 * The command line. Commands load their work when they are called, so that `--help` and `--version` wait for nothing.
 * @param finish is told the exit status of the command that ran
 */
export function program(version: string, streams: Streams, finish: (status: ExitStatus) => void): Command {
  const run =
    (load: () => Promise<Run>) =>
    async (...args: unknown[]): Promise<void> => {
      // commander passes the operands, then the options, then the command.
      const operands = args.slice(0, -2).flat() as string[];
      const command = args.at(-1) as Command;
      const work = await load();
      const given = (option: string): boolean => command.getOptionValueSource(option) === 'cli';
      finish(await work(streams, operands, args.at(-2) as never, given));
    };
  const root = new Command('postern')
    .description(
      'Checks existing firewall configs against documented baselines: what is missing, excessive and conflicting.',
    )
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command...]', 'print help for a command')
    .showSuggestionAfterError(true)
    .configureOutput({
      writeOut: (text) => void streams.out.write(text),
      writeErr: (text) => void streams.err.write(text),
      getOutHasColors: () => wantsColour(streams.out, streams.env),
      getErrHasColors: () => wantsColour(streams.err, streams.env),
      outputError: (text, write) => write(`${text.replace(/^error:/, 'postern: error:')}${otherWay(text)}`),
    })
    .addHelpText('after', EXIT_HELP);
  root.addCommand(inherit(root, checkCommand(run)));
  root.addCommand(inherit(root, mergeCommand(run)));
  root.addCommand(inherit(root, openingsCommand(run)));
  root.addCommand(inherit(root, traceCommand(run)));
  root.addCommand(inherit(root, baselineCommand(root, run)));
  root.addCommand(inherit(root, initCommand(run)));
  root.addCommand(inherit(root, explainCommand(run)));
  root.addCommand(inherit(root, completionCommand(root, run)));
  for (const command of [...root.commands, ...root.commands.flatMap((one) => one.commands)]) {
    command.addHelpText('after', examplesOf(command));
    refuseSecond(command);
  }
  return root;
}

/** What may be given again, the last one counting, as where a wrapper has given one: it names nothing, but says how much. */
const AMOUNT = /<(?:severity|number|bytes)>$/;

/** The second of two different files, roles, hooks or days is an error: only the last would be looked at, and nobody would know. */
function refuseSecond(command: Command): void {
  for (const { flags, long, required, description } of command.options) {
    if (!required || AMOUNT.test(flags) || description.includes('(repeatable)') || long == null) continue;
    let first: string | undefined;
    command.on(`option:${long.slice(2)}`, (value: string) => {
      if (first !== undefined && first !== value)
        command.error(`error: option '${flags}' takes one value, and has '${first}' and '${value}'`);
      first = value;
    });
  }
}

/** What people of other tools write to get a report into a file. */
const otherWay = (error: string): string =>
  /unknown option '(-o|--output|--out)'/.test(error)
    ? '(A report goes to a file with --format <name>=<file>)\n'
    : '';

const EXIT_HELP = `
Exit status: 0 nothing at or above the threshold; 1 findings at or above it, or
undetermined connections; 2 the command could not do its job.`;

const inherit = (root: Command, command: Command): Command => command.copyInheritedSettings(root);

function openingsCommand(run: Runner): Command {
  return reading(new Command('openings'))
    .description('list what configs let through')
    .argument('<config...>', 'the configs of one host; `-` is standard input')
    .addOption(new Option('--hook <name>', 'only this hook').argParser(nameOption('hook', HOOKS)))
    .addOption(formats(['text', 'json']))
    .action(run(async () => (await import('./commands/openings.ts')).runOpenings));
}

function traceCommand(run: Runner): Command {
  return reading(new Command('trace'))
    .description('tell what happens to packets, rule by rule: NDJSON in, NDJSON out')
    .argument('<config...>', 'the configs of one host')
    .requiredOption('-p, --packets <file|->', 'packets, one JSON object on each line')
    .action(run(async () => (await import('./commands/trace.ts')).runTrace));
}

function initCommand(run: Runner): Command {
  return reading(new Command('init'))
    .description(
      'write a deployment from the configs at hand: hosts, interfaces, own addresses, and roles to bind',
    )
    .argument('<config...>', 'the configs; those of one folder are of one host')
    .option('-b, --baseline <id|file>', 'a baseline that the hosts must meet (repeatable)', collect)
    .option('--as <role>', 'the role of the hosts')
    .option('-o, --output <file>', 'write it to a file, whole or not at all; one that exists stays')
    .action(run(async () => (await import('./commands/init.ts')).runInit));
}

function explainCommand(run: Runner): Command {
  return new Command('explain')
    .description('explain a kind of finding; without one, list them')
    .argument('[rule]', 'the `rule` of a finding, such as `masked`')
    .action(run(async () => (await import('./commands/explain.ts')).runExplain));
}

function completionCommand(root: Command, run: Runner): Command {
  return new Command('completion')
    .description('print a completion script for a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(['bash', 'zsh', 'fish']))
    .action(run(async () => (await import('./commands/completion.ts')).completionOf(root)));
}

function baselineCommand(root: Command, run: Runner): Command {
  const group = inherit(root, new Command('baseline').description('look at baselines').helpCommand(false));
  const load = () => import('./commands/baseline.ts');
  const add = (command: Command, name: 'runList' | 'runShow'): void => {
    group.addCommand(inherit(root, command.action(run(async () => (await load())[name]))));
  };
  const json = (): Option => formats(['text', 'json']);
  add(new Command('list').description('list the shipped baselines').addOption(json()), 'runList');
  add(
    new Command('show')
      .description('print a baseline, row by row')
      .argument('<id|file>', 'a shipped baseline or a file')
      .addOption(json()),
    'runShow',
  );
  group.addCommand(inherit(root, validateCommand(run)));
  group.addCommand(inherit(root, importCommand(run)));
  group.addCommand(inherit(root, verifyCommand(run)));
  group.addCommand(inherit(root, diffCommand(run)));
  return group;
}

function validateCommand(run: Runner): Command {
  return new Command('validate')
    .description('check and review baselines; what is wrong or doubtful is told with line and column')
    .argument('<id|file...>', 'shipped baselines or files')
    .option('--strict', 'doubts exit 1 too')
    .option('-q, --quiet', 'print no doubts')
    .action(run(async () => (await import('./commands/baseline-validate.ts')).runValidate));
}

function importCommand(run: Runner): Command {
  return new Command('import')
    .description("make a draft baseline from a vendor's page; what is a guess is marked `review:`")
    .argument('<document>', 'the page: Markdown, HTML, text with pipe tables, or CSV; `-` is standard input')
    .option('--id <id>', "the baseline's id; made from the title unless given")
    .option('--title <text>', "the baseline's title; the page's unless given")
    .option('-o, --output <file>', 'write the draft to a file, whole or not at all')
    .option('-q, --quiet', 'print nothing but errors to standard error')
    .action(run(async () => (await import('./commands/baseline-import.ts')).runImport));
}

function verifyCommand(run: Runner): Command {
  return new Command('verify')
    .description("compare a baseline with its vendor's page of today; exits 1 where the page has changed")
    .argument('<id|file>', 'a shipped baseline or a file')
    .requiredOption('--document <file>', 'the page: Markdown, HTML, text with pipe tables, or CSV')
    .addOption(formats(['text', 'json']))
    .addOption(maximumSize())
    .option('-q, --quiet', 'print nothing but errors to standard error')
    .action(run(async () => (await import('./commands/baseline-verify.ts')).runVerify));
}

function diffCommand(run: Runner): Command {
  return new Command('diff')
    .description('compare two baselines, connection by connection; exits 1 where they differ')
    .argument('<a>', 'a shipped baseline or a file')
    .argument('<b>', 'another')
    .option('-d, --deployment <file>', 'the site: what each of its hosts has to open and to close')
    .addOption(formats(['text', 'json']))
    .addOption(maximumSize())
    .option('-q, --quiet', 'print nothing but errors to standard error')
    .action(run(async () => (await import('./commands/baseline-diff.ts')).runDiff));
}
