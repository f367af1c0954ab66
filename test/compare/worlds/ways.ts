import { type Connection, enumerateValuations, type Trace } from '../../../src/interpreter/index.ts';
import { parseAddress } from '../../../src/packet/address.ts';
import type { Ruleset } from '../../../src/rule/ruleset.ts';
import { readPacket } from '../../../src/trace/packet-input.ts';
import { HOST, INTERFACES, type Packet } from './world.ts';

/** A packet as `trace` takes it. */
export interface Shown {
  readonly hook: 'input' | 'forward' | 'output';
  readonly in?: string;
  readonly out?: string;
  readonly src: string;
  readonly dst: string;
  readonly protocol: string;
  readonly sport: number;
  readonly dport: number;
}

export function shown({ direction, name, peer, protocol, asking, port }: Packet): Shown {
  return direction === 'in'
    ? { hook: 'input', in: name, src: peer, dst: HOST, protocol, sport: asking, dport: port }
    : { hook: 'output', out: name, src: HOST, dst: peer, protocol, sport: asking, dport: port };
}

/** The packet where it is forwarded and leaves by an interface. */
export const forwarded = (packet: Packet, out: string): Shown => ({ ...shown(packet), hook: 'forward', out });

/** One way that a first packet goes, and whether the rest of its connection can pass, and surely does. */
export interface Way {
  readonly passes: boolean;
  /** By which of the host's interfaces it is forwarded; undefined: it comes in, or is sent. */
  readonly out: string | undefined;
  /** The service's port once rules have translated it. */
  readonly port: number;
  readonly rest: 'passes' | 'possible' | 'stops';
}

/** Every behaviour of the unmodelled matches, one trace each. */
function traces(ruleset: Ruleset, line: object, connection?: Connection): readonly Trace[] {
  const read = readPacket(JSON.stringify(line));
  if (!read.ok) throw new Error(read.error);
  const found: Trace[] = [];
  const circumstances = { open: read.open, ...(connection === undefined ? {} : { connection }) };
  const all = enumerateValuations(
    ruleset,
    read.packet,
    (trace) => void found.push(trace),
    circumstances,
    20_000,
  );
  if (!all) throw new Error('more ways than are enumerated');
  return found;
}

/** All ways of a first packet. Where a rule translates it elsewhere, each interface that it can leave by is one. */
export function waysOf(ruleset: Ruleset, packet: Packet): readonly Way[] {
  const here = traces(ruleset, shown(packet));
  const stays = here.filter(({ hook }) => hook !== 'forward');
  const away = here.length === stays.length ? [] : INTERFACES;
  return [
    ...stays.map((trace) => way(ruleset, packet, trace, undefined)),
    ...away.flatMap((out) =>
      traces(ruleset, forwarded(packet, out))
        .filter(({ hook, translated }) => hook === 'forward' && translated !== undefined)
        .map((trace) => way(ruleset, packet, trace, out)),
    ),
  ];
}

function way(ruleset: Ruleset, packet: Packet, trace: Trace, out: string | undefined): Way {
  const passes = trace.verdict === 'accept';
  const port = trace.translated?.dport?.[0] ?? packet.port;
  return { passes, out, port, rest: passes ? restOf(ruleset, packet, trace, out) : 'stops' };
}

interface Ends {
  readonly src: string;
  readonly dst: string;
  readonly sport: number;
  readonly dport: number;
}

/**
 * The reply and the packet after it (RFC 9293, section 3.5: SYN, SYN-ACK, ACK). Where a rule has kept the first packet out of
 * connection tracking, the reply is the first that it sees: invalid for TCP, new for UDP. The packet after it is then new, and
 * the nat table may send it elsewhere; so is the data that comes back.
 */
function restOf(ruleset: Ruleset, packet: Packet, trace: Trace, out: string | undefined): Way['rest'] {
  const first: Shown = out === undefined ? shown(packet) : forwarded(packet, out);
  const untracked = trace.path.some(({ did }) => did === 'notrack');
  const state = untracked ? (packet.protocol === 'tcp' ? 'invalid' : 'new') : 'established';
  const arrived = translatedEnds(first, trace);
  // What goes on behind a translation of the source is not told apart: replies come back to the sender.
  const answer = { src: arrived.dst, dst: first.src, sport: arrived.dport, dport: first.sport };
  const connection = untracked
    ? undefined
    : { original: tuple(first), reply: tuple(turned(arrived)), mark: 0 };
  const line = (ends: Ends, names: object, flags: readonly string[], is = state): object => ({
    ...ends,
    ...names,
    protocol: packet.protocol,
    state: is,
    ...(packet.protocol === 'tcp' ? { flags } : {}),
  });
  const replies = traces(
    ruleset,
    line(answer, backNames(packet, out), ['syn', 'ack']),
    connection && { ...connection, direction: 'reply' },
  );
  const { hook, in: arriving, out: leaving } = first;
  // Where rules keep the reply out, conntrack knows half of the connection: see unseenAnswers.
  const isUnseen = !untracked && replies.every((one) => one.path.some(({ did }) => did === 'notrack'));
  const half = packet.protocol === 'tcp' ? 'invalid' : 'new';
  const third = traces(
    ruleset,
    line(
      { src: first.src, dst: first.dst, sport: first.sport, dport: first.dport },
      {
        hook,
        ...(arriving === undefined ? {} : { in: arriving }),
        ...(leaving === undefined ? {} : { out: leaving }),
      },
      ['ack'],
      isUnseen ? half : untracked ? 'new' : state,
    ),
    isUnseen ? undefined : connection && { ...connection, direction: 'original' },
  );
  // Nobody has seen a SYN, and the SYN-ACK was invalid: what the other end sends then begins a connection (nf_conntrack_tcp_loose).
  const isNewData = untracked && packet.protocol === 'tcp';
  const data = isNewData ? traces(ruleset, line(answer, backNames(packet, out), ['ack'], 'new')) : [];
  const arrives = (one: Trace): boolean =>
    one.verdict === 'accept' &&
    (!untracked || one.translated?.dst === undefined) &&
    (!untracked || one.translated?.dport === undefined);
  const some = (list: readonly Trace[]): boolean => list.some(arrives);
  const every = (list: readonly Trace[]): boolean => list.every(arrives);
  const later = [replies, third, ...(isNewData ? [data] : [])];
  if (later.every(every)) return 'passes';
  return later.every(some) ? 'possible' : 'stops';
}

/** Where the reply goes: by the interface that the first packet came by, and the other way round. */
function backNames({ direction, name }: Packet, out: string | undefined): object {
  if (out !== undefined) return { hook: 'forward', in: out, out: name };
  return direction === 'in' ? { hook: 'output', out: name } : { hook: 'input', in: name };
}

function translatedEnds({ src, dst, sport, dport }: Shown, { translated }: Trace): Ends {
  return {
    src: textOf(translated?.src?.[0]) ?? src,
    dst: textOf(translated?.dst?.[0]) ?? dst,
    sport: translated?.sport?.[0] ?? sport,
    dport: translated?.dport?.[0] ?? dport,
  };
}

const turned = ({ src, dst, sport, dport }: Ends): Ends => ({
  src: dst,
  dst: src,
  sport: dport,
  dport: sport,
});

const tuple = ({ src, dst, sport, dport }: Ends): Connection['original'] => ({
  src: parseAddress(src)?.value as bigint,
  dst: parseAddress(dst)?.value as bigint,
  sport,
  dport,
});

function textOf(value: bigint | undefined): string | undefined {
  if (value === undefined) return undefined;
  return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');
}
