import type {
  EndReading,
  FileExcerpt,
  FindingEnds,
  GoneFinding,
  InlineUse,
  KnownReport,
  PartyReading,
  PreviousReport,
  Report,
  RowReading,
  RuleUse,
  TrafficReading,
  WaiverReport,
} from '../finding/report.ts';
import { boxShape } from './json-shapes.ts';

/** Waivers and what changed, with keys in the schema's order; what the report has not is left out. */
export function auditShape(report: Report): Record<string, unknown> {
  return {
    asOf: report.asOf,
    waiverFile: report.waiverFile && { path: report.waiverFile.path, sha256: report.waiverFile.sha256 },
    waivers: report.waivers?.map(waiverShape),
    inline: report.inline?.map(inlineShape),
    known: report.known && knownShape(report.known),
    previous: report.previous && previousShape(report.previous),
  };
}

function waiverShape(w: WaiverReport): unknown {
  return {
    id: w.id,
    rule: w.rule,
    connection: w.connection,
    host: w.host,
    owner: w.owner,
    approver: w.approver,
    reason: w.reason,
    ticket: w.ticket,
    created: w.created,
    expires: w.expires,
    compensating: w.compensating,
    daysLeft: w.daysLeft,
    status: w.status,
    problem: w.problem,
    covers: w.covers?.map(boxShape),
    findings: w.findings,
  };
}

function inlineShape(u: InlineUse): unknown {
  return {
    host: u.host,
    file: u.file,
    line: u.line,
    kind: u.kind,
    rule: u.rule,
    connection: u.connection,
    reason: u.reason,
    status: u.status,
    problem: u.problem,
    findings: u.findings,
  };
}

function knownShape({ path, sha256, matched, stale }: KnownReport): unknown {
  const entries = stale.map((k) => ({
    fingerprint: k.fingerprint,
    host: k.host,
    rule: k.rule,
    severity: k.severity,
    baseline: k.baseline,
    connection: k.connection,
    message: k.message,
  }));
  return { path, sha256, matched, stale: entries };
}

function previousShape(p: PreviousReport): unknown {
  return { path: p.path, sha256: p.sha256, new: p.new, gone: p.gone.map(goneShape), unchanged: p.unchanged };
}

function goneShape(g: GoneFinding): unknown {
  return {
    host: g.host,
    code: g.code,
    rule: g.rule,
    severity: g.severity,
    baseline: g.baseline,
    connection: g.connection,
    message: g.message,
    fingerprint: g.fingerprint,
  };
}

/** Quoted lines of one file. */
export function excerptShape(e: FileExcerpt): unknown {
  return { file: e.file, lines: e.lines.map(({ line, text }) => ({ line, text })) };
}

/** How a row is read. */
export function readingShape(r: RowReading): unknown {
  return {
    source: partyShape(r.source),
    destination: partyShape(r.destination),
    all: r.all.map(trafficShape),
    choices: r.choices.map((choice) => choice.map(trafficShape)),
    families: r.families,
    states: r.states,
    delivery: r.delivery,
    reply: r.reply,
    because: r.because,
  };
}

function partyShape(p: PartyReading): unknown {
  return {
    role: p.role,
    binding: p.binding,
    addresses: p.addresses,
    interfaces: p.interfaces,
    sets: p.sets,
    groups: p.groups,
    dns: p.dns,
  };
}

function trafficShape(t: TrafficReading): unknown {
  return {
    protocol: t.protocol,
    destinationPorts: t.destinationPorts,
    sourcePorts: t.sourcePorts,
    icmp: t.icmp,
  };
}

/** The roles at both ends of a finding. */
export function endsShape({ from, to }: FindingEnds): unknown {
  const end = ({ roles, others }: EndReading): unknown => ({ roles, others });
  return { from: end(from), to: end(to) };
}

/** A rule and what became of it. */
export function ruleUseShape(u: RuleUse): unknown {
  return {
    file: u.file,
    line: u.line,
    column: u.column,
    text: u.text,
    table: u.table,
    chain: u.chain,
    status: u.status,
    openings: u.openings,
    opens: u.opens?.map(({ hook, certainty, box }) => ({ hook, certainty, box: boxShape(box) })),
  };
}
