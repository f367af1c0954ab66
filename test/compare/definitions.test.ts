import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { check, type Finding, type InputFile, type Report } from '../../src/api.ts';
import { loadHost } from '../../src/api/host/host.ts';
import { outcomes } from '../../src/interpreter/index.ts';
import type { Ruleset } from '../../src/rule/ruleset.ts';
import { readPacket } from '../../src/trace/packet-input.ts';
import { holds } from './box-sets.ts';
import { whole } from './cases.ts';
import {
  closedKeys,
  HOST,
  isDocumented,
  keyOf,
  PACKETS,
  type Role,
  type Row,
  type Shown,
  SOURCES,
  type World,
  worlds,
} from './definitions.ts';

/**
 * The definitions of missing and excessive, read literally: every packet of a small world is asked of the interpreter, and
 * what rows need and document is enumerated. `check` must say the same of each packet.
 */
const file = (path: string, text: string): InputFile => ({ path, bytes: Buffer.from(text) });

const config = (rules: readonly string[]): string =>
  [
    '*filter',
    ':INPUT DROP [0:0]',
    ':FORWARD DROP [0:0]',
    ':OUTPUT ACCEPT [0:0]',
    '-A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT',
    ...rules,
    'COMMIT',
    '',
  ].join('\n');

const roleText = ({ sources, on }: Role, index: number): string => {
  const addresses =
    sources === undefined ? '' : `addresses: ["${SOURCES[sources[0]]}-${SOURCES[sources[1]]}"]`;
  const interfaces = on === undefined ? '' : `interfaces: [${on}]`;
  const parts = [addresses, interfaces].filter((part) => part !== '');
  return `  r${index}: ${parts.length === 0 ? 'unbound' : `{ ${parts.join(', ')} }`}`;
};

const rowText = ({ id, role, protocol, ports, choice, optional }: Row): string => {
  const all = [...ports, ...(choice.length === 0 ? [] : [`{ choice: [${choice.join(', ')}] }`])];
  const level = optional ? ', level: optional' : '';
  return `  - { id: ${id}, cells: { Port: x }, source: r${role}, destination: server, protocols: [${protocol}], ports: [${all.join(', ')}]${level} }`;
};

function textsOf({ roles, rows, rules }: World): { site: string; baseline: string; config: string } {
  const site = `version: 1\nroles:\n  server: [${HOST}]\n${roles.map(roleText).join('\n')}\nhosts:\n  - { name: one, role: server, configs: [rules], baselines: [./own.yaml] }\n`;
  const baseline = `version: 1\nid: own\ntitle: Own\ndocument: { title: Own }\nclosed: { in: true, out: false, forward: false }\nroles: { server: { title: S }, r0: { title: A }, r1: { title: B } }\nrows:\n${rows.map(rowText).join('\n')}\n`;
  return { site, baseline, config: config(rules) };
}

interface Asked {
  readonly report: Report;
  readonly must: (packet: Shown) => boolean;
  readonly may: (packet: Shown) => boolean;
}

async function ask(world: World): Promise<Asked> {
  const texts = textsOf(world);
  const files = [file('rules', texts.config), file('own.yaml', texts.baseline)];
  const report = whole(await check({ deployment: file('site.yaml', texts.site), files }));
  const { ruleset } = whole(await loadHost([file('rules', texts.config)]));
  const verdicts = new Map(PACKETS.map((packet) => [packet, verdictsOf(ruleset, packet)]));
  return {
    report,
    must: (packet) => verdicts.get(packet)?.join() === 'accept',
    may: (packet) => verdicts.get(packet)?.includes('accept') ?? false,
  };
}

function verdictsOf(ruleset: Ruleset, packet: Shown): readonly string[] {
  const read = readPacket(JSON.stringify(packet));
  if (!read.ok) throw new Error(read.error);
  return outcomes(ruleset, read.packet).verdicts;
}

const findingsOf = (report: Report): readonly Finding[] => report.hosts.flatMap(({ findings }) => findings);

function reported(findings: readonly Finding[]): readonly Shown[] {
  const boxes = findings.flatMap(({ packets }) => packets);
  return PACKETS.filter((packet) => boxes.some((box) => holds(box, packet)));
}

describe('missing and excessive', () => {
  const numRuns = Number(process.env.POSTERN_RUNS ?? 25);
  it('are what the definitions say, packet by packet', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, async (world) => {
        const { report, must, may } = await ask(world);
        const findings = findingsOf(report);
        for (const certainty of ['definite', 'possible'] as const) {
          const mine = findings.filter((finding) => finding.certainty === certainty);
          const open = certainty === 'definite' ? must : (packet: Shown) => may(packet) && !must(packet);
          expect(reported(mine.filter(({ code }) => code === 'excessive'))).toEqual(
            PACKETS.filter((packet) => open(packet) && !isDocumented(world, packet)),
          );
        }
        for (const row of world.rows) expectMissing(world, row, findings, must, may);
      }),
      { numRuns, seed: Number(process.env.POSTERN_SEED ?? 20261121) },
    );
  });
});

function expectMissing(
  world: World,
  row: Row,
  findings: readonly Finding[],
  must: Asked['must'],
  may: Asked['may'],
): void {
  const party = world.roles[row.role] as Role;
  const about = (certainty: string): readonly Finding[] =>
    findings.filter(
      (finding) =>
        finding.certainty === certainty && finding.code !== 'excessive' && finding.connection === row.id,
    );
  const keys = (certainty: string): string[] =>
    [...new Set(reported(about(certainty)).map((packet) => keyOf(party, packet, false)))].sort();
  const closed = row.optional ? new Set<string>() : closedKeys(world, row, may);
  const unsure = row.optional ? new Set<string>() : closedKeys(world, row, must);
  expect(keys('definite'), `${row.id} definite`).toEqual([...closed].sort());
  expect(keys('possible'), `${row.id} possible`).toEqual(
    [...unsure].filter((key) => !closed.has(key)).sort(),
  );
}
