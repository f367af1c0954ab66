import type { ResolvedRow } from '../../baseline/model.ts';
import { ALL, type Node } from '../../packet/diagram.ts';
import { type ConnectionState, ICMP_INVALID, icmpProtocol } from '../../packet/packet.ts';
import { contains, normalise } from '../../packet/ranges.ts';
import type { FamilyView } from '../view/view.ts';

/** Errors that report on a connection (RFC 792; RFC 4443, 2.1), and answers to requests, which only a connection brings. */
const MESSAGES: Readonly<
  Record<4 | 6, { readonly related: readonly number[]; readonly established: readonly number[] }>
> = {
  4: { related: [3, 4, 5, 11, 12], established: [0, 14, 16, 18] },
  6: { related: [1, 2, 3, 4], established: [129, 140] },
};

/**
 * The states in which a row's packets are needed. A row that names no state and messages of ICMP alone that begin no connection
 * means errors about connections that there are, and answers to requests: conntrack calls them related and established, and nobody
 * needs any other. It documents those that belong to no connection all the same. Which packets are needed in which of the states
 * says neededIn().
 */
export function neededStates(row: ResolvedRow, family: 4 | 6): readonly ConnectionState[] {
  const types = messagesOf(row, family);
  if (types === undefined) return row.states;
  const states = types.map((type) => stateOf(type, family));
  return (['related', 'established', 'new'] as const).filter((state) => states.includes(state));
}

/** Packets that are needed in this one of the row's needed states: all, but for messages of ICMP that come in different ones. */
export function neededIn(view: FamilyView, row: ResolvedRow, state: ConnectionState): Node {
  const { family } = view;
  if (neededStates(row, family).length === 1) return ALL;
  const types = messagesOf(row, family)?.filter((type) => stateOf(type, family) === state);
  return types === undefined
    ? ALL
    : view.field('icmpType', normalise(types.map((type): [number, number] => [type, type])));
}

function stateOf(type: number, family: 4 | 6): 'related' | 'established' | 'new' {
  if (MESSAGES[family].related.includes(type)) return 'related';
  return MESSAGES[family].established.includes(type) ? 'established' : 'new';
}

/** The types of a row that names no state and messages of ICMP alone that begin no connection, ascending; else undefined. */
function messagesOf({ states, all, choices }: ResolvedRow, family: 4 | 6): readonly number[] | undefined {
  if (states.length !== 1 || states[0] !== 'new') return undefined;
  const traffic = [...all, ...choices.flat()];
  const isOther = traffic.some(
    ({ protocol, icmp }) => protocol !== icmpProtocol(family) || icmp === undefined,
  );
  if (isOther) return undefined;
  const types = [...new Set(traffic.flatMap(({ icmp = [] }) => icmp.map(({ type }) => type)))];
  const beginNothing = types.every((type) => contains(ICMP_INVALID[family], type));
  return types.length > 0 && beginNothing ? types.sort((a, b) => a - b) : undefined;
}
