import { describe, expect, it } from 'vitest';
import type { BatchOutcome, ReadFiles } from '../../src/api/fleet/host-checker.ts';
import { packDiagnostic } from '../../src/api/fleet/packed.ts';
import { SiteWorker } from '../../src/api/fleet/packed-site.ts';
import { FleetSite } from '../../src/api/fleet/site.ts';
import type { Result } from '../../src/api.ts';
import { whole } from '../compare/cases.ts';

const RULES = '*filter\n:INPUT DROP [0:0]\n-A INPUT -s 10.1.0.0/24 -p tcp --dport 4000 -j ACCEPT\nCOMMIT\n';

const site = (own: string): FleetSite =>
  whole(
    FleetSite.open({
      deployment: {
        path: 'site.yaml',
        bytes: Buffer.from(`version: 1
roles: { admin: [10.1.0.0/24], central-server: internet }
features: { acme: false }
hosts:
  - { name: one, role: security-server, addresses: [10.2.0.1, "2001:db8::1"], configs: [one.v4], baselines: [x-road-security-server] }
  - { name: two, role: security-server, configs: [two.v4], baselines: [x-road-security-server], ${own} }
`),
      },
    }),
  );

const read: ReadFiles = async (wanted) => ({
  ok: true,
  value: wanted.map(({ path }) => ({ path, bytes: Buffer.from(RULES) })),
  warnings: [],
});

/** What a worker says of a host that it was given as another thread gives it. */
function byWorker(from: FleetSite, index: number): Promise<Result<BatchOutcome>> {
  const worker = whole(SiteWorker.open(structuredClone(from.packed())));
  return worker.check(structuredClone(from.packedHosts([index])), read);
}

describe('hosts that go to a worker', () => {
  it('are what they were: bindings of their own, addresses of both families', async () => {
    const from = site('roles: { admin: { addresses: [10.1.0.7] } }');
    for (const index of [0, 1]) {
      const here = whole(await from.check([index], read));
      expect(here.outcomes[0]?.ok).toBe(true);
      expect(whole(await byWorker(from, index))).toEqual(here);
    }
  });

  it('are complained about at the same places', async () => {
    const from = site('roles: { admni: [10.1.0.7] }');
    const [here, there] = [await from.check([1], read), await byWorker(from, 1)];
    if (here.ok || there.ok) throw new Error('nothing is wrong with the host');
    expect(there.errors.map(packDiagnostic)).toEqual(here.errors.map(packDiagnostic));
    const span = there.errors[0]?.span;
    expect(span?.file.position(span.start).line).toBe(6);
    expect(span?.file.lineText(6)).toContain('admni');
  });

  it('take keys and values as they are, whatever they say', async () => {
    const from = site('captured: { from: "file", by: "__proto__" }');
    const record = whole(await byWorker(from, 1)).outcomes[0];
    expect(record).toMatchObject({
      ok: true,
      record: { inputs: [{ captured: { from: 'file', by: '__proto__' } }] },
    });
  });
});
