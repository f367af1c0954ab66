import type { MatchUse, OptionUse, Place, TargetUse } from './ast.ts';
import { numberOf } from './values.ts';

/** Options that the tools do not take together with these values. */
export interface RelationProblem {
  readonly at: Place;
  readonly message: string;
  readonly expected: string;
}

type Use = MatchUse | TargetUse;

/** What the tools find wrong with a use when they have read all its options; undefined where there is nothing. */
export function relationProblem(use: Use, name: string): RelationProblem | undefined {
  return Object.hasOwn(RELATIONS, name) ? RELATIONS[name]?.(use) : undefined;
}

const optionOf = (use: Use, name: string): OptionUse | undefined =>
  use.options.find((option) => option.name === name);

const textOf = (use: Use, name: string): string | undefined => optionOf(use, name)?.values[0]?.text;

function numberIn(use: Use, name: string): bigint | undefined {
  const text = textOf(use, name);
  return text === undefined ? undefined : numberOf(text);
}

/** libxt_cluster.c, cluster_check. */
function cluster(use: Use): RelationProblem | undefined {
  const nodes = numberIn(use, 'cluster-total-nodes');
  const at = optionOf(use, 'cluster-local-node') ?? optionOf(use, 'cluster-local-nodemask');
  if (nodes === undefined || at === undefined) return undefined;
  const node = numberIn(use, 'cluster-local-node');
  const mask = numberIn(use, 'cluster-local-nodemask');
  if ((node === undefined || node <= nodes) && (mask === undefined || mask < 1n << nodes)) return undefined;
  return { at, message: 'the cluster does not have this node', expected: `one of ${nodes} nodes` };
}

/** libxt_statistic.c, statistic_check. */
function statistic(use: Use): RelationProblem | undefined {
  const [every, packet] = [numberIn(use, 'every'), numberIn(use, 'packet')];
  const at = optionOf(use, 'packet');
  if (at === undefined || every === undefined || packet === undefined || packet < every) return undefined;
  return { at, message: `of ${every} packets none is number ${packet}`, expected: `0 to ${every - 1n}` };
}

/** libxt_time.c, time_check. */
function time(use: Use): RelationProblem | undefined {
  const at = optionOf(use, 'contiguous');
  if (at === undefined) return undefined;
  const [start, stop] = [textOf(use, 'timestart') ?? '0:0', textOf(use, 'timestop') ?? '23:59:59'];
  if (secondsOf(start) > secondsOf(stop)) return undefined;
  return {
    at,
    message: '`--contiguous` means nothing where the time does not go over midnight',
    expected: 'a `--timestop` before the `--timestart`',
  };
}

const secondsOf = (clock: string): number => {
  const [hours = 0, minutes = 0, seconds = 0] = clock.split(':').map(Number);
  return (hours * 60 + minutes) * 60 + seconds;
};

/** libip6t_rt.c, rt_check and its parser. */
function rt(use: Use): RelationProblem | undefined {
  const at = use.options.find((option) => option.name.startsWith('rt-0-'));
  if (at === undefined) return undefined;
  const type = optionOf(use, 'rt-type');
  if (type === undefined || type.negated || numberIn(use, 'rt-type') !== 0n)
    return { at, message: `\`--${at.name}\` is about routing headers of type 0`, expected: '`--rt-type 0`' };
  if (optionOf(use, 'rt-0-not-strict') === undefined || optionOf(use, 'rt-0-addrs') !== undefined)
    return undefined;
  return { at, message: '`--rt-0-not-strict` stands without addresses', expected: '`--rt-0-addrs`' };
}

const ELEMENT = ['reqid', 'spi', 'tunnel-src', 'tunnel-dst', 'proto', 'mode'];

/** libxt_policy.c, policy_check: each element of a policy says something, and once; tunnels have ends. */
function policy(use: Use): RelationProblem | undefined {
  for (const name of ['dir', 'pol', 'strict']) {
    const [, again] = use.options.filter((option) => option.name === name);
    if (again !== undefined) return { at: again, message: `\`--${name}\` stands twice`, expected: 'one' };
  }
  const strict = optionOf(use, 'strict');
  const elements: OptionUse[][] = [[]];
  for (const option of use.options) {
    if (option.name === 'next') elements.push([]);
    else if (ELEMENT.includes(option.name)) elements[elements.length - 1]?.push(option);
  }
  if (textOf(use, 'pol') === 'none' && strict !== undefined)
    return { at: strict, message: 'there is no policy that this could be about', expected: '`--pol ipsec`' };
  return elements.map((element) => elementProblem(element, strict)).find((problem) => problem !== undefined);
}

function elementProblem(
  element: readonly OptionUse[],
  strict: OptionUse | undefined,
): RelationProblem | undefined {
  if (strict !== undefined && element.length === 0)
    return { at: strict, message: 'an element of the policy says nothing', expected: '`--reqid` or another' };
  const twice = element.find((option, i) => element.findIndex(({ name }) => name === option.name) !== i);
  if (twice !== undefined)
    return {
      at: twice,
      message: `\`--${twice.name}\` stands twice in an element of the policy`,
      expected: 'one',
    };
  const mode = element.find(({ name }) => name === 'mode');
  const isTunnel = mode !== undefined && mode.values[0]?.text === 'tunnel';
  const end = element.find(({ name }) => name.startsWith('tunnel-'));
  if (end === undefined || isTunnel) return undefined;
  return { at: end, message: 'only tunnels have ends', expected: '`--mode tunnel`' };
}

const GENERAL = ['hmark-mod', 'hmark-rnd', 'hmark-offset'];

/** libxt_HMARK.c, HMARK_check: something must be hashed; an SPI stands where ports would. */
function hmark(use: Use): RelationProblem | undefined {
  if (use.options.every(({ name }) => GENERAL.includes(name)))
    return { at: use, message: '`HMARK` does not say what to hash', expected: '`--hmark-tuple`' };
  const tuple = optionOf(use, 'hmark-tuple');
  const hashed = textOf(use, 'hmark-tuple')?.split(',') ?? [];
  if (tuple === undefined || !hashed.includes('spi') || !hashed.some((name) => /^[sd]port$/.test(name)))
    return undefined;
  return { at: tuple, message: '`spi` and ports are not hashed together', expected: '`spi` or ports' };
}

const RELATIONS: Readonly<Record<string, (use: Use) => RelationProblem | undefined>> = {
  HMARK: hmark,
  cluster,
  policy,
  rt,
  statistic,
  time,
};
