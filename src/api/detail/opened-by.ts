import type { ResolvedRow } from '../../baseline/model.ts';
import { loopbackArrivals } from '../../compare/loopback/loopback.ts';
import type { FamilyCheck, Place } from '../../compare/view/family-check.ts';
import type { Evidence } from '../../finding/report.ts';
import { type Node, NONE } from '../../packet/diagram.ts';
import type { ConnectionState } from '../../packet/packet.ts';

/** The config lines that let through what a row needs, in each family, each line once. */
export function openedBy(row: ResolvedRow, checks: readonly FamilyCheck[]): Evidence[] {
  if (row.status === 'not-applicable' || row.level === 'prohibited') return [];
  const found = new Map<string, Evidence>();
  for (const check of checks)
    for (const line of linesIn(row, check)) {
      const key = `${line.line} ${line.column} ${line.file}`;
      if (!found.has(key)) found.set(key, line);
    }
  return [...found.values()];
}

function linesIn(row: ResolvedRow, check: FamilyCheck): Evidence[] {
  const judgement = check.judgement(row);
  if (judgement === undefined) return [];
  const { diagram } = check.view;
  const open = diagram.orAll(judgement.needs.map((need) => need.open));
  const doubtful = diagram.orAll(judgement.needs.map((need) => need.uncertain));
  const lines = (state: ConnectionState, packets: Node, definite: boolean): Evidence[] =>
    placesOf(row, check, state, packets, definite).flatMap((place) =>
      check.make.openingEvidence(place.hook, place.state ?? state, place.packets, place.carried),
    );
  return row.states.flatMap((state) => [
    ...lines(state, open, true),
    ...lines(state, doubtful, false).map((line) => ({
      ...line,
      note: `may be what ${line.note ?? 'opens'}`,
    })),
  ]);
}

/** Where the packets pass: what stays on the host has to leave, and to come in again. */
function placesOf(
  row: ResolvedRow,
  check: FamilyCheck,
  state: ConnectionState,
  packets: Node,
  definite: boolean,
): Place[] {
  if (row.direction !== 'loopback' || state !== 'new') return check.places(row, state, packets, definite);
  const { view } = check;
  const { diagram } = view;
  const left: Place = { hook: 'output', packets: diagram.and(packets, view.loopback('out')) };
  const come = loopbackArrivals(view, packets).map(
    (one): Place => ({ ...one, hook: 'input', packets: diagram.and(one.packets, view.loopback('in')) }),
  );
  return [left, ...come].filter((place) => place.packets !== NONE);
}
