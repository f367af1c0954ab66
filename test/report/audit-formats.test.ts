import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderReport } from '../../src/api/reports.ts';
import { controlsOfRule } from '../../src/finding/controls.ts';
import type { Report } from '../../src/finding/report.ts';
import { sha1 } from '../../src/report/sha1.ts';
import { reportIdentity, uuid } from '../../src/report/uuid.ts';
import { reportTime } from '../../src/report/when.ts';
import { report } from './sample.ts';
import { everything, fingerprint, nothing } from './samples.ts';

describe('JUnit', () => {
  const cases = async (of: Report): Promise<Map<string, string>> => {
    const xml = await renderReport(of, 'junit');
    const found = [...xml.matchAll(/<testcase name="([^"]*)"[^>]*?(?:\/>|>([\s\S]*?)<\/testcase>)/g)];
    return new Map(found.map(([, name, inside]) => [name ?? '', inside ?? '']));
  };

  it('has a case for each documented connection, by how it stands', async () => {
    const all = await cases(everything);
    const outcome = (name: string): string => /<(\w+)/.exec(all.get(name) ?? 'absent')?.[1] ?? 'passed';
    expect(outcome('ocsp (out)')).toBe('failure');
    expect(outcome('health-check (in)')).toBe('error');
    expect(outcome('admin-ui (in)')).toBe('failure');
    expect(outcome('row-0 (out)')).toBe('skipped');
    expect(outcome('row-1 (out)')).toBe('skipped');
    expect(outcome('row-2 (out)')).toBe('skipped');
    expect(outcome('row-3 (out)')).toBe('failure');
    expect(outcome('shut (out)')).toBe('passed');
    expect(all.get('row-0 (out)')).toContain('waiver w-1');
    expect(all.get('row-1 (out)')).toContain('not-applicable: because not-applicable');
  });

  it('has a case of its own for each excess', async () => {
    const name = `undocumented-opening (possible, IPv6, forward) ${'cd'.repeat(6)}`;
    expect((await cases(everything)).get(name)).toMatch(/<failure type="undocumented-opening"/);
  });

  it('loses no finding and counts right', async () => {
    const xml = await renderReport(everything, 'junit');
    for (const { fingerprint: print, waived } of everything.hosts[1]?.findings ?? [])
      if (waived === undefined) expect(xml).toContain(print);
    const suite = /<testsuite name="ss1" tests="(\d+)" failures="(\d+)" errors="(\d+)" skipped="(\d+)"/.exec(
      xml,
    );
    const [, suiteXml] = xml.split('<testsuite name="ss1"');
    const count = (what: RegExp): number => (suiteXml?.match(what) ?? []).length;
    expect(suite?.slice(1).map(Number)).toEqual([
      count(/<testcase /g),
      (suiteXml?.split('<testcase ') ?? []).filter((one) => one.includes('<failure')).length,
      count(/<error /g),
      count(/<skipped>/g),
    ]);
  });

  it('fails the direction of a row that is not satisfied', async () => {
    const [host] = report.hosts.slice(1);
    if (host === undefined) throw new Error('the sample has a second host');
    const row = host.connections.find(({ id }) => id === 'admin-ui');
    if (row === undefined) throw new Error('the sample has the row');
    const connections = [{ ...row, direction: 'out' as const, status: 'satisfied' as const }, row];
    const all = await cases({ ...report, hosts: [{ ...host, connections }] });
    expect(all.get('admin-ui (out)')).toBe('');
    expect(all.get('admin-ui (in)')).toContain('<failure type="masked"');
  });
});

describe('OSCAL', () => {
  // biome-ignore lint/suspicious/noExplicitAny: an OSCAL document is read as what it is, JSON.
  const results = async (of: Report): Promise<any> =>
    JSON.parse(await renderReport(of, 'oscal'))['assessment-results'].results[0];

  it('never says that a requirement is satisfied', async () => {
    const { findings } = await results(everything);
    expect(findings.length).toBeGreaterThan(5);
    for (const { target } of findings) expect(target.status.state).toBe('not-satisfied');
    const text = await renderReport(everything, 'oscal');
    expect(text).not.toMatch(/complian|complies/i);
  });

  it('has the catalog’s ids for NIST controls, and every related observation exists', async () => {
    const { findings, observations, 'reviewed-controls': reviewed } = await results(everything);
    const selected = reviewed['control-selections'].flatMap(
      (s: { 'include-controls': { 'control-id': string }[] }) =>
        s['include-controls'].map((c) => c['control-id']),
    );
    expect(selected).toEqual(
      expect.arrayContaining(['sc-7', 'sc-7.4', 'sc-7.5', 'cm-7', 'ac-4', 'pci-dss_1.2.1']),
    );
    const targets = findings.map(({ target }: { target: { 'target-id': string } }) => target['target-id']);
    expect(targets).toContain('ac-4_obj');
    expect(targets).toContain('dora-rts_Art.-13-k');
    const known = new Set(observations.map((o: { uuid: string }) => o.uuid));
    expect(known.size).toBe(observations.length);
    for (const { 'related-observations': related } of findings)
      for (const one of related) expect(known).toContain(one['observation-uuid']);
  });

  it('gives rows the requirements of their directions', async () => {
    const [host] = everything.hosts.slice(1);
    const row = host?.connections[0];
    if (host === undefined || row === undefined) throw new Error('the sample has a host with rows');
    const evidenced = async (...directions: readonly ('in' | 'out')[]): Promise<string> => {
      const connections = directions.map((direction) => ({
        ...row,
        direction,
        level: 'prohibited' as const,
        status: 'satisfied' as const,
      }));
      const hosts = [{ ...host, findings: [], connections }];
      return JSON.stringify((await results({ ...everything, hosts })).observations);
    };
    const tokens = (text: string) => ['1.3.1', '1.3.2'].filter((id) => text.includes(`pci-dss_${id}`));
    expect(tokens(await evidenced('in'))).toEqual(['1.3.1']);
    expect(tokens(await evidenced('out'))).toEqual(['1.3.2']);
    expect(tokens(await evidenced('in', 'out'))).toEqual(['1.3.1', '1.3.2']);
  });

  it('takes no waived finding as evidence of a shortfall', async () => {
    const hosts = everything.hosts.map((host) => ({
      ...host,
      findings: host.findings.filter(({ waived }) => waived !== undefined),
    }));
    const { findings, observations } = await results({ ...everything, hosts });
    expect(findings).toBeUndefined();
    expect(JSON.stringify(observations)).toContain('"name":"waiver"');
  });
});

describe('OCSF', () => {
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  const events = async (of: Report): Promise<any[]> =>
    (await renderReport(of, 'ocsf'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));

  it('has a failed check for each finding and one for each row that says something by itself', async () => {
    const all = await events(everything);
    const of = (status: string) => all.filter(({ compliance }) => compliance.status === status);
    expect(of('Fail')).toHaveLength(7);
    expect(of('Pass').map(({ compliance }) => compliance.control)).toEqual([
      'needed-open',
      'prohibited-closed',
    ]);
    const warned = of('Warning').map(({ compliance, message }) => [compliance.status_code, message]);
    const [of6, unbound] = [
      'IPv6 was not assessed, so it is neither open nor closed.',
      'Openings towards roles that nothing binds could not be judged: consumer-information-system, producer-information-system.',
    ];
    expect(warned.map(([code]) => code).sort()).toEqual(['not-assessed', 'not-assessed', 'undetermined']);
    expect(warned).toContainEqual(['not-assessed', `clean: ${of6}`]);
    expect(warned).toContainEqual(['not-assessed', `ss1: ${of6} ${unbound}`]);
    expect(all.filter(({ status }) => status === 'Suppressed')).toHaveLength(2);
  });

  it('names each requirement that the finding evidences', async () => {
    const [first] = (await events(everything)).filter(({ compliance }) => compliance.control === 'closed');
    expect(first.compliance.requirements).toHaveLength(controlsOfRule('closed').length);
    expect(first.compliance.standards).toContain('PCI DSS 4.0.1');
    expect(first.unmapped.fingerprint).toBe(fingerprint(1));
  });
});

describe('the time of a report', () => {
  const captured = (...times: string[]): Report => ({
    ...nothing,
    inputs: times.map((at, i) => ({ path: `${i}`, format: 'nft', sha256: '', captured: { at } })),
  });

  it('is the as-of day, else the latest capture, else the beginning of 1970', () => {
    expect(reportTime(everything)).toMatchObject({ text: '2026-11-21T00:00:00Z', from: 'as-of' });
    expect(
      reportTime(captured('2026-11-20T10:00:00Z', '2026-11-20T13:00:00.5+02:00', 'yesterday')),
    ).toMatchObject({
      text: '2026-11-20T11:00:00Z',
      from: 'captured',
    });
    expect(reportTime(captured('soon'))).toEqual({
      milliseconds: 0,
      text: '1970-01-01T00:00:00Z',
      from: 'unknown',
    });
    expect(reportTime({ ...nothing, asOf: '2026-13-45' }).from).toBe('unknown');
  });
});

describe('UUIDs', () => {
  it('are of version 5 and tell parts apart', () => {
    expect(uuid('a', 'b')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(uuid('a', 'b')).toBe(uuid('a', 'b'));
    expect(uuid('a', 'b')).not.toBe(uuid('ab'));
  });

  it('rest on SHA-1 as others compute it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(Buffer.from(sha1(bytes)).toString('hex')).toBe(createHash('sha1').update(bytes).digest('hex'));
      }),
    );
  });

  it('of two reports differ where anything that was read differs', () => {
    const other = { ...report, inputs: report.inputs.map((input) => ({ ...input, sha256: 'ff' })) };
    expect(reportIdentity(other)).not.toBe(reportIdentity(report));
    expect(reportIdentity(structuredClone(report))).toBe(reportIdentity(report));
  });
});
