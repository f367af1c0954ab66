import { describe, expect, it } from 'vitest';
import type { Finding } from '../../src/api.ts';
import { checkCase, readCase, traceCase } from './cases.ts';

async function findingsOf(site: string): Promise<readonly Finding[]> {
  const report = await checkCase(readCase(`fixtures/sites/${site}`));
  return report.hosts.flatMap(({ findings }) => findings);
}

/** The lines that a finding shows, as the file has them. */
const shown = ({ evidence }: Finding): string[] =>
  evidence.map(({ file, line, text }) => `${file}:${line} ${text.trim().split('\n')[0]}`);

describe('the X-Road Security Server with nftables', () => {
  it('has the same three findings as with iptables, one of each kind', async () => {
    const [nft, iptables] = [await findingsOf('x-road-nft'), await findingsOf('x-road')];
    expect(nft.map(({ code }) => code).sort()).toEqual(['conflicting', 'excessive', 'missing']);
    // A fingerprint does not depend on how the rules are written.
    expect(nft.map(({ fingerprint }) => fingerprint)).toEqual(iptables.map(({ fingerprint }) => fingerprint));
  });

  it('shows each at the rule’s own line', async () => {
    const lines = (await findingsOf('x-road-nft')).flatMap(shown);
    expect(lines).toEqual([
      'ss1/ruleset.nft:32 tcp dport 4000 drop comment "ticket 4711: close the admin UI until it is patched"',
      'ss1/ruleset.nft:57 ip saddr 10.1.1.0/24 tcp dport 4000 accept comment "admin UI"',
      'ss1/ruleset.nft:50 reject with icmpx admin-prohibited',
      'ss1/ruleset.nft:58 ip saddr 10.1.0.0/16 tcp dport 5432 accept comment "reporting database"',
    ]);
  });

  it('has no finding where the faults are mended', async () => {
    expect(await findingsOf('x-road-nft-compliant')).toEqual([]);
  });

  it('answers for single packets, with the way through maps and chains', async () => {
    const trace = await traceCase(readCase('fixtures/sites/x-road-nft'));
    const ask = (packet: object): { verdict: string; certainty: string; path: { line: number }[] } =>
      JSON.parse(trace(JSON.stringify(packet))?.json ?? '{}');
    const out = { hook: 'output', out: 'eth0', src: '10.1.2.10', protocol: 'tcp' };
    const central = ask({ ...out, dst: '10.1.9.5', dport: 4001 });
    expect(central).toMatchObject({ verdict: 'accept', certainty: 'definite' });
    expect(central.path.map(({ line }) => line)).toEqual([49, 62]);
    expect(ask({ ...out, dst: '198.51.100.8', dport: 443 })).toMatchObject({ verdict: 'reject' });
  });
});
