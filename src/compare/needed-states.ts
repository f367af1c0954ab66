import type { ResolvedRow } from '../baseline/model.ts';
import { type ConnectionState, icmpProtocol } from '../packet/packet.ts';

/** Errors that report on a connection (RFC 792; RFC 4443, 2.1), and answers to requests, which only a connection brings. */
const MESSAGES: Readonly<
  Record<4 | 6, { readonly errors: readonly number[]; readonly replies: readonly number[] }>
> = {
  4: { errors: [3, 4, 5, 11, 12], replies: [0, 14, 16, 18] },
  6: { errors: [1, 2, 3, 4], replies: [129, 140] },
};

/**
 * The states in which a row's packets are needed. A row that names no state and errors of ICMP alone means those about connections
 * that there are, and one that names answers alone those to requests: conntrack calls them related and established, and nobody
 * needs any other. It documents those that belong to no connection all the same.
 */
export function neededStates(
  { states, all, choices }: ResolvedRow,
  family: 4 | 6,
): readonly ConnectionState[] {
  if (states.length !== 1 || states[0] !== 'new') return states;
  const own = [...all, ...choices.flat()].filter(({ protocol }) => protocol === icmpProtocol(family));
  const types = own.flatMap(({ icmp = [] }) => icmp.map(({ type }) => type));
  const isWhole =
    own.length === all.length + choices.flat().length && own.every(({ icmp }) => icmp !== undefined);
  if (!isWhole || types.length === 0) return states;
  const { errors, replies } = MESSAGES[family];
  if (types.every((type) => errors.includes(type))) return ['related'];
  return types.every((type) => replies.includes(type)) ? ['established'] : states;
}
