import type { ResolvedRow } from '../../baseline/model.ts';
import type { Evidence, Finding } from '../../finding/report.ts';
import { type Node, NONE } from '../../packet/diagram.ts';
import { decidersOf, untrackingLines } from '../finding/evidence.ts';
import { acrossTheBorder } from '../excess/group-doubt.ts';
import type { FamilyCheck, Place } from '../view/family-check.ts';
import { type HalfOpen, halfOpen } from './half-open.ts';
import { analysisOf, stoppingLines } from './stopping.ts';
import type { Stopped } from './way.ts';
import type { Need } from '../rows/need.ts';
import type { RowJudgement } from '../required/judgement.ts';
import { ROUTED, routed } from '../addresses/links.ts';
import { loopbackArrivals } from '../loopback/loopback.ts';
import { CHOSEN, TRANSLATED } from '../rows/translated-parts.ts';
import type { Passage } from '../../symbolic/analysis.ts';
import { translatedBounds, visible } from '../../symbolic/bounds.ts';
import type { Stage } from '../../symbolic/stages.ts';
import type { FamilyView } from '../view/view.ts';
import { witnessOf } from '../finding/witness.ts';

/**
 * The row's connections that begin and then stop. Where one address or one interface is enough, a connection that works for one of
 * them satisfies the row.
 */
export function halfOpenFindings(check: FamilyCheck, row: ResolvedRow, judgement: RowJudgement): Finding[] {
  const { view } = check;
  const { diagram } = view;
  const needs = check.sets.needs(row);
  // A reply comes from a machine, not from a group: to conntrack it is another connection.
  const toMachines = needs.filter(({ toGroups }) => !toGroups);
  const open = diagram.orAll(
    judgement.needs.filter((_, i) => needs[i]?.toGroups === false).map((need) => need.open),
  );
  const started = startedOf(check, row, toMachines, open);
  const halves = halfOpen(view, row, started);
  if (halves.definite === NONE && halves.possible === NONE) return [];
  let [definite, possible]: [Node, Node] = [NONE, NONE];
  const both = diagram.or(halves.definite, halves.possible);
  for (const need of toMachines) {
    const anyPeer = need.project.includes(row.direction === 'out' ? 'dst' : 'src');
    const inNeed = (packets: Node): Node =>
      acrossTheBorder(view, row, diagram.and(packets, need.within), anyPeer);
    const within = inNeed(open);
    // A connection by an interface that the host does not have is none.
    const begins = diagram.and(inNeed(started), need.existing);
    const works = (packets: Node): Node => view.project(diagram.and(packets, need.within), need.project);
    const begun = diagram.and(need.set, works(diagram.and(within, need.existing)));
    const surely = diagram.difference(begun, works(diagram.difference(begins, halves.definite)));
    const maybe = diagram.difference(begun, works(diagram.difference(begins, both)));
    definite = diagram.or(definite, view.all(surely, within, halves.definite));
    possible = diagram.or(possible, view.all(diagram.difference(maybe, surely), within, both));
  }
  return [
    ...finding(check, row, definite, halves, true),
    ...finding(check, row, diagram.difference(possible, definite), halves, false),
  ];
}

/**
 * Packets that begin connections. Of a row with other states beside `new` what passes in all of them is open: a connection that works
 * may be new where the row is closed to what is invalid.
 */
function startedOf(check: FamilyCheck, row: ResolvedRow, needs: readonly Need[], open: Node): Node {
  const isOneOfSeveral = row.states.includes('new') && row.states.some((state) => state !== 'new');
  if (open === NONE || row.direction === 'loopback' || !isOneOfSeveral) return open;
  const { diagram } = check.view;
  const { must } = check.stateBounds(row, 'new');
  return diagram.orAll([open, ...needs.map((need) => check.view.all(must, need.within, need.set))]);
}

function finding(
  check: FamilyCheck,
  row: ResolvedRow,
  packets: Node,
  halves: HalfOpen,
  definite: boolean,
): Finding[] {
  if (packets === NONE) return [];
  const stopped = halves.stopped.filter((one) => one.definite === definite);
  const what = [...new Set(stopped.map((one) => one.what))].join(' and the ') || 'reply';
  const isDirect = stopped.length > 0 && stopped.every(({ direct }) => direct === true);
  const isPerhapsDirect = isDirect && stopped.every(({ neighbour }) => neighbour === true);
  const verb = definite ? (what.includes(' and ') ? 'do' : 'does') : 'may';
  const places: readonly Place[] =
    row.direction === 'loopback'
      ? loopbackArrivals(check.view, packets).map((one): Place => ({ ...one, hook: 'input' }))
      : row.direction === 'in'
        ? passingPlaces(check, row, packets)
        : check.places(row, 'new', packets, true);
  return places.flatMap(({ hook, packets: here, state = 'new', carried }) => {
    const bySome = leavesBySome(check, row, hook, here);
    return check.make.finish({
      code: 'conflicting',
      rule: 'half-open',
      certainty: definite ? 'definite' : 'possible',
      severity: 'high',
      row,
      hook,
      state,
      packets: here,
      // The witness is the first packet, which passes; the evidence says where the connection stops.
      passes: true,
      witnessCertainty: 'definite',
      unconfirmed: bySome,
      ...(carried === undefined ? {} : { carried }),
      evidence: [
        ...check.make.openingEvidence(hook, state, here, carried).slice(0, 4),
        ...(row.direction === 'loopback' ? untrackedLeaving(check.view, here) : []),
        ...once(stopped.flatMap((one) => stoppingLines(check, one))),
      ],
      openQuestions: definite
        ? []
        : [...(bySome ? [LEAVES_BY] : []), ...stopped.flatMap((one) => doubts(check, one))],
      message: `The first packet passes, and the ${what} ${verb} not: ${check.make.text(here, hook)}.${check.make.share(here, hook, row)}${isPerhapsDirect ? PERHAPS_DIRECT : isDirect ? DIRECT : ''}`,
    });
  });
}

/** See half-open/direct.ts. */
const DIRECT =
  ' A rule sends it back to the link that it came from, where the reply goes from one machine to the other directly, with an address that the client does not know; masqueraded, it would come back through the host.';

const PERHAPS_DIRECT =
  ' Where both are on one link, the reply goes from one machine to the other directly, with an address that the client does not know; masqueraded, it would come back through the host.';

/** The lines that keep packets of the loopback interface out of connection tracking, where they leave. */
function untrackedLeaving(view: FamilyView, packets: Node): Evidence[] {
  const leaving = view.all(view.project(packets, ['in', 'out', 'state']), view.loopback('out'));
  const at = (stage: Stage): boolean => !stage.tracked;
  const deciders = decidersOf(view, view.hook('output', 'new'), leaving, { at, linesOnly: true });
  return untrackingLines(view, deciders, visible(view.diagram, leaving));
}

/** Each line once: connections that rules translate differently may stop at the same one. */
function once(lines: readonly Evidence[]): Evidence[] {
  const key = ({ file, line, column, note }: Evidence): string => `${line} ${column} ${note} ${file}`;
  return [...new Map(lines.map((one) => [key(one), one])).values()];
}

/**
 * Where first packets of an inbound row pass: at the input hook, or translated and forwarded. Without the host's addresses a
 * translated packet may be meant for either, and only where it passes can it show that a connection begins.
 */
function passingPlaces(check: FamilyCheck, row: ResolvedRow, packets: Node): Place[] {
  const { diagram } = check.view;
  const input = check.rowView(row, 'input', 'new').bounds.must;
  const through = check.rowView(row, 'forward', 'new').translated.bounds.must;
  const forwarded = diagram.and(
    diagram.difference(packets, input),
    diagram.and(check.view.offLoopback('out'), through),
  );
  // What chance lets in or sends on, and that passes both ways, surely passes at neither hook (Judge.eitherWay).
  const either = diagram.not(check.view.sentOn(through));
  const places: Place[] = [
    { hook: 'input', packets: diagram.and(packets, diagram.or(input, either)) },
    { hook: 'forward', packets: forwarded },
  ];
  return places.filter((place) => place.packets !== NONE);
}

/**
 * Whether chance sends some of what comes to input on as well, where it passes by some interfaces and not by all: by which it leaves a
 * packet at input does not say, so that the plain engine has both verdicts on it.
 */
export function leavesBySome(
  check: FamilyCheck,
  row: ResolvedRow,
  hook: Place['hook'],
  packets: Node,
): boolean {
  if (hook !== 'input' || row.direction !== 'in') return false;
  const { view } = check;
  const { diagram } = view;
  const byChance = diagram.difference(packets, check.rowView(row, 'input', 'new').bounds.must);
  if (byChance === NONE) return false;
  const through = translatedBounds(diagram, check.rowView(row, 'forward', 'new').passage).must;
  const stopping = diagram.difference(view.offLoopback('out'), through);
  return diagram.and(byChance, view.project(stopping, ['out'])) !== NONE;
}

/** What the verdict on a later packet of the connection depends on. */
function doubts(check: FamilyCheck, stopped: Stopped): readonly string[] {
  if (stopped.oneWay) return [OTHER_WAY];
  if (stopped.bridged) return [BRIDGED];
  if (stopped.neighbour) return [NEIGHBOUR];
  const { view } = check;
  const passage = passageOf(check, stopped);
  const accepted = view.diagram.orAll(passage.accept.map((flow) => flow.set));
  const entering = view.diagram.and(stopped.packets, passage.deny);
  const either = view.diagram.and(entering, visible(view.diagram, accepted));
  const witness = witnessOf(view, either, stopped);
  const chosen = [
    ...(stopped.choice ? [CHOSEN] : []),
    ...(stopped.redirected ? [TRANSLATED] : []),
    ...(stopped.zoned ? [ZONE] : []),
    ...(stopped.routed ? [stopped.changed === 'no' ? ROUTED : routed(view)] : []),
    ...(stopped.byAny ? [BY_ANY] : []),
  ];
  if (witness === undefined) return chosen;
  // A packet of the set may have the usual mark, which is none; where it is known it is no question.
  const anyMark = view.project(stopped.packets, ['ctmark']) === stopped.packets;
  const depends = anyMark && view.project(either, ['ctmark']) !== either;
  const marked = depends ? ["the connection's mark"] : [];
  return [...check.make.replay.depends(witness.packet), ...witness.matters, ...marked, ...chosen];
}

/** What decides what becomes of a first packet where {@link leavesBySome}. */
export const LEAVES_BY =
  'by which interface leaves what a rule sends on by chance, which the host’s routes tell';
const ZONE = 'conntrack zones: whether this packet is looked up in that of its connection';
const BY_ANY =
  'by which interface the machine answers to which a rule sends it: the host’s routes tell that, or `ip -j addr` where it is on a link of the host’s';
const NEIGHBOUR =
  'whether the machine to which a rule sends them is on their own link and answers them past the host: `ip -j addr` tells the host’s links';
const BRIDGED =
  'whether `net.bridge.bridge-nf-call-iptables` (or `-ip6tables`) is on: then what goes from port to port of a bridge is translated back';
const OTHER_WAY =
  'what rules make of the first packet: translated, kept out of connection tracking, or neither';

function passageOf(check: FamilyCheck, stopped: Stopped): Passage {
  const analysis = analysisOf(check, stopped);
  return analysis.pass(check.view.diagram.and(analysis.entry(), stopped.packets));
}
