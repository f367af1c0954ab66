import { ZONES } from '../../finding/notes.ts';
import type { Evidence } from '../../finding/report.ts';
import type { Node } from '../../packet/diagram.ts';
import type { Analysis } from '../../symbolic/analysis.ts';
import { visible } from '../../symbolic/bounds.ts';
import { hitsOf } from '../../symbolic/deciding/walk.ts';
import { closingLines, type StageHits, translatingLines, untrackingLines } from '../finding/evidence.ts';
import { evidenceOf } from '../finding/finding.ts';
import { packetNode, witnessOf } from '../finding/witness.ts';
import type { FamilyCheck } from '../view/family-check.ts';
import { zonesOf } from '../view/zone-views.ts';
import { lastChains } from './restored.ts';
import { behindTranslation } from './sources.ts';
import { goesOn, type Stopped, type Unseen } from './way.ts';

/** How a packet that stops is looked at. */
export function analysisOf({ view: whole }: FamilyCheck, stopped: Unseen & Partial<Stopped>): Analysis {
  const { hook, state, tcpFlags, changed } = stopped;
  const given = stopped.last === true ? lastChains(whole) : whole;
  const view = stopped.behindTranslation === true ? behindTranslation(whole) : given;
  return view.analysis(hook, state, tcpFlags, goesOn(stopped), changed);
}

/** The lines that give zones, where these keep conntrack from knowing the packet's connection. */
function zoneLines(check: FamilyCheck, { zoned }: Stopped): Evidence[] {
  if (zoned === undefined) return [];
  return zonesOf(check.view)
    .rules.slice(0, MOST_ZONE_LINES)
    .map(({ origin }) => evidenceOf(origin, ZONES));
}

/** More lines that give zones are not quoted. */
const MOST_ZONE_LINES = 4;

/** The lines that keep from conntrack what it would have to see, so that it does not know this packet for what it is. */
function unseenLines(check: FamilyCheck, { unseen }: Stopped): Evidence[] {
  if (unseen === undefined) return [];
  const { view } = check;
  const analysis = analysisOf(check, unseen);
  const shown = onePacket(check, analysis, unseen);
  if (shown === undefined) return [];
  return untrackingLines(view, stagesOf(analysis, shown), visible(view.diagram, shown)).map((line) => ({
    ...line,
    note: `${line.note} the ${unseen.what}`,
  }));
}

/** One of the packets, as it is looked at. */
function onePacket({ view }: FamilyCheck, analysis: Analysis, of: Unseen): Node | undefined {
  const entering = view.diagram.and(analysis.entry(), of.packets);
  const shown = witnessOf(view, entering, of);
  return shown && view.diagram.and(entering, packetNode(view, shown.packet));
}

const stagesOf = (
  analysis: Analysis,
  packets: Node,
  options?: { readonly linesOnly: boolean },
): StageHits[] =>
  analysis
    .pass(packets)
    .stages.map(({ stage, entered }) => ({ stage, hits: hitsOf(analysis, stage, entered, options) }));

/** The lines that close what stops, all of it. */
export function closingEach(check: FamilyCheck, stopped: Stopped): Evidence[] {
  const { diagram } = check.view;
  const analysis = analysisOf(check, stopped);
  const entering = diagram.and(analysis.entry(), stopped.packets);
  const stages = stagesOf(analysis, entering, { linesOnly: true });
  return closingLines(check.view, stages, visible(diagram, entering));
}

/** The lines that stop one of the packets: they prove it as well as the lines of all would, and are found at once. */
export function stoppingLines(check: FamilyCheck, stopped: Stopped): Evidence[] {
  const { view } = check;
  const analysis = analysisOf(check, stopped);
  const packet = onePacket(check, analysis, stopped);
  if (packet === undefined) return zoneLines(check, stopped);
  const stages = stagesOf(analysis, packet);
  const box = visible(view.diagram, packet);
  // What belongs to no connection that conntrack knows goes through the nat chains, which may send it elsewhere.
  const stopping = [
    ...closingLines(view, stages, box),
    ...(stopped.state === 'new' ? translatingLines(view, stages, box) : []),
  ];
  const isTold = stopped.state !== 'new' || stopping.length > 0;
  const closing = (isTold ? stopping : translatingLines(view, stages, box, 'snat')).map((line) => ({
    ...line,
    note: `${line.note} the ${stopped.what}`,
  }));
  return [...unseenLines(check, stopped), ...closing, ...zoneLines(check, stopped)];
}
