import { inState } from '../finding/describe.ts';
import type { ResolvedRow } from '../../baseline/model.ts';
import { MAY_PUBLISH, POLICY_CLOSES, TRANSLATES } from '../../finding/notes.ts';
import type { Evidence, Finding } from '../../finding/report.ts';
import { type Node, NONE } from '../../packet/diagram.ts';
import type { DiagramField } from '../../packet/layout.ts';
import type { ConnectionState } from '../../packet/packet.ts';
import { plainPackets } from '../../symbolic/bounds.ts';
import { SERVED_ELSEWHERE } from './astray.ts';
import { openQuestions, type Stop } from './closed-questions.ts';
import {
  closingLines,
  decidersOf,
  isSamePlace,
  mayOpenLines,
  onceEach,
  openingLines,
  type StageHits,
} from '../finding/evidence.ts';
import type { FamilyCheck } from '../view/family-check.ts';
import type { DraftBase } from '../finding/draft.ts';
import { maskedPackets, someWouldAccept, wouldOpen } from './masked.ts';
import { neededIn, neededStates } from '../rows/needed-states.ts';
import { type Flow, isTranslated } from '../../symbolic/chains/summary.ts';
import { castOf } from '../rows/targets.ts';
import { translatesDestinations } from '../excess/undenied.ts';
import type { HookView } from '../view/hook-view.ts';
import { closingLater } from './closed-behind.ts';
import { withReplies } from './replies-closed.ts';
import { givingLines } from '../loopback/given.ts';
import { whereDocumented } from './where-documented.ts';

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
function stops(check: FamilyCheck, row: ResolvedRow, packets: Node, definite: boolean): Stop[] {
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

const draftOf = ({ row, hook, state, definite, carried }: Stop): DraftBase => ({
  row,
  hook,
  state,
  ...(carried === undefined ? {} : { carried }),
  certainty: definite ? 'definite' : 'possible',
  severity: 'high',
  passes: false,
});

/** What decides the packets as they come: a line about marked packets, or a routing header, closes nothing that a row needs. */
function closingOf(check: FamilyCheck, stop: Stop): StageHits[] {
  const { view } = check;
  return decidersOf(view, hookOf(check, stop), view.diagram.and(stop.packets, asTheyCome(check, stop)));
}

const hookOf = (check: FamilyCheck, { row, hook, state, carried }: Stop): HookView =>
  carried?.hook ?? check.rowView(row, hook, state);

function asTheyCome({ view }: FamilyCheck, { carried, row }: Stop): Node {
  if (carried !== undefined) return carried.values;
  const plain = plainPackets(view.diagram);
  // What goes to an address comes as such; a line about what the link sends to groups is about something else.
  const typed = ['multicast', 'broadcast'].includes(castOf(row));
  return typed ? plain : view.diagram.and(plain, view.field('pkttype', [0, 0]));
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
  const masked = maskedPackets(view, hook, stop.packets, closing, come, counts);
  if (masked.packets === NONE) return { findings: [], rest: stop.packets };
  const takes = stop.definite ? 'takes' : 'can take';
  const packets = whereDocumented(check, stop.row, masked.packets);
  const findings = check.make.finish({
    code: 'conflicting',
    rule: 'masked',
    packets,
    evidence: withReplies(check, stop, packets, [
      ...closingLines(view, closing, packets),
      ...wouldOpen(view, masked, closing),
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
  if (dispute === undefined) return { findings: [], rest: stop.packets };
  const { opening } = dispute;
  const packets = whereDocumented(check, stop.row, dispute.packets);
  const closing = closingOf(check, stop);
  const findings = check.make.finish({
    code: 'conflicting',
    rule: 'layers-disagree',
    packets,
    evidence: onceEach([
      ...openingLines(check.view, opening, packets),
      ...closingLines(check.view, closing, packets),
      ...closingBehind(check, { ...stop, packets }),
    ]),
    openQuestions: openQuestions(check, stop),
    message: `One layer of the host opens this, and another closes it: ${check.make.text(packets, stop.hook)}${inState(stop.state)}.`,
    ...draftOf(stop),
  });
  return { findings, rest: remaining(check, stop, dispute.packets) };
}

function missingAt(check: FamilyCheck, stop: Stop, whole: boolean): Finding[] {
  const { hook, definite, row } = stop;
  const packets = whereDocumented(check, row, stop.packets);
  const verb = definite ? 'cannot pass' : 'might not pass';
  const closing = closingOf(check, stop);
  const translating = openingLines(check.view, closing, packets).filter(({ note }) =>
    note?.startsWith(TRANSLATES),
  );
  const later = definite ? closingLater(check.view, hookOf(check, stop), packets, closing) : [];
  const closes = onceEach([...closingLines(check.view, closing, packets), ...closingBehind(check, stop)]);
  const policies = closes.filter(({ note }) => note?.startsWith(POLICY_CLOSES));
  const questions = openQuestions(check, stop);
  // What may pass some rule lets through in some cases: that one is to be mended, and no policy, unless it only goes astray.
  const isUnsure = !definite && !questions.includes(SERVED_ELSEWHERE);
  const mayOpen = !isUnsure ? [] : mayOpenLines(check.view, hook, closing, packets);
  const denying = closes.filter((line) => !policies.includes(line));
  const rules = mayOpen.length === 0 ? denying : inOrder([...denying, ...mayOpen]);
  return check.make.finish({
    code: 'missing',
    rule: whole ? 'closed' : 'partly-closed',
    packets,
    evidence: withReplies(check, stop, packets, [
      ...rules,
      ...policies,
      ...later.filter((line) => !closes.some((one) => isSamePlace(one, line))),
      ...translating.filter((line) => !rules.some((one) => isSamePlace(one, line))),
      ...given(check, stop),
      ...publishing(check, stop),
    ]),
    openQuestions: questions,
    message: `Needed${whole ? '' : ' too'}, and ${verb}: ${check.make.text(packets, hook)}${inState(stop.state)}.${check.make.share(packets, hook, row)}`,
    ...draftOf(stop),
  });
}

/** The lines that publish what may be served of the packets. */
function publishing({ sets, make }: FamilyCheck, { row, hook, state, packets, definite }: Stop): Evidence[] {
  const calling = definite ? NONE : sets.callingFor(row, packets);
  if (calling === NONE) return [];
  return make
    .openingEvidence(hook, state, calling)
    .filter(({ note }) => note?.startsWith(TRANSLATES))
    .map((line) => ({ ...line, note: MAY_PUBLISH }));
}

/** Other layers that close too: who opens one alone finds the row closed by the next. */
function closingBehind(
  check: FamilyCheck,
  { hook, state, packets, row, definite, carried }: Stop,
): Evidence[] {
  return definite && carried === undefined ? check.layers.closing(hook, state, packets, castOf(row)) : [];
}

/** The lines that gave packets of the loopback interface what they come in with. */
export function given({ view }: FamilyCheck, { carried, state }: Stop): Evidence[] {
  if (carried === undefined) return [];
  return givingLines(view, carried, state === 'untracked' ? 'new' : state);
}

/** Lines of one file in their order, each once: a rule that hands packets to a program may open what it may close. */
function inOrder(lines: readonly Evidence[]): Evidence[] {
  return onceEach(lines).sort((a, b) => (a.file === b.file ? a.line - b.line || a.column - b.column : 0));
}
