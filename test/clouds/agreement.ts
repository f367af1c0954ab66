import { expect } from 'vitest';
import { type InputFile, type Opening, openings, tracer } from '../../src/api.ts';
import { holds } from '../compare/box-sets.ts';
import type { Question } from './brute/question.ts';

/** What an account's exports are asked, and what the provider's documentation says to it. */
export interface Expected {
  readonly groups: readonly string[];
  readonly question: Question;
  readonly passes: boolean;
  /** Openings do not tell: the provider never filters the peer, or several points are passed. */
  readonly traceOnly?: boolean;
}

/** A question as a packet of `trace`. */
export function packetOf(q: Question, groups: readonly string[], id: number): Record<string, unknown> {
  const ends = q.direction === 'ingress' ? { src: q.peer, dst: q.own } : { src: q.own, dst: q.peer };
  const icmp = q.protocol === 1 || q.protocol === 58;
  const ports = [6, 17].includes(q.protocol) ? { sport: q.sport, dport: q.dport } : {};
  return {
    id,
    hook: q.direction,
    ...ends,
    protocol: String(q.protocol),
    ...ports,
    ...(icmp ? { type: q.icmpType, code: q.icmpCode } : {}),
    state: q.established ? 'established' : 'new',
    ...(groups.length === 0 ? {} : { groups }),
    ...(q.peerGroups.length === 0 ? {} : { peerGroups: q.peerGroups }),
  };
}

/**
 * Holds that `trace` answers each question as expected and for certain, and that the boxes of `openings` have exactly the
 * first packets that pass. A box says one group of the peer; peers of several are asked of `trace` alone.
 */
export async function agrees(
  configs: readonly InputFile[],
  asked: readonly Expected[],
  isPoint: IsPoint,
): Promise<void> {
  const trace = await tracer({ configs });
  if (!trace.ok) throw new Error(trace.errors.map(({ message }) => message).join('; '));
  const opened = await openings({ configs });
  if (!opened.ok) throw new Error(opened.errors.map(({ message }) => message).join('; '));
  for (const [id, { groups, question, passes, traceOnly }] of asked.entries()) {
    const packet = packetOf(question, groups, id);
    const line = trace.value(JSON.stringify(packet))?.json ?? '{}';
    const { verdict, certainty, error } = JSON.parse(line) as Record<string, unknown>;
    const answer = `${error ?? verdict} ${certainty} for ${JSON.stringify(packet)}`;
    expect(answer).toBe(`${passes ? 'accept' : 'drop'} definite for ${JSON.stringify(packet)}`);
    if (question.established || question.peerGroups.length > 1 || traceOnly === true) continue;
    const inside = opened.value.openings.some((one) => isIn(one, question, isPoint(one.box, groups), packet));
    expect(`${inside} in the openings: ${JSON.stringify(packet)}`).toBe(
      `${passes} in the openings: ${JSON.stringify(packet)}`,
    );
  }
}

/** Whether a box is of the point at which a packet with these groups is asked about. */
export type IsPoint = (box: Opening['box'], groups: readonly string[]) => boolean;

function isIn(
  { hook, certainty, box }: Opening,
  q: Question,
  point: boolean,
  packet: Record<string, unknown>,
): boolean {
  if (hook !== q.direction || certainty !== 'definite' || !point) return false;
  if (box.peerGroups !== undefined && !box.peerGroups.some((one) => q.peerGroups.includes(one))) return false;
  if (box.exceptPeerGroups?.some((one) => q.peerGroups.includes(one))) return false;
  return holds(box, packet as never);
}
