import { expect } from 'vitest';
import { answering, interpret } from '../../src/interpreter/index.ts';
import type { Packet } from '../../src/packet/packet.ts';
import type { Ruleset } from '../../src/rule/ruleset.ts';
import { CATALOGUE_PLAN } from './catalogue/judging.ts';
import type { Judge } from './judge.ts';
import type { RuleFiles } from './load.ts';

/** One verdict for each packet. */
export type Verdicts = readonly ('accept' | 'drop')[];

/** What the kernel does with the packets. */
export async function kernelSays(
  judge: Judge,
  files: RuleFiles,
  packets: readonly Packet[],
): Promise<Verdicts> {
  await judge.route(CATALOGUE_PLAN);
  expect(await judge.load(files)).toBeUndefined();
  const answers = await judge.judge(packets);
  expect(answers.map(({ verdict }) => verdict)).not.toContain('unsent');
  return answers.map(({ verdict }) => verdict) as Verdicts;
}

/** What the interpreter does, with every open question answered by no. */
export function posternSays(model: Ruleset | string, packets: readonly Packet[]): Verdicts {
  if (typeof model === 'string') throw new Error(model);
  return packets.map((packet) =>
    interpret(model, packet, answering()).verdict === 'accept' ? 'accept' : 'drop',
  );
}

/** The texts' judge and postern's model of them agree on this. */
export async function bothSay(
  judge: Judge,
  files: RuleFiles,
  model: Ruleset | string,
  packets: Packet[],
  expected: Verdicts,
) {
  expect(await kernelSays(judge, files, packets)).toEqual(expected);
  expect(posternSays(model, packets)).toEqual(expected);
}
