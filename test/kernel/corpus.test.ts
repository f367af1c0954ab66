import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
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
import type { HostKind } from './topology.ts';

const CORPUS = fileURLToPath(new URL('../../../shared/corpus/', import.meta.url));
const LARGEST = 300_000;
/** More of them, and each dump at both kinds of host, are sent where somebody says how many. */
const WANTED = process.env.POSTERN_PACKETS;
const PACKETS = Number(WANTED ?? 50);
const KINDS = ['sink', 'router'] as const;
const FAMILIES = { 4: 'iptables-save', 6: 'ip6tables-save' } as const;

/** The real dumps, where the folder exists: `[family, file, text]`. */
function dumps(): (readonly [4 | 6, string, string])[] {
  return ([4, 6] as const).flatMap((family) => {
    const folder = `${CORPUS}${FAMILIES[family]}/`;
    if (!existsSync(folder)) return [];
    const texts = readdirSync(folder).map(
      (name) => [family, name, readFileSync(folder + name, 'utf8')] as const,
    );
    return texts.filter(([, , text]) => text.length <= LARGEST);
  });
}

describeKernel('real rule sets: kernel, interpreter and symbolic engine agree', () => {
  const found = dumps();
  const judges = openJudges(({ router }) => router.route(CATALOGUE_PLAN));

  /** Undefined where this kernel does not load the dump (a set or an extension that it lacks). */
  async function disagreements(
    judge: Judge,
    family: 4 | 6,
    text: string,
    seed: number,
  ): Promise<string[] | undefined> {
    const { kind } = judge;
    const backend = seed % 2 === 0 ? 'legacy' : 'nft';
    const texts = family === 4 ? { v4: text } : { v6: text };
    if ((await judge.load({ backend, ...texts })) !== undefined) return undefined;
    const ruleset = readHost({
      ...texts,
      ...(kind === 'router' ? { addresses: await judge.addresses() } : {}),
    });
    if (typeof ruleset === 'string') return [`postern does not read it: ${ruleset}`];
    const symbolic = new SymbolicJudge(ruleset);
    const chance = fromSeed(seed);
    const tables = [aimsOfText(chance, text, family, 2 * PACKETS)];
    const packets = generatePackets(
      chance,
      { backend, kind, family, plan: CATALOGUE_PLAN, tables, sets: [] },
      PACKETS,
    );
    const answers = await judge.judge(packets);
    return packets.flatMap((packet, i) => {
      const kernel = answers[i];
      if (kernel === undefined || kernel.verdict === 'unsent') return [];
      const interpreted = compareWithInterpreter(ruleset, packet, kernel);
      const member = compareWithSymbolic(symbolic, packet, kernel, interpreted, CATALOGUE_PLAN);
      // Real rules have opaque matches, so an open answer is none of the kernel's business here.
      const wrong = [interpreted, member].filter((one) => one.kind === 'differ');
      return wrong.map((one) => `${'why' in one ? one.why : ''}: ${JSON.stringify(toJson(packet))}`);
    });
  }

  it.skipIf(found.length === 0)(
    'the corpus (skipped without ../shared/corpus)',
    async () => {
      let loaded = 0;
      const wrong: string[] = [];
      const hold = async (kind: HostKind, seed: number): Promise<void> => {
        const [family, name, text] = found[seed] as (typeof found)[number];
        const complaints = await judges.use(kind, (judge) => disagreements(judge, family, text, seed));
        if (complaints === undefined) return;
        loaded++;
        wrong.push(...complaints.map((complaint) => `${name}, ${kind}: ${complaint}`));
      };
      // The backends take turns too; so each kind of host has dumps of both, and of both families.
      const turn = (seed: number): number => (seed >> 1) % 2;
      const tried = found.flatMap((_, seed) =>
        KINDS.filter((_, i) => WANTED !== undefined || i === turn(seed)).map((kind) => hold(kind, seed)),
      );
      await Promise.all(tried);
      expect(wrong).toEqual([]);
      expect(loaded).toBeGreaterThan(tried.length / 2);
    },
    240_000,
  );
});
