import { afterAll, beforeAll, expect, it } from 'vitest';
import { CONNECTION_STATES, type ConnectionState, type Packet } from '../../src/packet/packet.ts';
import { describeKernel } from '../support/kernel.ts';
import { packetOf } from './catalogue/types.ts';
import { Judge } from './judge.ts';
import { prepare } from './wire/conntrack.ts';

const PROTOCOLS = { 4: [6, 17, 33, 132, 136, 47, 253, 1], 6: [6, 17, 33, 132, 136, 47, 253, 58] } as const;
const ERRORS = { 1: 3, 58: 1 } as const;
const REQUESTS = { 1: 8, 58: 128 } as const;

/** A packet of the protocol that can be in the state. */
function packetIn(family: 4 | 6, protocol: number, state: ConnectionState, length: number): Packet {
  const types = state === 'related' ? ERRORS : REQUESTS;
  const icmpType = types[protocol as keyof typeof types] ?? 0;
  return packetOf({ protocol, state, icmpType, length, dport: 22 }, family, 'input');
}

describeKernel('the harness', () => {
  let judge: Judge;
  beforeAll(async () => {
    judge = await Judge.open('sink');
  });
  afterAll(async () => {
    await judge?.close();
  });

  const packets = ([4, 6] as const).flatMap((family) =>
    PROTOCOLS[family].flatMap((protocol) =>
      CONNECTION_STATES.flatMap((state) =>
        [120, 1371].map((length) => packetIn(family, protocol, state, length)),
      ),
    ),
  );
  const possible = packets.filter((packet) => prepare(packet, 1) !== undefined);

  it('can make most protocols in most states', () => {
    expect(possible.length).toBeGreaterThan(100);
    for (const state of CONNECTION_STATES)
      expect(possible.some((packet) => packet.state === state)).toBe(true);
  });

  it.each(CONNECTION_STATES)('makes packets that the kernel itself calls %s', async (state) => {
    const rule = `-A INPUT -m conntrack --ctstate ${state.toUpperCase()} -j ACCEPT`;
    const text = `*filter\n:INPUT DROP [0:0]\n${rule}\nCOMMIT\n`;
    expect(await judge.load({ backend: 'legacy', v4: text, v6: text })).toBeUndefined();
    const answers = await judge.judge(possible);
    const wrong = possible.filter(
      (packet, i) => (answers[i]?.verdict === 'accept') !== (packet.state === state),
    );
    expect(
      wrong.map(({ family, protocol, state: is, length }) => ({ family, protocol, is, length })),
    ).toEqual([]);
  });

  it('loses no packet', async () => {
    await judge.load({ backend: 'legacy' });
    const many = Array.from({ length: 20_000 }, (_, i) =>
      packetOf({ dport: i, sport: 1024 + (i % 60_000) }, 4, 'input'),
    );
    const answers = await judge.judge(many);
    expect(answers.filter(({ verdict }) => verdict === 'accept').length).toBe(many.length);
  });

  it('gives marks, and reads them back', async () => {
    await judge.load({
      backend: 'nft',
      v4: '*mangle\n:INPUT ACCEPT [0:0]\n-A INPUT -j MARK --or-mark 0x10\nCOMMIT\n',
    });
    const [answer] = await judge.judge([packetOf({ mark: 0x80000001 }, 4, 'input')]);
    expect(answer).toMatchObject({ verdict: 'accept', mark: 0x80000011 });
  });

  it('does not meet another host that runs at the same time', async () => {
    const other = await Judge.open('sink');
    try {
      const drop = '*filter\n:INPUT DROP [0:0]\nCOMMIT\n';
      expect(await other.load({ backend: 'legacy', v4: drop })).toBeUndefined();
      await judge.load({ backend: 'legacy' });
      const packet = packetOf({}, 4, 'input');
      const verdicts = await Promise.all([judge.judge([packet]), other.judge([packet])]);
      expect(verdicts.map(([answer]) => answer?.verdict)).toEqual(['accept', 'drop']);
    } finally {
      await other.close();
    }
  });

  it('leaves no namespace and no interface behind', async () => {
    const other = await Judge.open('router');
    const before = await judge.agent.run(['ip', '-o', 'link']);
    await other.close();
    const after = await judge.agent.run(['ip', '-o', 'link']);
    expect(after.stdout).toBe(before.stdout);
    await expect(other.agent.run(['ip', 'link'])).rejects.toThrow('has ended');
  });
});
