import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { iptablesReader } from '../../../src/formats/iptables/index.ts';
import { nftReader } from '../../../src/formats/nft/index.ts';
import { outcomes } from '../../../src/interpreter/index.ts';
import type { Packet } from '../../../src/packet/packet.ts';
import { assemble } from '../../../src/rule/assemble.ts';
import type { Ruleset } from '../../../src/rule/ruleset.ts';
import { SourceFile } from '../../../src/text/source.ts';
import { packetOf } from '../../kernel/catalogue/types.ts';
import { renderResult } from '../iptables/render.ts';
import { inNamespace, KERNEL, steady } from './kernel.ts';

/**
 * Dumps of iptables, and what nft lists once iptables-nft has loaded them: as text by the translations of libxtables, some of which
 * leave out what the rule asks, and as JSON with the names of extensions only. `UPDATE_FIXTURES=1` lists them anew.
 */
const ROOT = join(import.meta.dirname, '../../../fixtures/nft-of-iptables');

const LISTINGS = [
  ['listing.nft', 'nft list ruleset', 'nft'],
  ['listing.json', 'nft -j list ruleset', 'nft-json'],
] as const;

function rulesetOf(folder: string, file: string, format: Parameters<typeof nftReader.read>[1]): Ruleset {
  const reader = format === 'nft' || format === 'nft-json' ? nftReader : iptablesReader;
  const read = reader.read(new SourceFile(file, readFileSync(join(folder, file), 'utf8')), format, 'host');
  if (!read.ok) throw new Error(renderResult(read));
  const whole = assemble([read.value]);
  if (!whole.ok) throw new Error('not assembled');
  return whole.value.ruleset;
}

const PORTS = [5, 7, 10, 21, 22, 23, 53, 80, 85, 90, 443, 4000, 8080, 8443];
const STATES = ['new', 'established', 'related', 'invalid'] as const;

function packetsOf(family: 4 | 6): readonly Packet[] {
  const packets: Packet[] = [];
  for (const hook of ['input', 'forward'] as const)
    for (const protocol of [6, 17, 132, 33])
      for (const state of STATES)
        for (const dport of PORTS)
          for (const sport of [5, 40_000]) {
            packets.push(packetOf({ protocol, state, dport, sport }, family, hook));
            packets.push(packetOf({ protocol, state, dport, sport, tos: 16, ttl: 3 }, family, hook));
          }
  const inside = family === 4 ? '10.0.0.5' : 'fd00::5';
  return [
    ...packets,
    ...PORTS.map((dport) => packetOf({ protocol: 6, dport, dst: inside }, family, 'forward')),
    ...[100, 200].map((ctmark) => packetOf({ protocol: 6, ctmark }, family, 'input')),
  ];
}

/** Whether a packet can pass, and whether it can be stopped. */
function ends(ruleset: Ruleset, packet: Packet): ReadonlySet<boolean> {
  return new Set(outcomes(ruleset, packet).verdicts.map((verdict) => verdict === 'accept'));
}

describe.each(readdirSync(ROOT))('%s, as nft lists it', (name) => {
  const folder = join(ROOT, name);
  const family = existsSync(join(folder, 'rules.v6')) ? 6 : 4;
  const dump = family === 6 ? 'rules.v6' : 'rules.v4';
  const tool = family === 6 ? 'ip6tables-nft-restore' : 'iptables-nft-restore';

  it.skipIf(!KERNEL)('is what this nft prints', () => {
    for (const [file, command] of LISTINGS) {
      const rules = readFileSync(join(folder, dump), 'utf8');
      const { stdout } = inNamespace(`${tool} && ${command} 2>/dev/null`, rules);
      if (process.env.UPDATE_FIXTURES === '1') writeFileSync(join(folder, file), steady(stdout));
      else expect(steady(stdout)).toBe(readFileSync(join(folder, file), 'utf8'));
    }
  });

  it.each(LISTINGS)('%s says nothing for certain that the dump denies', (file, _, format) => {
    const theirs = rulesetOf(folder, dump, family === 6 ? 'ip6tables-save' : 'iptables-save');
    const ours = rulesetOf(folder, file, format);
    const wrong = packetsOf(family).filter((packet) => {
      const truth = ends(theirs, packet);
      return ![...ends(ours, packet)].some((end) => truth.has(end));
    });
    expect(wrong.slice(0, 3)).toEqual([]);
  });

  it.each(LISTINGS)('%s: what it is read as', async (file, _, format) => {
    const text = readFileSync(join(folder, file), 'utf8');
    const result = nftReader.read(new SourceFile(file, text), format, 'host');
    await expect(renderResult(result)).toMatchFileSnapshot(join(folder, `expected-${format}.txt`));
  });
});
