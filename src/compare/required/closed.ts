import { inState } from '../finding/describe.ts';
import type { ResolvedRow } from '../../baseline/model.ts';
import type { Finding } from '../../finding/report.ts';
import { type Node, NONE } from '../../packet/diagram.ts';
import type { DiagramField } from '../../packet/layout.ts';
import type { ConnectionState } from '../../packet/packet.ts';
import { openQuestions, type Stop } from './closed-questions.ts';
import { asTheyCome, closingBehind, closingOf, draftOf, given, hookOf } from './closed-stop.ts';
import { missingAt } from './missing-at.ts';
import { closingLines, openingLines } from '../finding/evidence.ts';
import { isSamePlace, onceEach } from '../finding/quoted.ts';
import { closingLater } from './closed-behind.ts';
import type { FamilyCheck } from '../view/family-check.ts';
import { maskedPackets, someWouldAccept, wouldOpen } from './masked.ts';
import { neededIn, neededStates } from '../rows/needed-states.ts';
import { type Flow, isTranslated } from '../../symbolic/chains/summary.ts';
import { castOf } from '../rows/targets.ts';
import { translatesDestinations } from '../excess/undenied.ts';
import { withReplies } from './replies-closed.ts';
import { byExisting, whereDocumented } from './where-documented.ts';

/**
 * What a row needs and what is closed, split into masked, disputed by layers, and simply missing.
 *
 * @param whole nothing of what the row needs passes
 */
export function closedFindings(
  check: FamilyCheck,
  row: ResolvedRow,
  packets: Node,
  definite: boolean,
  whole: boolean,
): Finding[] {
  if (packets === NONE) return [];
  const told = new Told(check, row);
  // What a rule sends on is explained by where it goes; where one interface is enough, the others need no finding of their own.
  const places = stops(check, row, packets, definite).sort(
    (a, b) => Number(b.hook === 'forward') - Number(a.hook === 'forward'),
  );
  const explained = [maskedAt, disputedAt].flatMap((explain) =>
    places.flatMap((stop) => {
      const rest = told.rest(stop);
      if (rest === NONE) return [];
      const { findings, rest: left } = explain(check, { ...stop, packets: rest });
      told.add(stop, check.view.diagram.difference(rest, left));
      return findings;
    }),
  );
  const missing = places.flatMap((stop) => {
    const rest = told.rest(stop);
    if (rest === NONE) return [];
    told.add(stop, rest);
    return missingAt(check, { ...stop, packets: rest }, whole && explained.length === 0);
  });
  return [...explained, ...missing];
}

/** Closed packets that findings are about, whatever the fields of which one value is enough. */
class Told {
  private readonly packets = new Map<ConnectionState, Node>();
  private readonly free: readonly DiagramField[];

  constructor(
    private readonly check: FamilyCheck,
    row: ResolvedRow,
  ) {
    // Only the host's routes say by which interface an inbound packet leaves that a rule sends on.
    const leaving: readonly DiagramField[] = row.direction === 'in' ? ['out'] : [];
    this.free = [...check.sets.freeFields(row), ...leaving];
  }

  rest({ state, packets }: Stop): Node {
    return this.check.view.diagram.difference(packets, this.packets.get(state) ?? NONE);
  }

  add({ state }: Stop, packets: Node): void {
    const { view } = this.check;
    const known = this.packets.get(state) ?? NONE;
    this.packets.set(state, view.diagram.or(known, view.project(packets, this.free)));
  }
}

/** The masked ones of a row's closed packets, and the rest, which are not. */
export function maskedFindings(check: FamilyCheck, row: ResolvedRow, packets: Node): Explained {
  const parts = stops(check, row, packets, true).map((stop) => maskedAt(check, stop));
  return {
    findings: parts.flatMap(({ findings }) => findings),
    rest: check.view.diagram.orAll(parts.map(({ rest }) => rest)),
  };
}

interface Explained {
  readonly findings: readonly Finding[];
  readonly rest: Node;
}

/** Where closed packets stop. A row of several states needs them all, and each is looked at where it is closed. */
export function stops(check: FamilyCheck, row: ResolvedRow, packets: Node, definite: boolean): Stop[] {
  const { diagram } = check.view;
  const found: Stop[] = [];
  let rest = packets;
  const states = neededStates(row, check.family);
  for (const state of states) {
    const { must, may } = check.stateBounds(row, state);
    const here = diagram.and(rest, neededIn(check.view, row, state));
    const part = states.length === 1 ? rest : diagram.difference(here, definite ? may : must);
    rest = diagram.difference(rest, part);
    for (const place of check.places(row, state, part, definite))
      found.push({ row, state, definite, ...place });
  }
  return found;
}

/** The packets that are left where some are explained: where one address is enough, the rule would have opened it for all. */
function remaining(check: FamilyCheck, { row, packets }: Stop, explained: Node): Node {
  const { view, sets } = check;
  return view.diagram.difference(packets, view.project(explained, sets.freeFields(row)));
}

function maskedAt(check: FamilyCheck, stop: Stop): Explained {
  const here = maskedHere(check, stop);
  const { view } = check;
  // What is dropped before a rule would have translated it to another machine stops at input, and was meant to be forwarded.
  const isForwarded = stop.row.direction === 'in' && stop.hook === 'input';
  if (!isForwarded || here.rest === NONE || !translatesDestinations(check.ruleset)) return here;
  const packets = view.diagram.and(here.rest, view.offLoopback('out'));
  const there = maskedHere(check, { ...stop, hook: 'forward', packets }, isTranslated);
  if (there.findings.length === 0) return here;
  const explained = view.project(view.diagram.difference(packets, there.rest), ['out']);
  return {
    findings: [...here.findings, ...there.findings],
    rest: view.diagram.difference(here.rest, explained),
  };
}

/** @param counts whether packets count with what is done to them on their way */
function maskedHere(check: FamilyCheck, stop: Stop, counts?: (flow: Flow) => boolean): Explained {
  const { view } = check;
  if (stop.packets === NONE) return { findings: [], rest: NONE };
  const [hook, come] = [hookOf(check, stop), asTheyCome(check, stop)];
  if (!someWouldAccept(view, hook, view.diagram.and(stop.packets, come), counts))
    return { findings: [], rest: stop.packets };
  const closing = closingOf(check, stop);
  const found = maskedPackets(view, hook, stop.packets, closing, come, counts);
  const masked = { ...found, packets: byExisting(check, stop.row, found.packets) };
  if (masked.packets === NONE) return { findings: [], rest: stop.packets };
  const takes = stop.definite ? 'takes' : 'can take';
  const packets = whereDocumented(check, stop.row, masked.packets);
  const told = onceEach([
    ...closingLines(view, closing, packets),
    ...wouldOpen(view, masked, closing),
    ...closingBehind(check, { ...stop, packets }),
  ]);
  const later = stop.definite ? closingLater(view, hook, packets, closing) : [];
  const findings = check.make.finish({
    code: 'conflicting',
    rule: 'masked',
    packets,
    evidence: withReplies(check, stop, packets, [
      ...told,
      ...later.filter((line) => !told.some((one) => isSamePlace(one, line))),
      ...given(check, stop),
    ]),
    openQuestions: openQuestions(check, stop),
    message: `An earlier rule ${takes} what a later one would let through: ${check.make.text(packets, stop.hook)}${inState(stop.state)}.${check.make.share(packets, stop.hook, stop.row)}`,
    ...draftOf(stop),
  });
  return { findings, rest: remaining(check, stop, masked.packets) };
}

function disputedAt(check: FamilyCheck, stop: Stop): Explained {
  const dispute =
    stop.packets === NONE || stop.carried !== undefined
      ? undefined
      : check.layers.dispute(stop.hook, stop.state, stop.packets, castOf(stop.row));
  const there = dispute === undefined ? NONE : byExisting(check, stop.row, dispute.packets);
  if (dispute === undefined || there === NONE) return { findings: [], rest: stop.packets };
  const { opening } = dispute;
  const packets = whereDocumented(check, stop.row, there);
  const closing = closingOf(check, stop);
  const findings = check.make.finish({
    code: 'conflicting',
    rule: 'layers-disagree',
    packets,
    evidence: withReplies(
      check,
      stop,
      packets,
      onceEach([
        ...openingLines(check.view, opening, packets),
        ...closingLines(check.view, closing, packets),
        ...closingBehind(check, { ...stop, packets }),
      ]),
    ),
    openQuestions: openQuestions(check, stop),
    message: `One layer of the host opens this, and another closes it: ${check.make.text(packets, stop.hook)}${inState(stop.state)}.`,
    ...draftOf(stop),
  });
  return { findings, rest: remaining(check, stop, there) };
}
