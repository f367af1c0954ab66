import { parseAddress } from '../../packet/address.ts';
import { type Node, NONE } from '../../packet/diagram.ts';
import { FIELD_WIDTHS } from '../../packet/layout.ts';
import { digitsOf } from '../../packet/literals.ts';
import type { Preferences } from '../../packet/sample.ts';
import { kept } from '../../text/kept.ts';
import type { FlowHook } from '../view/hook-view.ts';
import type { FamilyView } from '../view/view.ts';

/** A locally administered address, where the set asks for none. */
const ANY_MAC = 0x020000000001;

/** Names that interfaces usually have; some are likely to be left where rules name others. */
const NAMES = [
  ...Array.from({ length: 10 }, (_, i) => `eth${i}`),
  ...['ens', 'wg', 'tun', 'ppp', 'docker', 'br', 'vlan', 'bond'].flatMap((kind) =>
    [1, 2, 3].map((i) => `${kind}${i}`),
  ),
];

/** Values that make a witness look like traffic that people know, tried in this order where the set leaves a choice. */
function preferences(family: 4 | 6): Preferences {
  const number = (width: number, ...values: number[]): Uint8Array[] =>
    values.map((value) => digitsOf(value, width));
  const address = (...texts: string[]): Uint8Array[] =>
    texts.map((text) => digitsOf(parseAddress(text)?.value ?? 0n, family === 4 ? 4 : 16));
  const zero = [new Uint8Array(1)];
  return {
    src:
      family === 4
        ? address('198.51.100.7', '10.0.0.7', '192.168.0.7')
        : address('2001:db8::7', '2001:db8:0:1::7', 'fe80::7'),
    dst:
      family === 4
        ? address('192.0.2.10', '10.0.0.10', '192.168.0.10')
        : address('2001:db8::10', '2001:db8:0:1::10', 'fe80::10'),
    protocol: number(1, 6, 17, family === 4 ? 1 : 58),
    sport: number(2, 40000, 1024),
    dport: number(2, 80, 443, 22, 8080),
    icmpType: number(1, family === 4 ? 8 : 128),
    icmpCode: zero,
    tos: zero,
    ttl: number(1, 64),
    length: number(2, 60),
    mac: number(6, ANY_MAC),
    pkttype: zero,
    extensionHeaders: zero,
    fragment: zero,
    peerGroup: [new Uint8Array(2)],
    ownGroup: [new Uint8Array(2)],
    mark: [new Uint8Array(4)],
    ctmark: [new Uint8Array(4)],
  };
}

/** Interfaces apart: see {@link wishesOf}. */
export const PREFERENCES = { 4: preferences(4), 6: preferences(6) } as const;

/** What packets of a hook should look like, and the interfaces that those get whose sets ask for none. */
interface Wishes {
  readonly preferences: Preferences;
  readonly usual: { readonly in: string; readonly out: string };
}

/** A forwarded packet usually leaves by another interface than it came by. */
function newWishes(family: 4 | 6, hook: FlowHook, own: readonly string[]): Wishes {
  const others = NAMES.filter((name) => !own.includes(name));
  const names = [...own, ...others];
  const [first = '', second = ''] = own.length === 1 ? [own[0], own[0]] : names;
  const turned = (list: readonly string[]): string[] => [...list.slice(1), ...list.slice(0, 1)];
  const behind = own.length > 0 ? [...turned(own), ...others] : turned(others);
  const leaving = hook === 'forward' ? behind : names;
  // The longest names fill the field, and no zero ends them (br-0123456789ab, as Docker calls its bridges).
  const bytes = (list: readonly string[]): Uint8Array[] =>
    list.map((name) => Uint8Array.from([...Buffer.from(name), 0]).subarray(0, FIELD_WIDTHS.in));
  return {
    preferences: { ...PREFERENCES[family], in: bytes(names), out: bytes(leaving) },
    usual: { in: first, out: hook === 'forward' ? second : first },
  };
}

function wishesByHook(family: 4 | 6, own: readonly string[]): Record<FlowHook, Wishes> {
  const of = (hook: FlowHook): Wishes => newWishes(family, hook, own);
  return { input: of('input'), forward: of('forward'), output: of('output') };
}

/** By the host's interfaces: a packet by one that the host has not is none that it ever sees. */
const WISHES = new WeakMap<readonly string[], { readonly [F in 4 | 6]: Record<FlowHook, Wishes> }>();
/** Of hosts of which nobody said what interfaces they have. */
const UNSAID: readonly string[] = [];

/** What packets of a hook of the view's host should look like. */
export function wishesOf({ family, interfaces = UNSAID }: FamilyView, hook: FlowHook): Wishes {
  return kept(WISHES, interfaces, () => {
    const own = interfaces.filter((name) => name !== 'lo');
    return { 4: wishesByHook(4, own), 6: wishesByHook(6, own) };
  })[family][hook];
}

/** Those of the packets whose peer has an address that a machine may have, if there are any. */
export function ofSomebody(view: FamilyView, set: Node, hook: FlowHook): Node {
  const { nobodys } = view.ruleset.cloud ?? {};
  const values = nobodys === undefined ? [] : view.family === 4 ? nobodys.ipv4 : nobodys.ipv6;
  if (values.length === 0) return set;
  const rest = view.diagram.difference(set, view.field(hook === 'output' ? 'dst' : 'src', values));
  return rest === NONE ? set : rest;
}
