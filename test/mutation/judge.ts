import { loadHost } from '../../src/api/host/host.ts';
import type { ResolvedHost } from '../../src/baseline/model.ts';
import { checkHost } from '../../src/compare/check-host.ts';
import { whole } from '../compare/cases.ts';
import type { Line, Writer } from './configs.ts';
import type { Kind, Mutant, Plan } from './mutants.ts';

/** What was found at one host. */
export interface Tally {
  readonly host: string;
  readonly mutants: Readonly<Record<Kind, number>>;
  readonly caught: number;
  readonly equivalent: number;
  /** Mutants that were not caught, and findings that nobody planted. */
  readonly faults: readonly string[];
}

/** The findings of a config, as `code rule connection hook`. */
export async function findings(
  host: ResolvedHost,
  lines: readonly Line[],
  writer: Writer,
): Promise<readonly string[]> {
  const bytes = Buffer.from(writer(lines));
  const { ruleset } = whole(await loadHost([{ path: 'rules', bytes }]));
  const report = checkHost(host, ruleset, () => undefined);
  return report.findings.map(
    ({ code, rule, connection, hook, certainty }) =>
      `${certainty === 'definite' ? '' : `${certainty} `}${code} ${rule} ${connection ?? '-'} ${hook}`,
  );
}

/** Checks the two compliant configs and every mutant of the plan that is asked for. */
export async function judge(
  plan: Plan,
  writer: Writer,
  wanted: (mutant: Mutant) => boolean = () => true,
): Promise<Tally> {
  const faults: string[] = [];
  for (const [name, lines] of [
    ['strict', plan.strict],
    ['generous', plan.generous],
  ] as const)
    for (const found of await findings(plan.host, lines, writer)) faults.push(`${name}: ${found}`);
  const mutants: Record<Kind, number> = {
    removed: 0,
    'prohibited-row': 0,
    'dropped-row': 0,
    undocumented: 0,
    prohibited: 0,
    masked: 0,
  };
  let caught = 0;
  for (const mutant of plan.mutants.filter(wanted)) {
    mutants[mutant.kind] += 1;
    const found = [...new Set(await findings(mutant.host, mutant.lines, writer))].sort();
    const wrong = difference(mutant.caught, found);
    if (wrong.length === 0) caught += 1;
    else faults.push(`${mutant.kind} ${mutant.name}: ${wrong.join('; ')}`);
  }
  return { host: plan.host.name, mutants, caught, equivalent: plan.equivalent.length, faults };
}

/** Expected and not there, there and not expected. */
function difference(expected: readonly string[], found: readonly string[]): string[] {
  const fits = (pattern: string, text: string): boolean => {
    const [wanted, given] = [pattern, text].map((one) => one.split(' '));
    return (
      wanted?.length === given?.length &&
      (wanted ?? []).every((part, i) => part === '*' || part === given?.[i])
    );
  };
  return [
    ...expected
      .filter((pattern) => !found.some((text) => fits(pattern, text)))
      .map((one) => `not found: ${one}`),
    ...found
      .filter((text) => !expected.some((pattern) => fits(pattern, text)))
      .map((one) => `not planted: ${one}`),
  ];
}
