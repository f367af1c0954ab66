import type { RulesEntry, Sketch } from './types.ts';

type More = Partial<Pick<RulesEntry, 'family' | 'hook' | 'note' | 'delivered' | 'facts'>>;

/** One entry, of IPv4 and at input unless `more` says otherwise. */
export function entry(
  construct: string,
  rules: string,
  passes: readonly Sketch[],
  stops: readonly Sketch[],
  more: More = {},
): RulesEntry {
  return { construct, family: 4, hook: 'input', rules, passes, stops, ...more };
}

/** One table: its chains with policies, and its rules. */
export function table(name: string, chains: string, ...rules: readonly string[]): string {
  const heads = chains.split(' ').map((chain) => {
    const [title, policy = '-'] = chain.split('=');
    return `:${title} ${policy} [0:0]\n`;
  });
  return `*${name}\n${heads.join('')}${rules.map((rule) => `-A ${rule}\n`).join('')}COMMIT\n`;
}

/** A filter table whose INPUT is closed. */
export const filter = (...rules: readonly string[]) => table('filter', 'INPUT=DROP', ...rules);
/** `rule` first in mangle's PREROUTING; filter accepts what matches. */
export const mangled = (rule: string, matches: string) =>
  table('mangle', 'PREROUTING=ACCEPT', `PREROUTING ${rule}`) + filter(`INPUT ${matches} -j ACCEPT`);
