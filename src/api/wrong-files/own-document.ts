import type { Diagnostic } from '../../text/diagnostic.ts';
import type { SourceFile } from '../../text/source.ts';

/** How much of a file is looked at: what it is its keys say. */
const LOOKED_AT = 1 << 16;

const VERSION = /(?:^|[{,\s])["']?version["']?\s*:\s*1\b/;
const key = (name: string): RegExp => new RegExp(`(?:^|[{,])\\s*["']?${name}["']?\\s*:`, 'm');

/** Postern's own files: what they are, the key that they are known by, and the option that takes them. */
const KINDS: readonly (readonly [what: string, sign: RegExp, instead: string])[] = [
  ['a deployment', key('hosts'), '`postern check` takes it with `--deployment`'],
  ['a baseline', key('rows'), '`postern check` takes it with `--baseline`'],
  ['a file of waivers', key('waivers'), '`postern check` takes it with `--waivers`'],
];
const REPORT = /"tool"\s*:\s*\{\s*"name"\s*:\s*"postern"/;

/** Whether a file is one of postern's own in the place of a config. */
export function ownDocument(source: SourceFile): Diagnostic | undefined {
  const text = source.text.slice(0, LOOKED_AT);
  const found = VERSION.test(text) ? KINDS.find(([, sign]) => sign.test(text)) : undefined;
  if (found === undefined && !REPORT.test(text)) return undefined;
  const [what, , help] = found ?? ['a report of postern’s own', REPORT, 'leave it out'];
  const start = Math.max(0, text.search(/\S/));
  return {
    severity: 'error',
    code: 'own-document',
    message: `this is ${what}, and no config`,
    span: { file: source, start, end: start + 1 },
    expected: 'what the firewall’s own tool prints',
    help,
  };
}

const INSTEAD = {
  deployment: {
    expected: 'a YAML file that names hosts and their configs',
    help: 'name configs as arguments, without `--deployment`; `postern init` writes a deployment for them',
  },
  baseline: {
    expected: 'a YAML file that has the rows of a document',
    help: '`postern check` takes configs as arguments; `postern baseline import` makes a draft of a baseline from a page',
  },
} as const;

/** What a file is that was given as a deployment or a baseline, and is a config. */
export function configInstead(
  source: SourceFile,
  format: string,
  wanted: keyof typeof INSTEAD = 'deployment',
): Diagnostic {
  return {
    severity: 'error',
    code: `config-as-${wanted}`,
    message: `this is a config (${format}), and no ${wanted}`,
    span: { file: source, start: 0, end: 1 },
    ...INSTEAD[wanted],
  };
}
