import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { oneIn } from '../support/one-in.ts';
import { openings, type OpeningsReport } from '../../src/api.ts';
import { nftReader } from '../../src/formats/nft/index.ts';
import { SourceFile } from '../../src/text/source.ts';
import { describeKernel } from '../support/kernel.ts';
import { CATALOGUE_PLAN } from './catalogue/judging.ts';
import { compareWithInterpreter } from './compare/compare.ts';
import { toJson } from './compare/packet-json.ts';
import { readHost } from './compare/read.ts';
import { compareWithSymbolic, SymbolicJudge } from './compare/symbolic.ts';
import { fromSeed } from './generate/chance.ts';
import { aimsOfText } from './generate/from-text.ts';
import { generatePackets } from './generate/packets.ts';
import type { Judge } from './judge.ts';
import { openJudges } from './judges.ts';
import { ownTables } from './load.ts';

/** Scripts as people and programs write them, one folder each. */
const ROOT = join(import.meta.dirname, '../../fixtures/nft-scripts');
const NAMES = readdirSync(ROOT).sort();
/** More of them, and each script at both kinds of host, are sent where somebody says how many. */
const WANTED = process.env.POSTERN_PACKETS;
const PACKETS = Number(WANTED ?? 10);

/**
 * The script with what it includes, but for `flush ruleset`: the judge has a table of its own. This kernel may lack flowtables,
 * which only let pass what the rules let pass.
 */
function scriptOf(name: string): string {
  const read = (file: string): string =>
    readFileSync(file, 'utf8').replaceAll(/^\s*include "([^"]+)"$/gm, (_, path: string) => {
      const [folder, last] = [join(dirname(file), dirname(path)), path.slice(path.lastIndexOf('/') + 1)];
      const pattern = new RegExp(`^${last.replaceAll('.', '\\.').replaceAll('*', '.*')}$`);
      const files = readdirSync(folder).filter((one) => pattern.test(one));
      return files
        .sort()
        .map((one) => read(join(folder, one)))
        .join('\n');
    });
  return read(join(ROOT, name, 'ruleset.nft'))
    .replaceAll(/^\s*flowtable .*$/gm, '')
    .replaceAll(/^flush ruleset$/gm, '')
    .replaceAll(' flow add @fast', ' continue');
}

type Boxes = readonly string[];

/** The chains of a listing, without their places and words. */
function modelOf(path: string, text: string): unknown {
  const format = path.endsWith('.json') ? 'nft-json' : 'nft';
  const read = nftReader.read(new SourceFile(path, text), format, 'host');
  if (!read.ok) throw new Error(read.errors.map(({ message }) => message).join('\n'));
  const bare = (key: string, value: unknown): unknown =>
    ['span', 'origin', 'text'].includes(key) ? undefined : typeof value === 'bigint' ? `${value}n` : value;
  return JSON.parse(JSON.stringify(read.value.chains, bare));
}

/** What is open at each hook, without the rules' places. */
async function opened(text: string): Promise<Boxes> {
  const found: string[] = [];
  for (const hook of ['input', 'forward', 'output'] as const) {
    const result = await openings({ configs: [{ path: 'rules.nft', bytes: Buffer.from(text) }], hook });
    // A mask with holes has too many boxes to list.
    if (!result.ok && result.errors.every(({ code }) => code === 'too-complex')) continue;
    if (!result.ok) throw new Error(result.errors.map(({ message }) => message).join('\n'));
    for (const { certainty, box, translated } of (result.value as OpeningsReport).openings)
      found.push(JSON.stringify([hook, certainty, box, translated]));
  }
  return found.sort();
}

describe('scripts as people write them', () => {
  it('there are some', () => {
    expect(NAMES.length).toBeGreaterThanOrEqual(30);
  });
});

describeKernel('scripts as people write them, by the kernel', () => {
  const judges = openJudges(({ sink, router }) =>
    Promise.all([sink.route(CATALOGUE_PLAN), router.route(CATALOGUE_PLAN)]),
  );

  async function listed(judge: Judge, nft: string, ...options: readonly string[]): Promise<string[]> {
    const texts: string[] = [];
    for (const table of ownTables({ backend: 'nft', nft }))
      texts.push((await judge.agent.run(['nft', ...options, 'list', 'table', ...table.split(' ')])).stdout);
    return texts;
  }

  it.concurrent.each(oneIn(3, NAMES))('%s: one meaning in every listing', (name) =>
    judges.use('sink', (judge) => compareListings(judge, scriptOf(name))),
  );

  async function compareListings(judge: Judge, nft: string): Promise<void> {
    expect(await judge.load({ backend: 'nft', nft })).toBeUndefined();
    const text = (await listed(judge, nft)).join('');
    const model = modelOf('rules.nft', text);
    // nft writes some things otherwise than people; then what is open must be the same.
    if (!isDeepStrictEqual(modelOf('rules.nft', nft), model))
      expect(await opened(text)).toEqual(await opened(nft));
    for (const options of [['-a'], ['-n'], ['-s'], ['-y', '-n']]) {
      const other = (await listed(judge, nft, ...options)).join('');
      expect(modelOf('rules.nft', other), options.join(' ')).toEqual(model);
    }
    // nft 1.0.6 leaves devices out of its JSON, and says nothing right of a table's flags (grammars/nft/README.md).
    if (/hook ingress|flags dormant/.test(nft)) return;
    const json = (await listed(judge, nft, '-j')).map((one) => JSON.parse(one) as { nftables: object[] });
    const whole = JSON.stringify({ nftables: json.flatMap(({ nftables }) => nftables) });
    expect(modelOf('rules.json', whole), 'JSON').toEqual(model);
  }

  it.concurrent.each(NAMES.flatMap((name) => ([4, 6] as const).map((family) => [name, family] as const)))(
    '%s: what becomes of packets, IPv%s',
    async (name, family) => {
      const nft = scriptOf(name);
      const wrong: string[] = [];
      const both = ['sink', 'router'] as const;
      const turn = (NAMES.indexOf(name) + Number(family === 6)) % 2;
      const hold = async (judge: Judge): Promise<void> => {
        const { kind } = judge;
        expect(await judge.load({ backend: 'nft', nft })).toBeUndefined();
        const ruleset = readHost({
          nft,
          ...(kind === 'router' ? { addresses: await judge.addresses() } : {}),
        });
        if (typeof ruleset === 'string') throw new Error(ruleset);
        const symbolic = new SymbolicJudge(ruleset);
        const chance = fromSeed(NAMES.indexOf(name) * 2 + family);
        const tables = [aimsOfText(chance, nft, family, 2 * PACKETS)];
        const host = { backend: 'nft', kind, family, plan: CATALOGUE_PLAN, tables, sets: [] } as const;
        const packets = generatePackets(chance, host, PACKETS);
        const answers = await judge.judge(packets);
        for (const [at, packet] of packets.entries()) {
          const kernel = answers[at];
          if (kernel === undefined || kernel.verdict === 'unsent') continue;
          const interpreted = compareWithInterpreter(ruleset, packet, kernel);
          const member = compareWithSymbolic(symbolic, packet, kernel, interpreted, CATALOGUE_PLAN);
          for (const one of [interpreted, member])
            if (one.kind === 'differ') wrong.push(`${kind}: ${one.why}: ${JSON.stringify(toJson(packet))}`);
        }
      };
      for (const kind of WANTED === undefined ? both.slice(turn, turn + 1) : both)
        await judges.use(kind, hold);
      expect(wrong).toEqual([]);
    },
  );
});
