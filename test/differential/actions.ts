import fc from 'fast-check';
import type { Action } from '../../src/rule/action.ts';
import { ACCEPT, DROP, dnat, goto, jump, NOTRACK, REJECT, RETURN, set, snat } from '../support/rules.ts';
import { conditionArbitrary } from './conditions.ts';
import { MARKS, one } from './values.ts';

/** What a chain may do: where its packets are, and which chains of its table it may jump to. */
export interface ChainKind {
  readonly family: 4 | 6;
  readonly table: string;
  /** `dnat` at prerouting and output, `snat` at input and postrouting; absent elsewhere. */
  readonly translates?: 'dnat' | 'snat';
  readonly jumps: readonly string[];
  /** Whether actions may leave a value open: ranges to translate to, ports to find, fields that are forgotten. */
  readonly choices: boolean;
}

function translation(family: 4 | 6, what: 'dnat' | 'snat', choices: boolean): fc.Arbitrary<Action> {
  const single = family === 4 ? ['172.17.0.2', '10.1.2.10'] : ['2001:db8::10', '2001:db8::ffff'];
  const range = family === 4 ? '10.1.2.5-10.1.2.11' : '2001:db8::5-2001:db8::11';
  const to = choices ? [...single, range] : single;
  const make = what === 'dnat' ? dnat : snat;
  const kept = what === 'dnat' || choices ? [undefined] : [];
  const port = one([...kept, 8080, 22, choices ? ([20, 23] as const) : 80]);
  const local = what === 'dnat' || choices ? ['local'] : [];
  const mask = family === 4 ? 0xffffff00n : ((1n << 64n) - 1n) << 64n;
  const value = family === 4 ? 0x0a010200n : (0x20010db8n << 96n) & mask;
  return fc.oneof(
    {
      weight: 5,
      arbitrary: fc
        .tuple(one([...to, undefined, ...local]), port)
        .map(([where, ports]) => make(where, ports ?? (where === undefined ? 80 : undefined))),
    },
    {
      // Source translation to a network still leaves the port open.
      weight: what === 'dnat' || choices ? 1 : 0,
      arbitrary: fc.constant<Action>({ kind: 'translate', what, address: { kind: 'prefix', mask, value } }),
    },
  );
}

const marking: fc.Arbitrary<Action> = fc.oneof(
  fc.tuple(one(['mark', 'ctmark'] as const), one(MARKS)).map(([name, value]) => set(name, value)),
  fc
    .tuple(one(['mark', 'ctmark'] as const), one(MARKS), one([0, 0xf0, 0xffffffff]))
    .map(([name, xor, keep]): Action => ({ kind: 'assign', field: name, keep, xor })),
  fc
    .tuple(one(['mark', 'ctmark'] as const), one([0xff, 0xffffffff]), one(MARKS))
    .map(([name, take, xor]): Action => {
      const from = name === 'mark' ? 'ctmark' : 'mark';
      return { kind: 'assign', field: name, keep: ~take >>> 0, from, take, xor: xor & 1 };
    }),
);

const bytes: fc.Arbitrary<Action> = fc
  .tuple(one(['tos', 'ttl'] as const), one([0, 1, 63, 64]), one([0, 0, 0xfc, 0xff]))
  .map(([name, xor, keep]): Action => ({ kind: 'assign', field: name, keep, xor }));

const sums: fc.Arbitrary<Action> = one([-255, -64, -1, 1, 64, 255]).map(
  (plus): Action => ({ kind: 'assign', field: 'ttl', keep: 255, xor: 0, plus }),
);

const FORGOTTEN = ['mark', 'ctmark', 'tos', 'ttl', 'tcpFlags'] as const;
const WRITTEN = ['src', 'dst', 'sport', 'dport', 'icmpType', 'pkttype'] as const;

const forgetting: fc.Arbitrary<Action> = one([...FORGOTTEN, ...FORGOTTEN, ...WRITTEN]).map(
  (name): Action => ({ kind: 'forget', field: name }),
);

const unknown: fc.Arbitrary<Action> = fc
  .subarray(['accept', 'drop', 'continue'] as const, { minLength: 1 })
  .map((outcomes): Action => ({ kind: 'unknown', outcomes, text: '-j NFQUEUE' }));

function lastAction({ family, table, translates, jumps, choices }: ChainKind): fc.Arbitrary<Action> {
  const terminal: fc.Arbitrary<Action>[] = [one([ACCEPT, ACCEPT, DROP, DROP, REJECT, RETURN])];
  if (jumps.length > 0)
    terminal.push(
      one(jumps).map((name) => jump(name, table)),
      one(jumps).map((name) => goto(name, table)),
    );
  if (translates !== undefined) terminal.push(translation(family, translates, choices));
  if (table === 'raw') terminal.push(fc.constant(NOTRACK));
  return fc.oneof({ weight: 12, arbitrary: fc.oneof(...terminal) }, { weight: 1, arbitrary: unknown });
}

/** What one rule does: up to three actions, and conditions between them. */
export function actionsArbitrary(kind: ChainKind): fc.Arbitrary<Action[]> {
  const last = lastAction(kind);
  const first = fc.oneof(
    { weight: 4, arbitrary: marking },
    { weight: 1, arbitrary: fc.oneof(bytes, sums) },
    { weight: kind.choices ? 1 : 0, arbitrary: forgetting },
    { weight: 1, arbitrary: fc.constant<Action>({ kind: 'note', text: '-j LOG' }) },
  );
  return fc.oneof(
    { weight: 4, arbitrary: last.map((action) => [action]) },
    { weight: 1, arbitrary: first.map((action) => [action]) },
    { weight: 1, arbitrary: fc.tuple(first, last).map((both) => [...both]) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(first, conditionArbitrary(kind.family), last)
        .map(([a, match, b]) => [a, { kind: 'require', match } as const, b]),
    },
  );
}
