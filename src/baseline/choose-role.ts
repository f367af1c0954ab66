import { failure, type Result, success } from '../text/diagnostic.ts';
import type { Baseline } from './baseline.ts';
import { oneOf, suggestion } from './suggest.ts';

/**
 * `--as`: a role that each baseline has, unless it has one for every host; without `--as` there must be no question.
 *
 * @param others baselines that could have been named, for whoever names a role of one of them
 */
export function chooseRole(
  baselines: readonly Baseline[],
  role: string | undefined,
  others: () => readonly Baseline[] = () => [],
): Result<string> {
  const general = (baseline: Baseline): string | undefined =>
    [...baseline.roles].find(([, { everyHost }]) => everyHost)?.[0];
  const particular = baselines.filter((baseline) => general(baseline) === undefined);
  const known = [...new Set(baselines.flatMap((baseline) => [...baseline.roles.keys()]))];
  if (role === undefined) {
    const first = baselines[0] && general(baselines[0]);
    if (particular.length === 0 && first !== undefined) return success(first);
    return failure({
      severity: 'error',
      code: 'role-needed',
      message: 'It is not said which role the host has.',
      expected: oneOf(known),
      help: 'Name it with `--as <role>`, or write a deployment.',
    });
  }
  const without = particular.find((baseline) => !baseline.roles.has(role));
  if (known.includes(role) && without === undefined) return success(role);
  const message = `The baseline \`${without?.id ?? baselines[0]?.id ?? ''}\` has no role \`${role}\`.`;
  const candidates = [...(without?.roles.keys() ?? known)];
  const help = suggestion(role, candidates) ?? elsewhere(role, others());
  return failure({
    severity: 'error',
    code: 'unknown-role',
    message,
    expected: oneOf(candidates),
    ...(help === undefined ? {} : { help }),
  });
}

function elsewhere(role: string, others: readonly Baseline[]): string | undefined {
  const found = others.filter(({ roles }) => roles.has(role)).map(({ id }) => `\`${id}\``);
  const [first] = found;
  if (first === undefined) return undefined;
  return `${found.join(', ')} ${found.length === 1 ? 'has' : 'have'} it; name ${found.length === 1 ? 'it' : 'one'} with \`--baseline\`.`;
}
