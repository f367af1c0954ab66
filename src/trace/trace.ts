import { type Circumstances, type Outcomes, outcomes, type Step, type Trace } from '../interpreter/index.ts';
import { formatAddress, formatRange } from '../packet/address.ts';
import { type Packet, PORT_PROTOCOLS } from '../packet/packet.ts';
import { protocolName } from '../packet/protocol.ts';
import type { Ruleset } from '../rule/ruleset.ts';
import type { Diagnostic, Result } from '../text/diagnostic.ts';
import { representativeNames } from './interface-names.ts';
import { otherWays } from './other-translations.ts';
import { type PacketId, readPacket } from './packet-input.ts';

/** What `trace` answers to one packet. */
export interface TraceAnswer {
  /** One line of JSON, without a line break. */
  readonly json: string;
  /** The packet could not be read. */
  readonly failed: boolean;
}

/** One line of the path. */
export interface PathEntry {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

/** Answers to packets in NDJSON, one for each in order; blank lines are none. */
export function* tracePackets(ruleset: Ruleset, lines: Iterable<string>): Generator<TraceAnswer> {
  for (const line of lines) {
    const answer = traceLine(ruleset, line);
    if (answer !== undefined) yield answer;
  }
}

/** What a packet meets, where that depends on the packet: on the groups that it names. */
export type ChooseRuleset = (packet: Packet) => Result<Ruleset>;

/** Why nothing is said of a packet at a hook that no config of the host is about. */
const NO_CLOUD = 'No config of a cloud was given; a host’s own hooks are input, forward and output.';

/** The answer to one line; undefined where it is blank. */
export function traceLine(given: Ruleset | ChooseRuleset, line: string): TraceAnswer | undefined {
  const text = line.replace(/^\uFEFF/, '');
  if (text.trim() === '') return undefined;
  const input = readPacket(text);
  if (!input.ok) return { json: JSON.stringify({ id: input.id, error: input.error }), failed: true };
  const { id } = input;
  const chosen = typeof given === 'function' ? given(input.packet) : { ok: true as const, value: given };
  if (!chosen.ok) return { json: JSON.stringify({ id, error: sentence(chosen.errors[0]) }), failed: true };
  const ruleset = chosen.value;
  const packet = atHost(input.packet, ruleset);
  if (!ruleset.families.has(packet.family))
    return { json: JSON.stringify({ id, verdict: 'not-assessed' }), failed: false };
  if (ruleset.cloud === undefined && (packet.hook === 'ingress' || packet.hook === 'egress'))
    return { json: JSON.stringify({ id, verdict: 'not-assessed', note: NO_CLOUD }), failed: false };
  const names = input.openIn || input.openOut ? representativeNames(ruleset) : [];
  const circumstances: Circumstances = {
    open: input.open,
    ...(input.openIn ? { inNames: names } : {}),
    ...(input.openOut ? { outNames: names } : {}),
  };
  const found = outcomes(ruleset, packet, circumstances);
  const ways = otherWays(ruleset, packet, circumstances);
  return { json: JSON.stringify(answerTo(id, packet, found, ways)), failed: false };
}

/** What comes into an instance of a cloud goes to its host, and what leaves it comes from there. */
function atHost(packet: Packet, ruleset: Ruleset): Packet {
  if (ruleset.cloud === undefined) return packet;
  if (packet.hook === 'ingress') return { ...packet, hook: 'input' };
  return packet.hook === 'egress' ? { ...packet, hook: 'output' } : packet;
}

function sentence(error: Diagnostic | undefined): string {
  const { message = 'nothing guards this packet', expected } = error ?? {};
  const text = `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
  return expected === undefined ? text : `${text} Expected: ${expected}.`;
}

function answerTo(id: PacketId, packet: Packet, found: Outcomes, ways: readonly Trace[]): object {
  const trace = found.plain;
  const verdict = trace.verdict === 'undetermined' ? 'drop' : trace.verdict;
  return {
    id,
    verdict,
    certainty: found.certainty,
    path: pathOf(trace.path),
    translated: translatedOf(packet, trace),
    ...(trace.hook === packet.hook ? {} : { hook: trace.hook }),
    ...othersOf(packet, trace, ways),
    ...(found.certainty === 'possible' ? { alternatives: found.verdicts, dependsOn: found.dependsOn } : {}),
    ...noteOf(found),
  };
}

/** Where the packet goes on its other ways; null: where it was sent to. */
function othersOf(packet: Packet, plain: Trace, ways: readonly Trace[]): { otherTranslations?: object[] } {
  const shown = JSON.stringify(translatedOf(packet, plain));
  // What is dropped before a chain could translate it goes nowhere.
  const going = ways.filter(({ endedEarly }) => endedEarly !== true);
  const others = new Set(going.map((way) => JSON.stringify(translatedOf(packet, way))));
  others.delete(shown);
  return others.size === 0 ? {} : { otherTranslations: [...others].map((text) => JSON.parse(text)) };
}

/** What the path does not tell: that not everything was explored, or that no rule but the kernel's routing dropped the packet. */
function noteOf({ note, plain }: Outcomes): { note?: string } {
  if (note !== undefined) return { note: `Not everything was explored: ${note}.` };
  return plain.stopped === undefined ? {} : { note: plain.stopped };
}

/**
 * The rules that did something and the policies that decided. That the other tables let a packet pass is not worth a
 * line each: of accepting policies only those at the priority of filtering are told.
 */
function pathOf(steps: readonly Step[]): PathEntry[] {
  const telling = steps.filter(
    ({ kind, did, chain }) =>
      kind === 'rule' || did === 'drop' || (chain.base?.type === 'filter' && chain.base.priority === 0),
  );
  return (telling.length > 0 ? telling : steps).map(({ origin }) => {
    const { line } = origin.file.position(origin.start);
    const text = origin.label ?? origin.file.text.slice(origin.start, origin.end).split('\n', 1)[0] ?? '';
    return { file: origin.file.path, line, text: text.trim() };
  });
}

/** The packet after destination translation; a field that may be several things is a range, one not known is left out. */
function translatedOf(packet: Packet, { translated }: Trace): object | null {
  if (translated?.dst === undefined || translated.dport === undefined) return null;
  const whole = packet.family === 4 ? 0xffffffffn : (1n << 128n) - 1n;
  const known = translated.dst.length > 2 || translated.dst[0] !== 0n || translated.dst[1] !== whole;
  const hasPort = PORT_PROTOCOLS.includes(packet.protocol) && packet.fragment !== 'later';
  return {
    src: formatAddress(packet.family, packet.src),
    ...(known ? { dst: addressText(packet.family, translated.dst) } : {}),
    protocol: protocolName(packet.protocol),
    ...(hasPort && packet.sport !== 0 ? { sport: packet.sport } : {}),
    ...(hasPort ? { dport: portValue(translated.dport) } : {}),
  };
}

function addressText(family: 4 | 6, domain: readonly bigint[]): string {
  return pairs(domain)
    .map(([lo, hi]) => (lo === hi ? formatAddress(family, lo) : formatRange(family, lo, hi)))
    .join(',');
}

function portValue(domain: readonly number[]): number | string {
  const [first] = domain;
  if (domain.length === 2 && first !== undefined && first === domain[1]) return first;
  return pairs(domain)
    .map(([lo, hi]) => (lo === hi ? String(lo) : `${lo}-${hi}`))
    .join(',');
}

function pairs<T>(domain: readonly T[]): [T, T][] {
  const out: [T, T][] = [];
  for (let i = 0; i < domain.length; i += 2) out.push([domain[i] as T, domain[i + 1] as T]);
  return out;
}
