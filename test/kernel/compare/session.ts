import type { Packet } from '../../../src/packet/packet.ts';
import type { Ruleset } from '../../../src/rule/ruleset.ts';
import type { HostSpec } from '../generate/spec.ts';
import { render } from '../generate/spec.ts';
import { Judge, type KernelAnswer } from '../judge.ts';
import type { HostKind, RoutePlan } from '../topology.ts';
import { type Comparison, compareWithInterpreter } from './compare.ts';
import { type HostTexts, readHost } from './read.ts';
import { compareWithSymbolic, SymbolicJudge } from './symbolic.ts';

/** Something that the run must tell: not agreement, and not a rule set that this kernel cannot load. */
export interface Complaint {
  /**
   * `differ` and `undecided`: see {@link Comparison}. `refused`: the kernel loaded what postern cannot read.
   * `lost`: the kernel drops the packet without any rules, so the generator must not make it.
   */
  readonly kind: 'differ' | 'undecided' | 'refused' | 'lost';
  readonly why: string;
  readonly packet?: Packet;
  readonly kernel?: KernelAnswer;
}

/** What came of one rule set. */
export interface CaseResult {
  /** Why this kernel did not load the rule set (a set type it lacks, an invalid combination). */
  readonly notLoaded?: string;
  /** What nft said of its own listing, which it refused as postern did: postern was given the text that was loaded. */
  readonly notReadBack?: string;
  readonly judged: number;
  readonly accepted: number;
  /** Packets whose answer was open for a reason that is to be expected. */
  readonly open: number;
  readonly complaints: readonly Complaint[];
}

/** The judges of one run: a sink and a router. */
export class Session {
  /** The rule set of the last run, as postern read it. */
  lastRuleset: Ruleset | undefined;

  private constructor(private readonly judges: Readonly<Record<HostKind, Judge>>) {}

  static async open(): Promise<Session> {
    const sink = await Judge.open('sink');
    try {
      return new Session({ sink, router: await Judge.open('router') });
    } catch (error) {
      await sink.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.judges.sink.close(), this.judges.router.close()]);
  }

  /**
   * Loads the rule set, sends the packets, and compares.
   * @param dumped postern reads what iptables-save prints of the loaded rules, not the text that was loaded
   */
  async run(host: HostSpec, packets: readonly Packet[], dumped: boolean): Promise<CaseResult> {
    const judge = this.judges[host.kind];
    const files = render(host);
    await judge.route(host.plan);
    const refusal = await judge.load(files);
    if (refusal !== undefined) return { notLoaded: refusal, judged: 0, accepted: 0, open: 0, complaints: [] };
    const texts = dumped ? await judge.dump() : files;
    const facts = await this.facts(judge);
    let ruleset = readHost({ ...texts, ...facts });
    let notReadBack: string | undefined;
    if (typeof ruleset === 'string' && dumped && texts.nft !== undefined) {
      notReadBack = await judge.refusesListing(texts.nft);
      if (notReadBack !== undefined) ruleset = readHost({ ...files, ...facts });
    }
    if (typeof ruleset === 'string')
      return { judged: 0, accepted: 0, open: 0, complaints: [{ kind: 'refused', why: ruleset }] };
    this.lastRuleset = ruleset;
    const answers = await judge.judge(packets);
    const result = await this.withoutLosses(judge, compareAll(ruleset, packets, answers, host.plan));
    return notReadBack === undefined ? result : { ...result, notReadBack };
  }

  /** What postern is told of a host of the kind: a router is known by its addresses; in a sink every address is the host's, which no list can say. */
  async factsOf(kind: HostKind): Promise<Pick<HostTexts, 'addresses'>> {
    return this.facts(this.judges[kind]);
  }

  private async facts(judge: Judge): Promise<Pick<HostTexts, 'addresses'>> {
    return judge.kind === 'router' ? { addresses: await judge.addresses() } : {};
  }

  /** Complaints about packets that no rules at all would let through are about the generator. */
  private async withoutLosses(judge: Judge, result: CaseResult): Promise<CaseResult> {
    const doubtful = result.complaints.filter(
      ({ kernel }) => kernel !== undefined && kernel.verdict !== 'accept',
    );
    if (doubtful.length === 0) return result;
    await judge.load({ backend: 'legacy' });
    const control = await judge.judge(doubtful.map((one) => one.packet as Packet));
    const lost = new Set(doubtful.filter((_, index) => control[index]?.verdict !== 'accept'));
    const complaints = result.complaints.map(
      (one): Complaint => (lost.has(one) ? { ...one, kind: 'lost', why: 'dropped without any rules' } : one),
    );
    return { ...result, complaints };
  }
}

function compareAll(
  ruleset: Ruleset,
  packets: readonly Packet[],
  answers: readonly KernelAnswer[],
  plan: RoutePlan,
): CaseResult {
  const symbolic = new SymbolicJudge(ruleset);
  const complaints: Complaint[] = [];
  let accepted = 0;
  let open = 0;
  let judged = 0;
  packets.forEach((packet, index) => {
    const kernel = answers[index] as KernelAnswer;
    if (kernel.verdict === 'unsent') {
      complaints.push({ kind: 'lost', why: kernel.reason, packet, kernel });
      return;
    }
    judged++;
    if (kernel.verdict === 'accept') accepted++;
    const comparison = compareWithInterpreter(ruleset, packet, kernel);
    if (comparison.kind === 'agree' && !comparison.certain) open++;
    for (const one of [comparison, compareWithSymbolic(symbolic, packet, kernel, comparison, plan)])
      if (one.kind !== 'agree') complaints.push({ ...complaint(one), packet, kernel });
  });
  return { judged, accepted, open, complaints };
}

function complaint(comparison: Exclude<Comparison, { kind: 'agree' }>): Pick<Complaint, 'kind' | 'why'> {
  return { kind: comparison.kind, why: comparison.why };
}
