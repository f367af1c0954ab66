import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Packet } from '../../src/packet/packet.ts';
import { describeKernel } from '../support/kernel.ts';
import { ACCEPT, address, chain, DROP, dnat, field, not, rule, ruleset, set } from '../support/rules.ts';
import { packetOf, tcp } from './catalogue/types.ts';
import { readHost } from './compare/read.ts';
import { bothSay, kernelSays, posternSays } from './facts.ts';
import { Judge } from './judge.ts';

/** An nft table of one base chain. */
function table(name: string, hook: string, ...rules: readonly string[]): string {
  return `table ip ${name} {\nchain c {\n${hook};\n${rules.join('\n')}\n}\n}\n`;
}

describeKernel('facts about chains and their order', () => {
  let judge: Judge;
  beforeAll(async () => {
    judge = await Judge.open('sink');
  });
  afterAll(async () => {
    await judge?.close();
  });
  const packet = packetOf({}, 4, 'input');

  it('an nft nat chain at priority -190 still translates at -100', async () => {
    const nft = `${table('early', 'type nat hook prerouting priority -190', 'tcp dport 80 dnat to 192.0.2.9')}
${table('before', 'type filter hook prerouting priority -150', 'ip daddr 192.0.2.9 drop')}
${table('after', 'type filter hook prerouting priority -50', 'ip daddr != 192.0.2.9 drop')}`;
    const translated = address('dst', '192.0.2.9');
    const model = ruleset([
      chain('c', [rule(field('dport', 80), dnat('192.0.2.9'))], {
        table: 'nat',
        hook: 'prerouting',
        priority: -190,
      }),
      chain('before', [rule(translated, DROP)], { hook: 'prerouting', priority: -150 }),
      chain('after', [rule(not(translated), DROP)], { hook: 'prerouting', priority: -50 }),
    ]);
    await bothSay(
      judge,
      { backend: 'legacy', nft },
      model,
      [packet, packetOf(tcp(81), 4, 'input')],
      ['accept', 'drop'],
    );
  });

  it.each([
    ['marks', 'drops', 'accept'],
    ['drops', 'marks', 'drop'],
  ] as const)(
    'of two chains of one priority, %s registered before %s, the last runs first',
    async (first, second, verdict) => {
      const bodies = { marks: 'meta mark set 1', drops: 'meta mark 1 drop' };
      const text = (name: keyof typeof bodies) =>
        table(name, 'type filter hook input priority 5', bodies[name]);
      const chains = {
        marks: (sequence: number) =>
          chain('marks', [rule([], set('mark', 1))], { hook: 'input', priority: 5, sequence }),
        drops: (sequence: number) =>
          chain('drops', [rule(field('mark', 1), DROP)], { hook: 'input', priority: 5, sequence }),
      };
      const model = ruleset([chains[first](1), chains[second](2)]);
      await bothSay(
        judge,
        { backend: 'legacy', nft: text(first) + text(second) },
        model,
        [packet],
        [verdict],
      );
    },
  );

  it('of two nat chains of one priority the last registered translates', async () => {
    const nat_ = 'type nat hook prerouting priority -100';
    const nft =
      table('one', nat_, 'dnat to 192.0.2.1') +
      table('two', nat_, 'dnat to 192.0.2.2') +
      table('see', 'type filter hook input priority 0', 'ip daddr 192.0.2.2 accept', 'drop');
    const nat = (name: string, to: string, sequence: number) =>
      chain(name, [rule([], dnat(to))], { table: 'nat', hook: 'prerouting', priority: -100, sequence });
    const see = chain('see', [rule(address('dst', '192.0.2.2'), ACCEPT), rule([], DROP)], { hook: 'input' });
    const model = ruleset([nat('one', '192.0.2.1', 1), nat('two', '192.0.2.2', 2), see]);
    await bothSay(judge, { backend: 'legacy', nft }, model, [packet], ['accept']);
  });

  it('iptables and nft chains of one hook run by priority, whoever loaded them', async () => {
    const v4 = '*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -m mark --mark 0x1 -j DROP\nCOMMIT\n';
    const nft = (priority: number) =>
      table('x', `type filter hook input priority ${priority}`, 'meta mark set 1');
    for (const [priority, verdict] of [
      [-1, 'drop'],
      [1, 'accept'],
    ] as const) {
      const model = ruleset([
        chain('INPUT', [rule(field('mark', 1), DROP)], { hook: 'input', sequence: 1 }),
        chain('c', [rule([], set('mark', 1))], { hook: 'input', priority, sequence: 2 }),
      ]);
      await bothSay(judge, { backend: 'legacy', v4, nft: nft(priority) }, model, [packet], [verdict]);
    }
  });

  it('ip6tables-legacy looks behind AH for the protocol, ip6tables-nft does not', async () => {
    const v6 = '*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp -j ACCEPT\nCOMMIT\n';
    const behind = [
      packetOf({ headers: ['auth'] }, 6, 'input'),
      packetOf({ headers: ['dst', 'hop'] }, 6, 'input'),
    ];
    expect(await kernelSays(judge, { backend: 'legacy', v6 }, behind)).toEqual(['accept', 'accept']);
    expect(await kernelSays(judge, { backend: 'nft', v6 }, behind)).toEqual(['drop', 'accept']);
    // postern reads a packet's protocol as ip6tables-legacy does; with nftables such a packet is one of protocol 51.
    expect(posternSays(readHost({ v6 }), behind)).toEqual(['accept', 'accept']);
  });
});

describeKernel('facts about the loopback interface', () => {
  it('what comes by lo was tracked on its way out: the raw table sees its state', async () => {
    const judge = await Judge.open('router', { conntrack: true, loopback: 'arrives' });
    try {
      const rules = (state: string) =>
        `*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -i lo -m conntrack ! --ctstate ${state} -j DROP\nCOMMIT\n`;
      const sent = packetOf({ out: 'lo', dst: '10.1.2.10' }, 4, 'output');
      const arriving: Packet = { ...packetOf({ dst: '10.1.2.10', in: 'lo', mac: 0 }, 4, 'input') };
      for (const [state, verdict] of [
        ['NEW', 'accept'],
        ['INVALID', 'drop'],
      ] as const) {
        const v4 = rules(state);
        expect(await kernelSays(judge, { backend: 'legacy', v4 }, [sent])).toEqual([verdict]);
        expect(posternSays(readHost({ v4 }), [arriving])).toEqual([verdict]);
      }
    } finally {
      await judge.close();
    }
  });
});
