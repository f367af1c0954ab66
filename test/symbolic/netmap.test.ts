import { describe, expect, it } from 'vitest';
import { openings } from '../../src/api.ts';

const RULES = `*mangle
:POSTROUTING ACCEPT [0:0]
-A POSTROUTING -m conntrack --ctorigdst 10.0.0.5 -j DROP
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
-A PREROUTING -d 10.0.0.0/24 -j NETMAP --to 192.168.1.0/24
COMMIT
*filter
:FORWARD DROP [0:0]
-A FORWARD -m conntrack --ctorigdst 10.0.0.0/25 -j ACCEPT
COMMIT
`;

describe('a translation that keeps the host bits', () => {
  it('leaves the original destination for later conditions to see', async () => {
    const found = await openings({
      configs: [{ path: 'rules.v4', bytes: Buffer.from(RULES) }],
      hook: 'forward',
    });
    const destinations = found.ok ? found.value.openings.map(({ box }) => box.destinations) : [];
    expect(destinations.length).toBeGreaterThan(0);
    for (const one of destinations) expect(one).toEqual(['10.0.0.0-10.0.0.4', '10.0.0.6-10.0.0.127']);
  });
});
