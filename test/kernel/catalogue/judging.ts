import { compareWithInterpreter } from '../compare/compare.ts';
import { toJson } from '../compare/packet-json.ts';
import { readHost } from '../compare/read.ts';
import { compareWithSymbolic, SymbolicJudge } from '../compare/symbolic.ts';
import type { Judge, KernelAnswer } from '../judge.ts';
import type { JudgePools } from '../judges.ts';
import type { RuleFiles } from '../load.ts';
import type { Packet } from '../../../src/packet/packet.ts';
import type { Ruleset } from '../../../src/rule/ruleset.ts';
import type { RoutePlan } from '../topology.ts';
import { LINKS } from '../topology.ts';
import { parseAddress } from '../wire/address.ts';
import { type MatchEntry, packetOf, type RulesEntry, type Sketch } from './types.ts';

/** The hosts of a catalogue run, and the tools that load rules. */
export interface Bench {
  readonly judges: JudgePools;
  readonly backend: RuleFiles['backend'];
}

/** Where the catalogue's router sends packets: out by eth1. */
export const CATALOGUE_PLAN: RoutePlan = Object.fromEntries(
  ['', ...LINKS.map((l) => l.name)].map((name) => [name, 'eth1']),
);

interface Expectation {
  readonly packet: Packet;
  readonly accept: boolean;
  /** What is expected of it, for the message. */
  readonly rule: string;
  readonly delivered?: RulesEntry['delivered'];
  /** The rule set that the symbolic engine is asked about, where it is not the kernel's, and the packet there. */
  readonly alone?: { readonly text: string; readonly packet: Packet };
}

/**
 * Judges match entries of one family and hook in one rule set: a mark in the packet's upper half leads it to its case's
 * own chain. The symbolic engine is asked about each case alone, since sets that only a mark holds apart get large.
 * @returns one line for each packet with which something is wrong
 */
export async function judgeMatches(
  bench: Bench,
  entries: readonly MatchEntry[],
  family: 4 | 6,
  hook: MatchEntry['hook'],
): Promise<string[]> {
  const cases = entries
    .filter((entry) => entry.hook === hook && (entry.family === family || entry.family === 'both'))
    .flatMap((entry) => entry.cases);
  const base = hook.toUpperCase();
  const names = cases.map((_, index) => `case${index}`);
  const label = (index: number) => (index + 1) * 0x10000;
  const lines = [
    '*filter',
    `:${base} DROP [0:0]`,
    ...names.map((name) => `:${name} - [0:0]`),
    ...names.map((name, i) => `-A ${base} -m mark --mark 0x${label(i).toString(16)}/0xffff0000 -g ${name}`),
    ...cases.map(({ rule }, i) => `-A ${names[i]} ${rule} -j ACCEPT`),
    'COMMIT\n',
  ];
  const expectations = cases.flatMap(({ rule, matches, misses }, index) => {
    const expect = (sketch: Sketch, accept: boolean): Expectation => {
      const packet = packetOf(sketch, family, hook);
      const alone = { text: `*filter\n:${base} DROP [0:0]\n-A ${base} ${rule} -j ACCEPT\nCOMMIT\n`, packet };
      return { packet: { ...packet, mark: label(index) + packet.mark }, accept, rule, alone };
    };
    return [
      ...matches.map((sketch) => expect(sketch, true)),
      ...misses.map((sketch) => expect(sketch, false)),
    ];
  });
  const text = lines.join('\n');
  const files: RuleFiles = { backend: bench.backend, ...(family === 4 ? { v4: text } : { v6: text }) };
  return bench.judges.use(hook === 'input' ? 'sink' : 'router', (judge) =>
    judgeFiles(judge, files, expectations, hook !== 'input'),
  );
}

/** Judges one rule set of the catalogue. */
export async function judgeRules(bench: Bench, entry: RulesEntry): Promise<string[]> {
  const { family, hook, rules, ipset, delivered, facts = false } = entry;
  const expect = (sketch: Sketch, accept: boolean): Expectation => ({
    packet: packetOf(sketch, family, hook),
    accept,
    rule: entry.construct,
    ...(accept && delivered !== undefined ? { delivered } : {}),
  });
  const expectations = [
    ...entry.passes.map((s) => expect(s, true)),
    ...entry.stops.map((s) => expect(s, false)),
  ];
  const files: RuleFiles = {
    backend: bench.backend,
    ...(family === 4 ? { v4: rules } : { v6: rules }),
    ...(ipset === undefined ? {} : { ipset }),
  };
  const kind = hook === 'input' && !facts ? 'sink' : 'router';
  return bench.judges.use(kind, (judge) => judgeFiles(judge, files, expectations, facts));
}

async function judgeFiles(
  judge: Judge,
  files: RuleFiles,
  expectations: readonly Expectation[],
  facts: boolean,
): Promise<string[]> {
  await judge.route(CATALOGUE_PLAN);
  const refusal = await judge.load(files);
  if (refusal !== undefined) return [`the kernel does not load it: ${refusal}`];
  const ruleset = readHost({ ...files, ...(facts ? { addresses: await judge.addresses() } : {}) });
  if (typeof ruleset === 'string') return [`postern does not read it: ${ruleset}`];
  const symbolicOf = symbolicJudges(ruleset);
  const answers = await judge.judge(expectations.map(({ packet }) => packet));
  return expectations.flatMap((expected, index) => {
    const kernel = answers[index] as KernelAnswer;
    const { packet, rule } = expected;
    const complaints: string[] = [];
    if (kernel.verdict !== (expected.accept ? 'accept' : 'drop'))
      complaints.push(
        `the kernel says ${kernel.verdict}${kernel.verdict === 'unsent' ? `: ${kernel.reason}` : ''}`,
      );
    else complaints.push(...misdelivered(expected, kernel));
    const interpreted = compareWithInterpreter(ruleset, packet, kernel);
    const symbolic = symbolicOf(expected);
    const member = compareWithSymbolic(
      symbolic,
      expected.alone?.packet ?? packet,
      kernel,
      interpreted,
      CATALOGUE_PLAN,
    );
    for (const found of [interpreted, member]) if (found.kind !== 'agree') complaints.push(found.why);
    return complaints.map((why) => `${rule}: ${why}: ${JSON.stringify(toJson(packet))}`);
  });
}

/** The symbolic engine for an expectation, one for each rule set. */
function symbolicJudges(ruleset: Ruleset): (expected: Expectation) => SymbolicJudge {
  const whole = new SymbolicJudge(ruleset);
  const made = new Map<string, SymbolicJudge>();
  return ({ alone, packet }) => {
    if (alone === undefined) return whole;
    const key = `${packet.family} ${alone.text}`;
    let judge = made.get(key);
    if (judge === undefined) {
      const read = readHost(packet.family === 4 ? { v4: alone.text } : { v6: alone.text });
      judge = typeof read === 'string' ? whole : new SymbolicJudge(read);
      made.set(key, judge);
    }
    return judge;
  };
}

function misdelivered({ delivered }: Expectation, kernel: KernelAnswer): string[] {
  if (delivered === undefined || kernel.verdict !== 'accept') return [];
  const wrong: string[] = [];
  if (delivered.dst !== undefined && kernel.dst !== parseAddress(delivered.dst))
    wrong.push(`delivered to address ${kernel.dst}`);
  if (delivered.dport !== undefined && kernel.dport !== delivered.dport)
    wrong.push(`delivered to port ${kernel.dport}`);
  return wrong;
}
