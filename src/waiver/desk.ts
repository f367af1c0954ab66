import type { Box, ConnectionReport, Finding, HostReport, WaiverReport } from '../finding/report.ts';
import { WAIVER_EXPIRED } from '../finding/rules.ts';
import { daysBetween, WARNING_DAYS } from './days.ts';
import { type Standing, type Waiver, waiverReport } from './waiver.ts';
import { WaiverIndex } from './waiver-index.ts';

/** What the waivers need of whoever knows packets. */
export interface FindingTools {
  /** The finding's packets inside of boxes and outside, each as a finding of its own; one of them may be absent. */
  split(
    finding: Finding,
    boxes: readonly Box[],
  ): { readonly inside?: Finding | undefined; readonly outside?: Finding | undefined };
  /** The finding that a waiver has run out over these packets. */
  expired(waiver: Waiver, inside: Finding): Finding;
  /** Whether the site has not decided what the connection is about: no waiver settles that. */
  undecided(connection: ConnectionReport): boolean;
}

/** What became of one waiver, over all hosts. */
export interface WaiverOutcome {
  readonly waiver: Waiver;
  readonly report: WaiverReport;
  /** Fingerprints of prohibited openings that it names without `override: true`. */
  readonly refused: readonly string[];
  /** Hooks of the findings that it is about; more than one is doubtful where it names none. */
  readonly hooks: readonly string[];
  /** It comes into force later than the day of the report. */
  readonly early: boolean;
}

interface Tally {
  readonly findings: Set<string>;
  readonly refused: Set<string>;
  readonly hooks: Set<string>;
}

/** Holds waivers against the findings of one host after the other, and keeps count of what each covers. */
export class WaiverDesk {
  private readonly tallies = new Map<Waiver, Tally>();
  private readonly hosts = new Set<string>();
  /** Those that cover something on the day of the report. */
  private readonly covering: WaiverIndex;
  private readonly expired: WaiverIndex;

  constructor(
    private readonly waivers: readonly Waiver[],
    /** The day of the report, `YYYY-MM-DD` in UTC. */
    private readonly asOf: string,
  ) {
    for (const waiver of waivers)
      this.tallies.set(waiver, { findings: new Set(), refused: new Set(), hooks: new Set() });
    const standing = (...all: readonly Standing[]): WaiverIndex =>
      new WaiverIndex(waivers.filter((waiver) => all.includes(standingOf(waiver, asOf))));
    this.covering = standing('active', 'expiring');
    this.expired = standing('expired');
  }

  /**
   * The host's report with what is waived marked so. A finding is divided where a waiver covers some of its packets; what
   * an expired waiver covered is told beside the finding, which stands as if the waiver were not there.
   */
  apply(host: HostReport, tools: FindingTools): HostReport {
    this.hosts.add(host.name);
    const findings: Finding[] = [];
    const expired = new Map<string, Finding>();
    for (const finding of host.findings) {
      for (const over of this.expiredOver(host.name, finding, tools)) expired.set(over.fingerprint, over);
      findings.push(...this.divide(host.name, finding, tools));
    }
    findings.push(...expired.values());
    const connections = host.connections.map((connection) => waivedConnection(connection, findings, tools));
    return { ...host, findings, connections };
  }

  private divide(host: string, finding: Finding, tools: FindingTools): Finding[] {
    const found: Finding[] = [];
    let rest: Finding | undefined = finding;
    for (const waiver of this.covering.concerning(host, finding)) {
      if (rest === undefined) break;
      const { inside, outside } = this.part(waiver, finding, rest, tools);
      if (inside === undefined) continue;
      if (this.isRefused(waiver, finding)) continue;
      const tally = this.tallies.get(waiver);
      tally?.findings.add(inside.fingerprint);
      tally?.hooks.add(finding.hook);
      found.push({ ...inside, waived: waiver.id });
      rest = outside;
    }
    return rest === undefined ? found : [rest, ...found];
  }

  private expiredOver(host: string, finding: Finding, tools: FindingTools): Finding[] {
    return this.expired.concerning(host, finding).flatMap((waiver) => {
      const { inside } = this.part(waiver, finding, finding, tools);
      if (inside === undefined || this.isRefused(waiver, finding)) return [];
      const over = tools.expired(waiver, inside);
      this.tallies.get(waiver)?.findings.add(over.fingerprint);
      return [over];
    });
  }

  private isRefused(waiver: Waiver, finding: Finding): boolean {
    const refused = finding.rule === 'prohibited-open' && !waiver.override;
    if (refused) this.tallies.get(waiver)?.refused.add(finding.fingerprint);
    return refused;
  }

  private part(
    waiver: Waiver,
    finding: Finding,
    rest: Finding,
    tools: FindingTools,
  ): ReturnType<FindingTools['split']> {
    if (waiver.packets !== undefined) return tools.split(rest, waiver.packets);
    return waiver.fingerprint === finding.fingerprint ? { inside: rest } : { outside: rest };
  }

  /**
   * What became of each waiver, in the file's order.
   * @param some only some hosts of the site were checked: a waiver of another host is then not unused
   */
  outcomes(some: boolean): WaiverOutcome[] {
    return this.waivers.map((waiver) => {
      const tally = this.tallies.get(waiver) as Tally;
      const standing = standingOf(waiver, this.asOf);
      const elsewhere = some && waiver.host !== undefined && !this.hosts.has(waiver.host);
      const used = tally.findings.size > 0 || elsewhere;
      const status = standing === 'expired' ? 'expired' : used && standing !== 'early' ? standing : 'unused';
      const daysLeft = daysBetween(this.asOf, waiver.expires);
      const early = standing === 'early';
      const problem = tally.refused.size > 0 ? NEEDS_OVERRIDE : early ? notYet(waiver) : undefined;
      const told = problem === undefined ? {} : { problem };
      return {
        waiver,
        report: waiverReport(waiver, { daysLeft, status, ...told, findings: [...tally.findings].sort() }),
        refused: [...tally.refused],
        hooks: [...tally.hooks].sort(),
        early,
      };
    });
  }
}

const NEEDS_OVERRIDE =
  'it names what a document prohibits, and covers nothing of that without `override: true`';
const notYet = ({ created }: Waiver): string => `it holds from ${created} on, and not yet`;

function standingOf(waiver: Waiver, asOf: string): Standing {
  if (daysBetween(asOf, waiver.created) > 0) return 'early';
  const left = daysBetween(asOf, waiver.expires);
  return left < 0 ? 'expired' : left <= WARNING_DAYS ? 'expiring' : 'active';
}

/** Where packets of each direction are judged. */
const HOOKS: Readonly<Record<ConnectionReport['direction'], readonly Finding['hook'][]>> = {
  in: ['input', 'ingress', 'forward'],
  out: ['output', 'egress', 'forward'],
  forward: ['forward'],
  loopback: ['input', 'output', 'forward', 'ingress', 'egress'],
};

/** What a connection can be because of its findings. */
const OPEN_STATUSES: ReadonlySet<ConnectionReport['status']> = new Set([
  'missing',
  'partial',
  'undetermined',
  'prohibited-open',
]);

/** A connection all of whose findings are waived is waived. What the site leaves undecided stays so. */
export function waivedConnection(
  connection: ConnectionReport,
  findings: readonly Finding[],
  tools: Pick<FindingTools, 'undecided'>,
): ConnectionReport {
  const { status, level } = connection;
  if (level === 'optional' || !OPEN_STATUSES.has(status)) return connection;
  if (status === 'undetermined' && tools.undecided(connection)) return connection;
  const own = findings.filter(
    (finding) =>
      finding.code !== 'excessive' &&
      finding.rule !== WAIVER_EXPIRED &&
      finding.baseline === connection.baseline &&
      finding.connection === connection.id &&
      HOOKS[connection.direction].includes(finding.hook),
  );
  const waived = own.length > 0 && own.every((finding) => finding.waived !== undefined);
  return waived ? { ...connection, status: 'waived' } : connection;
}
