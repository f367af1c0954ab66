import { type OptionOwner, type OptionSpec, options } from './getopt.ts';

/**
 * The options of iptables(8) itself. Those that take an optional argument are given none here; command.ts takes
 * the next word where it is one.
 */
export const BASE_OPTIONS: OptionOwner = {
  kind: 'base',
  name: '',
  options: options(
    'append=1',
    'delete=1',
    'check=1',
    'insert=1',
    'replace=1',
    'list',
    'list-rules',
    'flush',
    'zero',
    'new-chain=1',
    'delete-chain',
    'rename-chain=1',
    'policy=1',
    '!source|src=1',
    '!destination|dst=1',
    '!protocol=1',
    '!in-interface=1',
    '!out-interface=1',
    '!fragments',
    'jump=1',
    'goto=1',
    'match=1',
    'table=1',
    'ipv4',
    'ipv6',
    'numeric',
    'verbose',
    'exact',
    'line-numbers',
    'wait',
    'wait-interval=1',
    'modprobe=1',
    'set-counters=2',
    'version',
    'help',
  ),
};

const LETTERS: Readonly<Record<string, string>> = {
  A: 'append',
  D: 'delete',
  C: 'check',
  I: 'insert',
  R: 'replace',
  L: 'list',
  S: 'list-rules',
  F: 'flush',
  Z: 'zero',
  N: 'new-chain',
  X: 'delete-chain',
  E: 'rename-chain',
  P: 'policy',
  s: 'source',
  d: 'destination',
  p: 'protocol',
  i: 'in-interface',
  o: 'out-interface',
  f: 'fragments',
  j: 'jump',
  g: 'goto',
  m: 'match',
  t: 'table',
  4: 'ipv4',
  6: 'ipv6',
  n: 'numeric',
  v: 'verbose',
  x: 'exact',
  w: 'wait',
  W: 'wait-interval',
  c: 'set-counters',
  M: 'modprobe',
  V: 'version',
  h: 'help',
};

const BY_NAME = new Map(BASE_OPTIONS.options.map((spec) => [spec.name, spec]));
const BY_LETTER = new Map(
  Object.entries(LETTERS).map(([letter, name]) => [letter, BY_NAME.get(name) as OptionSpec]),
);

/** The option behind `-x`. */
export function shortOption(letter: string): OptionSpec | undefined {
  return BY_LETTER.get(letter);
}

/** The options that are commands; a line has exactly one. */
export const COMMANDS: ReadonlySet<string> = new Set(
  BASE_OPTIONS.options.slice(0, 13).map((spec) => spec.name),
);

const EXTRA_WORDS: Readonly<Record<string, number>> = {
  delete: 1,
  insert: 1,
  replace: 1,
  list: 2,
  'list-rules': 2,
  flush: 1,
  zero: 2,
  'delete-chain': 1,
  'rename-chain': 1,
  policy: 1,
};

/** How many further words a command takes when they are no options. */
export function extraWords(command: string): number {
  return EXTRA_WORDS[command] ?? 0;
}

const MATCHING = new Set(['source', 'destination', 'protocol', 'in-interface', 'out-interface', 'fragments']);

/** Whether an option is one of iptables' own conditions. */
export function isMatching(option: string): boolean {
  return MATCHING.has(option);
}
