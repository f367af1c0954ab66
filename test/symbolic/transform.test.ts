import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALL, Diagram, type Node, NONE } from '../../src/packet/diagram.ts';
import { rangesNode } from '../../src/packet/literals.ts';
import { isMember } from '../../src/packet/membership.ts';
import { AddressNumbering } from '../../src/packet/numbering.ts';
import type { Packet } from '../../src/packet/packet.ts';
import { PacketSpace } from '../../src/packet/set.ts';
import type { AssignAction, TranslateAction } from '../../src/rule/action.ts';
import { Analysis } from '../../src/symbolic/analysis.ts';
import { changedFields, preimage } from '../../src/symbolic/translation/preimage.ts';
import { compose } from '../../src/symbolic/translation/compose.ts';
import { IDENTITY, type Transform } from '../../src/symbolic/translation/transform.ts';
import {
  assigned,
  FORWARDED,
  forgot,
  translated,
  UNTRACKED,
} from '../../src/symbolic/translation/transforms.ts';
import { packet, ruleset } from '../support/rules.ts';

const bits = fc.integer({ min: 0, max: 0xffffffff });
const someBits = fc.constantFrom(0, 0xff, 0xffff0000, 0xffffffff);
const assignment = fc.record({
  kind: fc.constant('assign' as const),
  field: fc.constantFrom<'mark' | 'ctmark'>('mark', 'ctmark'),
  keep: someBits,
  from: fc.constantFrom<'mark' | 'ctmark'>('mark', 'ctmark'),
  take: someBits,
  xor: bits,
});

type Marks = { readonly mark: number; readonly ctmark: number };

/** By the definition of AssignAction. */
function performed(action: AssignAction & { readonly field: keyof Marks }, marks: Marks): Marks {
  const { field, keep, from, take = 0, xor } = action;
  const taken = from === undefined ? 0 : marks[from] & take;
  return { ...marks, [field]: ((marks[field] & keep) ^ taken ^ xor) >>> 0 };
}

const arriving = (space: PacketSpace, node: Node, t: Transform): Node =>
  preimage(space.diagram, node, t, 4, () => ALL);

const exactly = (space: PacketSpace, { mark, ctmark }: Marks): Node =>
  space.diagram.and(
    rangesNode(space.diagram, 'mark', [mark, mark], ALL),
    rangesNode(space.diagram, 'ctmark', [ctmark, ctmark], ALL),
  );

describe('transforms of marks', () => {
  it('composed are one after the other, and their preimages too', () => {
    fc.assert(
      fc.property(assignment, assignment, bits, bits, (first, second, mark, ctmark) => {
        const space = new PacketSpace();
        const [a, b] = [assigned(first, 0), assigned(second, 0)];
        const target = exactly(space, performed(second, performed(first, { mark, ctmark })));
        const composed = arriving(space, target, compose(a, b));
        expect(composed).toBe(arriving(space, arriving(space, target, b), a));
        expect(isMember(space.diagram, composed, packet({ mark, ctmark }))).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it('have only the packets in a preimage that become one of the set', () => {
    fc.assert(
      fc.property(assignment, bits, bits, bits, bits, (action, mark, ctmark, m, c) => {
        const space = new PacketSpace();
        const after = performed(action, { mark, ctmark });
        const set = arriving(space, exactly(space, { mark: m, ctmark: c }), assigned(action, 0));
        expect(isMember(space.diagram, set, packet({ mark, ctmark }))).toBe(
          after.mark === m && after.ctmark === c,
        );
      }),
      { numRuns: 100 },
    );
  });
});

const port = (lo: number, hi = lo) => ({ lo, hi });
const server = { kind: 'range', lo: 0x0a070001n, hi: 0x0a070001n } as const;
const toServer: TranslateAction = {
  kind: 'translate',
  what: 'dnat',
  address: server,
  port: port(80),
};

describe('preimages', () => {
  const inSet = (space: PacketSpace, node: Node, change: Partial<Packet>): boolean =>
    isMember(space.diagram, node, packet(change));

  it('of a translation are the packets that it sends there', () => {
    const space = new PacketSpace();
    const t = translated(toServer, 'yes');
    const web = space.field('dport', [80, 80]).node;
    const server = rangesNode(space.diagram, 'dst', [0x0a070001, 0x0a070001], ALL, 4);
    expect(arriving(space, space.diagram.and(web, server), t)).toBe(ALL);
    expect(arriving(space, space.diagram.not(web), t)).toBe(0);
    // What the set says of the first address is said of the arriving one.
    const asked = rangesNode(space.diagram, 'origDst', [0x0a010203, 0x0a010203], ALL, 4);
    const first = arriving(space, asked, t);
    expect(inSet(space, first, { dst: 0x0a010203n })).toBe(true);
    expect(inSet(space, first, { dst: 0x0a010204n })).toBe(false);
  });

  it('are the same for the packets of a set, whatever nobody knows of them', () => {
    const change = fc.constantFrom<Transform>(
      translated(toServer, 'yes'),
      translated({ kind: 'translate', what: 'dnat', port: port(80) }, 'yes'),
      translated({ kind: 'translate', what: 'dnat', address: server }, 'yes'),
      forgot('dst'),
      forgot('dport'),
      forgot('src'),
    );
    const ends = fc.record({ dst: fc.constantFrom(0x0a070001, 0x0a070002), dport: fc.constantFrom(80, 81) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), ends, ends, (changes, first, then) => {
        const rules = ruleset([]);
        const scope = { family: 4, hook: 'input', state: 'new', tcpFlags: 2, fragment: 'none' } as const;
        const analysis = new Analysis(new PacketSpace(), rules, scope);
        const { diagram } = analysis;
        const ending = ({ dst, dport }: typeof first): Node =>
          diagram.and(
            rangesNode(diagram, 'dst', [dst, dst], ALL, 4),
            rangesNode(diagram, 'dport', [dport, dport], ALL),
          );
        const t = changes.reduce(compose, IDENTITY);
        const [set, node] = [diagram.not(ending(first)), ending(then)];
        expect(analysis.following(set, node, t)).toBe(
          diagram.and(
            set,
            preimage(diagram, node, t, 4, () => ALL),
          ),
        );
      }),
      { numRuns: 100 },
    );
  });

  it('have what a translation gives, where nobody knows what it was', () => {
    const space = new PacketSpace();
    const t = [forgot('dst'), forgot('dport'), translated(toServer, 'yes')].reduce(compose, IDENTITY);
    const web = space.field('dport', [80, 80]).node;
    expect(arriving(space, web, t)).toBe(ALL);
    expect(arriving(space, space.diagram.not(web), t)).toBe(NONE);
    const there = rangesNode(space.diagram, 'dst', [0x0a070001, 0x0a070001], ALL, 4);
    expect(arriving(space, space.diagram.not(there), t)).toBe(NONE);
  });

  it('of a translation to a range are the packets that it may send to any of its addresses, whatever their numbers', () => {
    // As the list's first address has a number of its own, the range begins with one number, and goes on elsewhere.
    const numbering = AddressNumbering.of([[0x0a070001, 0x0a070001, 0x0b000000, 0x0b000000]], []);
    const space = new PacketSpace(new Diagram({ numbering }));
    const t = translated(
      { ...toServer, address: { kind: 'range', lo: 0x0a070001n, hi: 0x0a070002n } },
      'yes',
    );
    for (const server of [0x0a070001, 0x0a070002])
      expect(arriving(space, rangesNode(space.diagram, 'dst', [server, server], ALL, 4), t)).toBe(ALL);
    expect(arriving(space, rangesNode(space.diagram, 'dst', [0x0a070003, 0x0b000000], ALL, 4), t)).toBe(NONE);
  });

  it('of a forwarded packet see a hop limit of one less', () => {
    const space = new PacketSpace();
    const last = arriving(space, space.field('ttl', [63, 63]).node, FORWARDED);
    expect(last).toBe(space.field('ttl', [64, 64]).node);
  });

  it('of a forgotten field are whatever it was', () => {
    const space = new PacketSpace();
    const set = space.field('tos', [8, 8]).intersect(space.field('dport', [22, 22])).node;
    expect(arriving(space, set, forgot('tos'))).toBe(space.field('dport', [22, 22]).node);
  });

  it('are the set itself where it depends on nothing that changes', () => {
    const changes: Transform[] = [
      FORWARDED,
      UNTRACKED,
      forgot('tos'),
      translated(toServer, 'yes'),
      translated({ kind: 'translate', what: 'snat', address: { kind: 'range', lo: 1n, hi: 9n } }, 'yes'),
      assigned({ kind: 'assign', field: 'mark', keep: 0, xor: 5 }, 0),
      compose(FORWARDED, translated(toServer, 'yes')),
    ];
    const fields = [
      'protocol',
      'sport',
      'dport',
      'src',
      'dst',
      'ttl',
      'tos',
      'mark',
      'notrack',
      'in',
    ] as const;
    const space = new PacketSpace();
    for (const t of changes)
      for (const field of fields) {
        const wide = field === 'in' || field === 'src' || field === 'dst';
        const values = wide ? [1n, 7n << 64n] : [1, 1];
        const { node } = space.field(field, values as readonly number[]);
        if ((space.diagram.fields(node) & changedFields(t)) === 0)
          expect(arriving(space, node, t)).toBe(node);
      }
    expect(changedFields(IDENTITY)).toBe(0);
    expect(changedFields(FORWARDED)).toBe(space.diagram.fields(space.field('ttl', [9, 9]).node));
  });

  it('of an address that nobody has named may be smaller than any set', () => {
    const local = translated({ kind: 'translate', what: 'dnat', address: { kind: 'local' } }, 'maybe');
    const space = new PacketSpace();
    const onEth0 = space.field('in', [1n, 1n]).node;
    const ssh = space.field('dport', [22, 22]).node;
    expect(preimage(space.diagram, ssh, local, 4, () => onEth0)).toBe(space.diagram.and(ssh, onEth0));
    expect(changedFields(local) & space.diagram.fields(ssh)).not.toBe(0);
  });
});

describe('keys of transforms', () => {
  it('are equal where transforms are', () => {
    expect(IDENTITY.key).toBe('');
    expect(translated(toServer, 'yes').key).toBe(translated({ ...toServer }, 'yes').key);
    expect(translated(toServer, 'yes').key).not.toBe(translated(toServer, 'no').key);
    expect(compose(FORWARDED, FORWARDED).key).not.toBe(FORWARDED.key);
  });
});
