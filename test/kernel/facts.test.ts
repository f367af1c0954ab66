import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answering, interpret } from '../../src/interpreter/index.ts';
import type { Packet } from '../../src/packet/packet.ts';
import type { Ruleset } from '../../src/rule/ruleset.ts';
import { describeKernel } from '../support/kernel.ts';
import { ACCEPT, address, chain, dnat, DROP, field, not, rule, ruleset, set } from '../support/rules.ts';
import { CATALOGUE_PLAN } from './catalogue/judging.ts';
import { packetOf, type Sketch, tcp, udp } from './catalogue/types.ts';
import { readHost } from './compare/read.ts';
import { Judge, type RuleFiles } from './judge.ts';

type Verdicts = readonly ('accept' | 'drop')[];

/** An nft table of one base chain. */
function table(name: string, hook: string, ...rules: readonly string[]): string {
  return `table ip ${name} {\nchain c {\n${hook};\n${rules.join('\n')}\n}\n}\n`;
}

async function kernelSays(judge: Judge, files: RuleFiles, packets: readonly Packet[]): Promise<Verdicts> {
  await judge.route(CATALOGUE_PLAN);
  expect(await judge.load(files)).toBeUndefined();
  const answers = await judge.judge(packets);
  expect(answers.map(({ verdict }) => verdict)).not.toContain('unsent');
  return answers.map(({ verdict }) => verdict) as Verdicts;
}

function posternSays(model: Ruleset | string, packets: readonly Packet[]): Verdicts {
  if (typeof model === 'string') throw new Error(model);
  return packets.map((packet) =>
    interpret(model, packet, answering()).verdict === 'accept' ? 'accept' : 'drop',
  );
}

/** The texts' judge and postern's model of them agree on this. */
async function bothSay(
  judge: Judge,
  files: RuleFiles,
  model: Ruleset | string,
  packets: Packet[],
  expected: Verdicts,
) {
  expect(await kernelSays(judge, files, packets)).toEqual(expected);
  expect(posternSays(model, packets)).toEqual(expected);
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

describeKernel('facts about fragments', () => {
  const forwardRule = (rule: string) =>
    `*filter\n:FORWARD DROP [0:0]\n-A FORWARD ${rule} -j ACCEPT\nCOMMIT\n`;
  const fragments = (family: 4 | 6, hook: 'input' | 'forward', sketch: Sketch = {}): Packet[] =>
    (['none', 'first', 'later'] as const).map((fragment) =>
      packetOf(
        {
          ...sketch,
          fragment,
          ...(family === 6 && fragment !== 'none' ? { headers: ['frag'] } : {}),
          length: 200,
        },
        family,
        hook,
      ),
    );

  describe('where conntrack does not watch', () => {
    let judges: { sink: Judge; router: Judge };
    beforeAll(async () => {
      const options = { conntrack: false };
      judges = { sink: await Judge.open('sink', options), router: await Judge.open('router', options) };
    });
    afterAll(async () => {
      await Promise.all(Object.values(judges ?? {}).map((judge) => judge.close()));
    });

    // The last column: nftables takes what stands in a later fragment where a port would be for the port
    // (net/netfilter/nf_tables_core.c, nft_payload_fast_eval); postern answers as iptables-legacy does.
    const forwarded: readonly (readonly [string, 4 | 6, Sketch, Verdicts, Verdicts?])[] = [
      ['-f', 4, {}, ['drop', 'drop', 'accept']],
      ['! -f', 4, {}, ['accept', 'accept', 'drop']],
      ['-p tcp', 4, {}, ['accept', 'accept', 'accept']],
      ['-p tcp -m tcp --dport 80', 4, {}, ['accept', 'accept', 'drop']],
      ['-p tcp -m tcp ! --dport 22', 4, {}, ['accept', 'accept', 'drop'], ['accept', 'accept', 'accept']],
      ['-p udp -m udp ! --sport 1', 4, udp(80), ['accept', 'accept', 'drop'], ['accept', 'accept', 'accept']],
      ['-p tcp -m multiport ! --dports 22', 4, {}, ['accept', 'accept', 'drop']],
      ['-p tcp', 6, {}, ['accept', 'accept', 'accept']],
      ['-p tcp -m tcp ! --dport 22', 6, {}, ['accept', 'accept', 'drop'], ['accept', 'accept', 'accept']],
      ['-m frag', 6, {}, ['drop', 'accept', 'accept']],
      ['-m frag --fragfirst', 6, {}, ['drop', 'accept', 'drop']],
      ['-m frag --fragmore', 6, {}, ['drop', 'accept', 'drop']],
      ['-m ipv6header --header frag --soft', 6, {}, ['drop', 'accept', 'accept']],
    ];
    it.each(forwarded.map(([match, family, ...rest]) => [match, family, rest] as const))(
      '`%s` forwards of IPv%d: whole, first, later',
      async (match, family, [sketch, expected, withNft = expected]) => {
        const text = forwardRule(match);
        const texts = family === 4 ? { v4: text } : { v6: text };
        const packets = fragments(family, 'forward', sketch);
        await bothSay(judges.router, { backend: 'legacy', ...texts }, readHost(texts), packets, expected);
        expect(await kernelSays(judges.router, { backend: 'nft', ...texts }, packets)).toEqual(withNft);
      },
    );

    it('INPUT sees no IPv4 fragment: they are put together first', async () => {
      const v4 = '*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n';
      const packets = fragments(4, 'input');
      expect(await kernelSays(judges.sink, { backend: 'legacy', v4 }, packets)).toEqual([
        'accept',
        'drop',
        'drop',
      ]);
    });

    it('INPUT sees IPv6 fragments as they are', async () => {
      const v6 = '*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp -m tcp --dport 80 -j ACCEPT\nCOMMIT\n';
      const packets = fragments(6, 'input');
      await bothSay(judges.sink, { backend: 'legacy', v6 }, readHost({ v6 }), packets, [
        'accept',
        'accept',
        'drop',
      ]);
    });
  });

  it('where conntrack watches, no rule sees a fragment, the raw table’s NOTRACK neither', async () => {
    const judge = await Judge.open('router');
    try {
      const text = (rule: string) => `*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING ${rule}\nCOMMIT\n`;
      for (const rule of ['-j CT --notrack', '-f -j ACCEPT', '-p tcp -j ACCEPT']) {
        const packets = fragments(4, 'forward');
        expect(await kernelSays(judge, { backend: 'legacy', v4: text(rule) }, packets)).toEqual([
          'accept',
          'drop',
          'drop',
        ]);
      }
    } finally {
      await judge.close();
    }
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
