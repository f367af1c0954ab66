import type { Command, Option } from 'commander';
import { CHECK_FORMATS, MERGE_FORMATS } from '../../api/fleet/format-names.ts';
import { INPUT_FORMATS } from '../../api/formats.ts';
import { shippedBaselines } from '../../api/baselines.ts';
import { ruleIds } from '../../api/explain.ts';
import type { Run } from '../run.ts';
import { completionScript, type CompletionCommand, type Shell } from '../shells.ts';

/** What an option's value is one of, by the option's long name; the command's own choices come first. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  '--fail-on': ['critical', 'high', 'medium', 'low', 'info'],
  '--hook': ['input', 'forward', 'output', 'ingress', 'egress'],
  '--input-format': INPUT_FORMATS,
};

/** `postern completion <shell>`: the script is made of the command line as it is, so that it never falls behind. */
export function completionOf(root: Command): Run {
  return async (streams, [shell]) => {
    await streams.out.write(completionScript(shell as Shell, commandsOf(root, [])));
    return streams.out.failed ? 2 : 0;
  };
}

function commandsOf(command: Command, path: readonly string[]): CompletionCommand[] {
  const own: CompletionCommand = {
    path,
    words: [
      ...command.commands.map((one) => ({ word: one.name(), about: one.description() })),
      ...operandsOf(command, path).map((word) => ({ word, about: '' })),
    ],
    options: [...command.options.map((option) => optionOf(option, path)), HELP],
  };
  return [own, ...command.commands.flatMap((one) => commandsOf(one, [...path, one.name()]))];
}

const HELP = { long: '--help', about: 'print help', takesValue: false, values: [], orFile: false };

function optionOf(option: Option, path: readonly string[]): CompletionCommand['options'][number] {
  const long = option.long ?? option.flags;
  const formats =
    path[0] === 'check' ? CHECK_FORMATS : path[0] === 'merge' ? MERGE_FORMATS : ['text', 'json'];
  const isBaseline = long === '--baseline';
  const fixed = isBaseline ? baselineIds() : (option.argChoices ?? VALUES[long] ?? []);
  const values = long === '--format' ? formats : fixed;
  const takesValue = option.required || option.optional;
  return { long, about: option.description, takesValue, values, orFile: isBaseline };
}

const baselineIds = (): readonly string[] => shippedBaselines().map(({ id }) => id);

/** The commands under `baseline` whose operands are ids or files. */
const OF_BASELINES = ['show', 'validate', 'verify', 'diff'];

function operandsOf(command: Command, path: readonly string[]): readonly string[] {
  if (path.join() === 'explain') return ruleIds();
  if (path[0] === 'baseline' && OF_BASELINES.includes(path[1] ?? '')) return baselineIds();
  return command.registeredArguments.flatMap((argument) => argument.argChoices ?? []);
}
