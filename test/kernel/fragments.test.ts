import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { outcomes } from '../../src/interpreter/index.ts';
import type { Packet } from '../../src/packet/packet.ts';
import { describeKernel } from '../support/kernel.ts';
import { packetOf, type Sketch, udp } from './catalogue/types.ts';
import { readHost } from './compare/read.ts';
import { bothSay, kernelSays, type Verdicts } from './facts.ts';
import { Judge } from './judge.ts';

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

    // nftables may read a later fragment's bytes as a port, or end the rule: postern says possible.
    const read = [
      'tcp dport 80',
      'tcp dport != 22',
      'tcp flags & syn != 0x0',
      'th dport vmap { 80 : accept }',
    ];
    it.each([...read.map((rule) => [rule, 'possible'] as const), ['meta l4proto tcp', 'definite'] as const])(
      'nft `%s` of a later fragment is %s',
      async (rule, certainty) => {
        const accept = rule.includes('vmap') ? '' : ' accept';
        const nft = `table inet t {\nchain c {\ntype filter hook forward priority 0; policy drop;\n${rule}${accept}\n}\n}\n`;
        const ruleset = readHost({ nft });
        if (typeof ruleset === 'string') throw new Error(ruleset);
        for (const family of [4, 6] as const) {
          const packets = fragments(family, 'forward');
          const said = await kernelSays(judges.router, { backend: 'nft', nft }, packets);
          packets.forEach((packet, at) => {
            const found = outcomes(ruleset, packet);
            expect(found.certainty).toBe(packet.fragment === 'later' ? certainty : 'definite');
            expect(found.verdicts).toContain(said[at]);
          });
        }
      },
    );

    // What asks for connections in other statements than conditions makes conntrack watch, too.
    it.each([
      'ct count over 9 drop',
      'add @s { ip saddr ct count over 9 } drop',
      'add @s { ct original ip saddr }',
    ])('behind nft `%s` no rule sees a fragment', async (rule) => {
      const set = 'set s { type ipv4_addr; flags dynamic; size 9; }';
      const nft = `table ip t {\n${set}\nchain c {\ntype filter hook forward priority 0; policy drop;\n${rule}\ntcp dport 80 accept\n}\n}\n`;
      const ruleset = readHost({ nft });
      if (typeof ruleset === 'string') throw new Error(ruleset);
      const packets = fragments(4, 'forward');
      expect(await kernelSays(judges.router, { backend: 'nft', nft }, packets)).toEqual([
        'accept',
        'drop',
        'drop',
      ]);
      const later = packets[2] as Packet;
      expect(outcomes(ruleset, later)).toMatchObject({ verdicts: ['drop'], certainty: 'definite' });
    });

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
