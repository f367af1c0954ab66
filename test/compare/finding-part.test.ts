import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Box, check, type Finding, type Report } from '../../src/api.ts';
import { LEAVES_BY } from '../../src/compare/half-open/findings.ts';
import { areDisjoint, holds } from './box-sets.ts';
import { type Case, readCase, traceCase, whole } from './cases.ts';
import { oneIn } from '../support/one-in.ts';

/**
 * Every finding of a case is divided by a waiver of some of its packets: its parts must be the whole, share nothing, and
 * each have a witness that shows it.
 */
const root = 'fixtures/compare';
const findingsOf = (report: Report): readonly Finding[] => report.hosts.flatMap(({ findings }) => findings);

/** About half of the packets of a box, by the first field that can be halved. */
function half(box: Box): unknown {
  const ports = box.protocols?.every((one) => one === '6' || one === '17') === true;
  if (ports) return { ...box, sourcePorts: [halfOf(box.sourcePorts?.[0] ?? '0-65535')] };
  // Where interfaces are named, half of them is none.
  const field = (['in', 'out'] as const).find((one) => isAnyBut(box[one]));
  return field === undefined ? { ...box, sources: [sourceOf(box)] } : { ...box, [field]: ['eth0'] };
}

const isAnyBut = (names: Box['in']): boolean =>
  names !== undefined && !('any' in names) && names.except?.includes('eth0') !== true;

function halfOf(range: string): string {
  const [lo = '0', hi = lo] = range.split('-');
  return `${lo}-${Math.floor((Number(lo) + Number(hi)) / 2)}`;
}

const sourceOf = ({ family, sources }: Box): string =>
  sources?.[0]?.split('-')[0] ?? (family === 'ipv4' ? '0.0.0.0/1' : '::/1');

async function divided(given: Case, finding: Finding): Promise<readonly Finding[]> {
  const waiver = {
    id: 'W',
    rule: finding.rule,
    hook: finding.hook,
    ...(finding.connection === undefined ? {} : { connection: `${finding.baseline}:${finding.connection}` }),
    packets: finding.packets.slice(0, 1).map(half),
    owner: 'Ann',
    approver: 'Bob',
    reason: 'why',
    created: '2026-01-01',
    expires: '2026-12-31',
    override: true,
  };
  const bytes = Buffer.from(JSON.stringify({ version: 1, waivers: [waiver] }));
  const { deployment, files } = given;
  return findingsOf(
    whole(await check({ deployment, files, waivers: { path: 'w.yaml', bytes }, asOf: '2026-03-01' })),
  );
}

describe('a part of a finding', () => {
  it.each(oneIn(5, readdirSync(root).sort()))('%s', async (name) => {
    const given = readCase(join(root, name));
    const before = findingsOf(whole(await check({ deployment: given.deployment, files: given.files })));
    const trace = await traceCase(given);
    const kinds = new Map(
      before.map((one) => [`${one.rule} ${one.certainty} ${one.hook} ${one.family}`, one]),
    );
    for (const finding of kinds.values()) {
      const after = await divided(given, finding);
      const prints = new Set(before.map(({ fingerprint }) => fingerprint));
      const parts = after.filter((one) => one.waived !== undefined || !prints.has(one.fingerprint));
      expect(
        parts.some(({ waived }) => waived === 'W'),
        finding.message,
      ).toBe(true);
      expect(new Set(after.map(({ fingerprint }) => fingerprint)).size).toBe(after.length);
      for (const one of parts) {
        const origin = before.find((old) => isPart(one, old)) as Finding;
        expect(origin, one.message).toBeDefined();
        expect(one).toMatchObject({
          severity: origin.severity,
          certainty: origin.certainty,
          code: origin.code,
        });
        expect(
          one.packets.some((box) => holds(box, one.witness)),
          one.message,
        ).toBe(true);
        expect(origin.packets.some((box) => holds(box, one.witness))).toBe(true);
        expect(one.evidence.length > 0).toBe(origin.evidence.length > 0);
        shows(one, JSON.parse(trace(JSON.stringify(one.witness))?.json ?? '{}'));
        for (const other of parts)
          if (other !== one)
            for (const a of one.packets)
              for (const b of other.packets) expect(areDisjoint(a, b) || apart(one, other)).toBe(true);
      }
    }
  });
});

const isPart = (part: Finding, of: Finding): boolean =>
  part.rule === of.rule &&
  part.family === of.family &&
  part.hook === of.hook &&
  part.connection === of.connection &&
  part.certainty === of.certainty &&
  of.packets.some((box) => holds(box, part.witness));

/** Findings about different rows, places or degrees of certainty may be about the same boxes. */
const apart = (a: Finding, b: Finding): boolean =>
  a.family !== b.family ||
  a.hook !== b.hook ||
  a.rule !== b.rule ||
  a.connection !== b.connection ||
  a.certainty !== b.certainty;

function shows(finding: Finding, answer: { verdict: string; certainty: string; hook?: string }): void {
  // What is to be forwarded and goes to the host itself is not forwarded, whatever it meets there.
  if (finding.witness.hook === 'forward' && answer.hook === 'input') return;
  const { rule, code, certainty, message, dependsOn = [] } = finding;
  if (rule === 'documents-disagree') return;
  const passes = code === 'excessive' || rule === 'prohibited-open' || rule === 'half-open';
  if (certainty === 'possible') expect(dependsOn.length, message).toBeGreaterThan(0);
  // Who serves a row no packet tells.
  if (dependsOn.some((text) => text.startsWith('whether a row is served by'))) return;
  // Chains may take such a value for several only in the sets; the one packet has one.
  if (dependsOn.some((text) => text.startsWith('a value that a rule leaves open'))) return;
  // A packet at input names no way out, by which what chance sends on passes or not.
  if (dependsOn.includes(LEAVES_BY)) return;
  // Only the deployment says that what is sent to these addresses goes to the host itself, and is not forwarded.
  const sent = finding.evidence.every(({ note }) => note?.startsWith('translates'));
  if (code === 'missing' && finding.witness.hook === 'forward' && sent) return;
  // A witness that names a field which boxes do not have is decided by it, and no packet by what the site decides.
  const decided = dependsOn.some((text) =>
    /^(what the site decides|whether the ((translated )?destination is|translation takes)|which of several addresses|whether a route|which source or destination|the (packet|connection)'s)/.test(
      text,
    ),
  );
  const open = certainty === 'possible' && rule !== 'half-open';
  // It may depend on an unmodelled match, too.
  if (open && decided && answer.certainty === 'possible') return;
  if (open && !decided) expect(answer.certainty, message).toBe('possible');
  else expect([answer.certainty, answer.verdict === 'accept'], message).toEqual(['definite', passes]);
}
