import { describe, expect, it } from 'vitest';
import { openings, tracer } from '../../src/api.ts';

/** Whether a redirection changed anything decides: only those that it left as they were are open. */
const RULES = `*nat
:PREROUTING ACCEPT [0:0]
-A PREROUTING -p tcp --dport 8000:8999 -j REDIRECT --to-ports 8080
COMMIT
*filter
:INPUT DROP [0:0]
-A INPUT -p tcp -m conntrack ! --ctstate DNAT -m tcp --dport 8080 -j ACCEPT
COMMIT
`;

const FACTS = JSON.stringify([
  {
    ifname: 'eth0',
    flags: ['UP'],
    addr_info: [
      { family: 'inet', local: '10.1.2.10', prefixlen: 24 },
      { family: 'inet', local: '10.1.2.11', prefixlen: 24, secondary: true },
    ],
  },
]);

const bytes = (text: string): Buffer => Buffer.from(text);

describe('a redirection to what was there before', () => {
  it('is known for certain where the host’s addresses are', async () => {
    const configs = [
      { path: 'rules.v4', bytes: bytes(RULES) },
      { path: 'addr.json', bytes: bytes(FACTS) },
    ];
    const found = await openings({ configs, hook: 'input' });
    const own = found.ok ? found.value.openings.filter(({ box }) => box.in?.any?.includes('eth0')) : [];
    expect(own.map(({ certainty, box }) => [certainty, box.destinations, box.destinationPorts])).toEqual([
      ['definite', ['10.1.2.10'], ['8080']],
    ]);
  });

  it('is possible for any address where they are not', async () => {
    const found = await openings({ configs: [{ path: 'rules.v4', bytes: bytes(RULES) }], hook: 'input' });
    const all = found.ok ? found.value.openings : [];
    // What arrives on the loopback interface was tracked on its way out, and is not redirected again.
    expect(all.map(({ certainty, box }) => [certainty, box.in, box.destinationPorts])).toEqual([
      ['definite', { any: ['lo'] }, ['8080']],
      ['possible', { except: ['lo'] }, ['8080']],
    ]);
  });
});

describe('masquerading, with the host’s addresses', () => {
  const rules = `table inet t {
	chain nat {
		type nat hook postrouting priority srcnat; policy accept;
		masquerade
	}
	chain later {
		type filter hook postrouting priority srcnat + 10; policy drop;
		ip6 saddr 2001:db8:1::10 accept
	}
}
`;
  const own = (ifname: string, ...addresses: string[]) => ({
    ifname,
    flags: ['UP'],
    addr_info: addresses.map((local) => ({ family: 'inet6', local, prefixlen: 64 })),
  });
  const certainties = async (...facts: readonly unknown[]) => {
    const configs = [
      { path: 'rules.nft', bytes: bytes(rules) },
      { path: 'addr.json', bytes: bytes(JSON.stringify(facts)) },
    ];
    const found = await openings({ configs, hook: 'output' });
    const ipv6 = found.ok ? found.value.openings.filter(({ box }) => box.family === 'ipv6') : [];
    // Messages that begin no connection are not translated.
    return ipv6
      .filter(({ box }) => box.icmp === undefined)
      .map(({ certainty, box: { out } }) => {
        const names = out?.any?.join(' ') ?? `all but ${out?.except?.join(' ')}`;
        return `${certainty} ${names}`;
      });
  };

  it('takes an address of the interface that the packet leaves by', async () => {
    const found = await certainties(
      own('eth0', 'fe80::1', '2001:db8:1::10'),
      own('eth1', '2001:db8:2::10'),
      own('eth2', '2001:db8:1::10'),
    );
    expect([...new Set(found)]).toEqual(['definite eth2', 'possible all but eth1 eth2']);
  });

  it('of any interface where that one’s scope is too narrow', async () => {
    const found = await certainties(own('eth0', '2001:db8:1::10'), own('eth1', 'fe80::1'));
    expect([...new Set(found)]).toEqual(['definite eth0', 'possible all but eth0']);
  });

  it('drops what no interface has an address for', async () => {
    const loopback = { ...own('lo', '::1'), flags: ['LOOPBACK', 'UP'] };
    expect(await certainties(loopback, own('eth0'))).toEqual(['possible all but eth0 lo']);
  });

  it('and may take any where the listing has none of the family', async () => {
    expect(await certainties(own('eth0'))).toEqual(['possible all but undefined']);
  });
});

// net/netfilter/nf_nat_redirect.c, nf_nat_redirect_ipv6, as tried in the kernel.
describe('a redirection of IPv6, with the host’s addresses', () => {
  const rules = `*nat
:PREROUTING ACCEPT [0:0]
-A PREROUTING -i eth0 -p tcp --dport 80 -j REDIRECT --to-ports 8080
COMMIT
*filter
:INPUT DROP [0:0]
-A INPUT -d 2001:db8::10 -p tcp -m tcp --dport 8080 -j ACCEPT
COMMIT
`;
  const facts = (tentative: boolean): string =>
    JSON.stringify([
      { ifname: 'lo', flags: ['LOOPBACK'], addr_info: [{ family: 'inet6', local: '::1', prefixlen: 128 }] },
      {
        ifname: 'eth0',
        flags: ['UP'],
        addr_info: [
          { family: 'inet6', local: '2001:db8::10', prefixlen: 64, ...(tentative ? { tentative } : {}) },
          { family: 'inet6', local: 'fe80::10', prefixlen: 64 },
        ],
      },
    ]);
  const configs = (tentative: boolean) => [
    { path: 'rules.v6', bytes: bytes(rules), format: 'ip6tables-save' as const },
    { path: 'addr.json', bytes: bytes(facts(tentative)) },
  ];
  const packet = (dst: string): string =>
    JSON.stringify({
      hook: 'input',
      in: 'eth0',
      src: '2001:db8::7',
      dst,
      protocol: 'tcp',
      sport: 40000,
      dport: 80,
    });

  it.each([
    ['2001:db8::10', false, 'definite'],
    ['fe80::10', false, 'possible'],
    ['::1', false, 'possible'],
    ['2001:db8::10', true, 'possible'],
  ] as const)(
    'to %s gives the first that is listed (tentative: %s): %s',
    async (dst, tentative, certainty) => {
      const read = await tracer({ configs: configs(tentative) });
      const answer = read.ok ? read.value(packet(dst)) : undefined;
      expect(JSON.parse(answer?.json ?? '{}')).toMatchObject({ certainty });
    },
  );

  it.each([
    [{ tentative: true }, 'definite'],
    [{ tentative: true, optimistic: true }, 'definite'],
  ])(
    'gives none behind the first that is not tentative, and takes an optimistic one: %o',
    async (flags, certainty) => {
      const listed = JSON.parse(facts(false)) as { addr_info: object[] }[];
      const own = { family: 'inet6', local: '2001:db8::11', prefixlen: 64, ...flags };
      const isFirst = 'optimistic' in flags;
      const read = await tracer({
        configs: [
          {
            path: 'rules.v6',
            bytes: bytes(rules.replaceAll('::10', isFirst ? '::11' : '::10')),
            format: 'ip6tables-save',
          },
          {
            path: 'addr.json',
            bytes: bytes(
              JSON.stringify(
                listed.map((link, at) => {
                  const [first, ...others] = link.addr_info;
                  return {
                    ...link,
                    addr_info:
                      at === 0 ? link.addr_info : isFirst ? [own, first, ...others] : [first, own, ...others],
                  };
                }),
              ),
            ),
          },
        ],
      });
      const answer = read.ok ? read.value(packet('2001:db8::10')) : undefined;
      expect(JSON.parse(answer?.json ?? '{}')).toMatchObject({ verdict: 'accept', certainty });
    },
  );

  it('is told by the destination that packets arrive with', async () => {
    const found = await openings({ configs: configs(false), hook: 'input' });
    const all = found.ok ? found.value.openings.filter(({ box }) => box.in?.any?.includes('eth0')) : [];
    expect(all.map(({ certainty, box }) => [certainty, box.destinations, box.destinationPorts])).toEqual([
      [
        'definite',
        [
          '::',
          '::2-fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
          'fec0::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
        ],
        ['80'],
      ],
      ['possible', ['::1', 'fe80::-febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff'], ['80']],
    ]);
  });
});

describe('masquerading by the loopback interface, in IPv4', () => {
  const rules = `table ip t {
	chain nat {
		type nat hook postrouting priority srcnat; policy accept;
		masquerade
	}
	chain later {
		type filter hook postrouting priority srcnat + 10; policy drop;
		ip saddr 10.1.0.1 accept
	}
}
`;
  const link = (ifname: string, local: string, scope: string) => ({
    ifname,
    flags: ['UP'],
    addr_info: [{ family: 'inet', local, prefixlen: 24, scope }],
  });
  const local = { hook: 'output', out: 'lo', src: '127.0.0.1', dst: '127.0.0.1', protocol: 'udp', dport: 9 };
  // Tried on Linux 6.18: the loopback address has the scope `host`, and no address of such a scope is taken.
  it.each([
    { eth0: ['10.1.0.1', 'global'], verdict: 'accept', certainty: 'definite' },
    { eth0: ['10.9.0.1', 'global'], verdict: 'drop', certainty: 'definite' },
    { eth0: ['10.1.0.1', 'link'], verdict: 'drop', certainty: 'definite' },
  ])('borrows another interface’s global address: $eth0', async ({ eth0, verdict, certainty }) => {
    const [address = '', scope = ''] = eth0;
    const facts = [link('lo', '127.0.0.1', 'host'), link('eth0', address, scope)];
    const configs = [
      { path: 'rules.nft', bytes: bytes(rules) },
      { path: 'addr.json', bytes: bytes(JSON.stringify(facts)) },
    ];
    const trace = await tracer({ configs });
    const answer = trace.ok ? trace.value(JSON.stringify(local)) : undefined;
    expect(JSON.parse(answer?.json ?? '{}')).toMatchObject({ verdict, certainty });
    const found = await openings({ configs, hook: 'output' });
    const answered = found.ok ? found.value.openings : [];
    const byLoopback = answered.filter(
      ({ box: { family, icmp, out } }) =>
        family === 'ipv4' && icmp === undefined && (out?.any?.includes('lo') ?? !out?.except?.includes('lo')),
    );
    const certainties = new Set(byLoopback.map((one) => one.certainty));
    expect([...certainties]).toEqual(verdict === 'accept' ? ['definite'] : []);
  });
});

describe('masquerading that may leave a packet as it is', () => {
  const rules = `table inet t {
	chain nat {
		type nat hook postrouting priority srcnat; policy accept;
		masquerade
	}
	chain later {
		type filter hook postrouting priority srcnat + 10; policy accept;
		ct status snat drop
	}
}
`;
  const link = (ifname: string, local: string) => ({
    ifname,
    flags: ['UP'],
    addr_info: [{ family: 'inet', local, prefixlen: 24, scope: 'global' }],
  });

  it('is about addresses of the interface that it leaves by', async () => {
    const facts = [link('eth0', '198.18.0.1'), link('eth1', '10.1.2.10')];
    const configs = [
      { path: 'rules.nft', bytes: bytes(rules) },
      { path: 'addr.json', bytes: bytes(JSON.stringify(facts)) },
    ];
    const found = await openings({ configs, hook: 'output' });
    const answered = found.ok ? found.value.openings : [];
    // Messages that begin no connection, and protocols whose port may change, are another matter.
    const named = answered.filter(({ box: { family, out } }) => family === 'ipv4' && out?.any !== undefined);
    const sources = named.map(({ box: { out, sources: from } }) => [out?.any, from]);
    expect(sources).toContainEqual([['eth0'], ['198.18.0.1']]);
    expect(sources).not.toContainEqual([['eth0'], ['10.1.2.10']]);
    expect(sources.flat(2)).not.toContain(undefined);
  });
});
