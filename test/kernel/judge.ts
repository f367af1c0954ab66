import { setTimeout as sleep } from 'node:timers/promises';
import type { Packet } from '../../src/packet/packet.ts';
import { Agent, HarnessError, type Operation, type RunResult, type SendResult } from './agent.ts';
import {
  batchScript,
  LIST_COMMAND,
  type RecorderOptions,
  type Recording,
  readRecord,
  recorderScript,
  SENDER_MARK,
  type Survivor,
} from './recorder.ts';
import { loadOperations, ownTables, type RuleFiles, unloadOperations } from './load.ts';
import { buildTopology, type HostKind, LINKS, type RoutePlan, setRoutePlan } from './topology.ts';
import { apart, type Crafted, craft, MAXIMUM_IDENTITY, packBytes } from './wire/craft.ts';

/** What the kernel did with one packet. */
export type KernelAnswer =
  /** It came through its last hook, and looked like this there. */
  | ({ readonly verdict: 'accept' } & Survivor)
  | { readonly verdict: 'drop' }
  /** No such packet can be made, or the kernel refused to take it: the reason. */
  | { readonly verdict: 'unsent'; readonly reason: string };

const ARRIVAL_ATTEMPTS = 200;
/** Where rules stand before the recorder's first look, so many looks at the same count mean that the rest was dropped. */
const STILL = 8;
const ARRIVAL_PAUSE_MS = 10;

/** A throw-away host whose kernel judges packets. Close it when done; it also goes when this process ends. */
export class Judge {
  private loaded: RuleFiles = { backend: 'legacy' };
  private arrived = 0;
  private dirty = false;
  private ownAddresses: string | undefined;
  private plan: RoutePlan | undefined;

  private constructor(
    readonly agent: Agent,
    readonly kind: HostKind,
  ) {}

  /** Makes the namespaces, the interfaces and the recorder. */
  static async open(kind: HostKind, options: RecorderOptions = { conntrack: true }): Promise<Judge> {
    const agent = await Agent.start();
    try {
      await buildTopology(agent, kind);
      await agent.request([{ op: 'run', argv: ['nft', '-f', '-'], input: recorderScript(options) }]);
    } catch (error) {
      await agent.close();
      throw error;
    }
    return new Judge(agent, kind);
  }

  async close(): Promise<void> {
    await this.agent.close();
  }

  /** Sends what comes in by each interface where the plan says. */
  async route(plan: RoutePlan): Promise<void> {
    if (this.plan === plan) return;
    this.plan = undefined;
    await setRoutePlan(this.agent, plan);
    this.plan = plan;
  }

  /**
   * Replaces everything that was loaded before.
   * @returns what the tool said where it did not take the files, else undefined
   */
  async load(files: RuleFiles): Promise<string | undefined> {
    const before = this.loaded;
    this.loaded = files;
    await this.agent.request(unloadOperations(before));
    for (const operation of loadOperations(files)) {
      const { status, stderr } = await this.agent.run(operation.argv, operation.input);
      if (status !== 0) return `${operation.argv.join(' ')}: ${stderr.trim()}`;
    }
    return files.nft === undefined ? undefined : this.listable();
  }

  /** There are rule sets that nft loads and crashes of when it reads them back (1.0.6: defaults of interval maps). */
  private async listable(): Promise<string | undefined> {
    const { status } = await this.agent.run(['nft', 'list', 'ruleset']);
    return status === 0 ? undefined : `nft list ruleset: ended with ${status}`;
  }

  /** What the real tools print of what is loaded. */
  async dump(): Promise<Pick<RuleFiles, 'v4' | 'v6' | 'ipset' | 'nft'>> {
    const { backend, v4, v6, ipset, nft } = this.loaded;
    const print = async (argv: readonly string[]) => (await this.agent.run(argv)).stdout;
    return {
      ...(v4 !== undefined && { v4: await print([`iptables-${backend}-save`]) }),
      ...(v6 !== undefined && { v6: await print([`ip6tables-${backend}-save`]) }),
      ...(ipset !== undefined && { ipset: await print(['ipset', 'save']) }),
      ...(nft !== undefined && { nft: await this.listTables() }),
    };
  }

  /** Every table but the recorder's, as nft lists it. */
  private async listTables(): Promise<string> {
    const texts = ownTables(this.loaded).map(async (table) => {
      const { stdout } = await this.agent.run(['nft', 'list', 'table', ...table.split(' ')]);
      return stdout;
    });
    return (await Promise.all(texts)).join('');
  }

  /** What nft says of its own listing of the loaded rules, where it does not take it back. */
  async refusesListing(listing: string): Promise<string | undefined> {
    const without = ownTables(this.loaded).map((table) => `delete table ${table}\n`);
    const { status, stderr } = await this.agent.run(['nft', '-c', '-f', '-'], without.join('') + listing);
    return status === 0 ? undefined : stderr.trim();
  }

  /** The host's own addresses, `ip -j addr`. */
  async addresses(): Promise<string> {
    this.ownAddresses ??= (await this.agent.run(['ip', '-j', 'addr'])).stdout;
    return this.ownAddresses;
  }

  /** Sends packets through the loaded rules; the answers are in the packets' order. */
  async judge(packets: readonly Packet[]): Promise<KernelAnswer[]> {
    const answers: KernelAnswer[] = [];
    for (let from = 0; from < packets.length; from += MAXIMUM_IDENTITY - 1)
      answers.push(...(await this.judgeBatch(packets.slice(from, from + MAXIMUM_IDENTITY - 1))));
    return answers;
  }

  private async judgeBatch(packets: readonly Packet[]): Promise<KernelAnswer[]> {
    const crafted = packets.map((packet, index) => craft(packet, index + 1));
    const seen = new Map<string, Survivor>();
    const failures = new Map<number, string>();
    for (const round of apart(crafted.filter((one) => one !== undefined))) {
      const failed = await this.send(round);
      for (const [identity, reason] of failed) failures.set(identity, reason);
      for (const [key, survivor] of (await this.record(round.length - failed.size)).survivors)
        seen.set(key, survivor);
    }
    return crafted.map((one): KernelAnswer => {
      if (one === undefined) return { verdict: 'unsent', reason: 'no packet can be like this' };
      const failure = failures.get(one.identity);
      if (failure !== undefined) return { verdict: 'unsent', reason: failure };
      const survivor = seen.get(`${one.packet.family}:${one.identity}`);
      return survivor === undefined ? { verdict: 'drop' } : { verdict: 'accept', ...survivor };
    });
  }

  /** Sends a batch; gives the identities that the kernel refused to take, with the error. */
  private async send(batch: readonly Crafted[]): Promise<Map<number, string>> {
    const entries = batch.flatMap((one) => (one.entry === undefined ? [] : [one.entry.line]));
    const prepare: Operation[] = [
      { op: 'run', argv: ['nft', '-f', '-'], input: batchScript(batch.map(expectation)) },
    ];
    // Entered connections, and those of packets that came by the loopback interface, must not meet other packets.
    if (this.dirty) prepare.push({ op: 'run', argv: ['conntrack', '-F'] });
    if (entries.length > 0)
      prepare.push({ op: 'run', argv: ['conntrack', '-R', '-'], input: `${entries.join('\n')}\n` });
    this.dirty = entries.length > 0 || batch.some((one) => one.packet.out === 'lo');
    const groups = groupBySender(batch);
    const results = await this.agent.request([...prepare, ...groups.map((group) => group.operation)]);
    const failures = new Map<number, string>();
    groups.forEach((group, index) => {
      const { failed } = results[prepare.length + index] as SendResult;
      for (const [at, error] of failed) failures.set((group.members[at] as Crafted).identity, error);
    });
    return failures;
  }

  /** Reads the recorder as soon as every packet has arrived. */
  private async record(expected: number): Promise<Recording> {
    const early = /hook ingress/.test(this.loaded.nft ?? '');
    let still = 0;
    let before = -1;
    for (let attempt = 0; attempt < ARRIVAL_ATTEMPTS; attempt++) {
      const [listed] = await this.agent.request([{ op: 'run', argv: LIST_COMMAND }]);
      const recording = readRecord((listed as RunResult).stdout);
      still = recording.arrived === before ? still + 1 : 0;
      before = recording.arrived;
      if (recording.arrived - this.arrived >= expected || (early && still >= STILL)) {
        if (recording.arrived - this.arrived > expected)
          throw new HarnessError(
            `${recording.arrived - this.arrived} packets arrived, ${expected} were sent`,
          );
        this.arrived = recording.arrived;
        return recording;
      }
      await sleep(ARRIVAL_PAUSE_MS);
    }
    throw new HarnessError(`not all of ${expected} packets arrived`);
  }
}

function expectation(one: Crafted) {
  const { identity, notrack, packet } = one;
  return { family: packet.family, identity, mark: packet.mark, untracked: notrack };
}

interface SenderGroup {
  readonly operation: Operation;
  readonly members: readonly Crafted[];
}

/** Packets by the device or raw socket that sends them. */
function groupBySender(batch: readonly Crafted[]): SenderGroup[] {
  const groups: SenderGroup[] = [];
  const data = (members: readonly Crafted[]) => packBytes(members.map((one) => one.bytes));
  for (const { name } of LINKS) {
    const members = batch.filter((one) => one.packet.hook !== 'output' && one.packet.in === name);
    if (members.length > 0)
      groups.push({ operation: { op: 'frames', device: `x-${name}`, data: data(members) }, members });
  }
  for (const family of [4, 6] as const) {
    const members = batch.filter((one) => one.packet.hook === 'output' && one.packet.family === family);
    if (members.length > 0)
      groups.push({ operation: { op: 'raw', family, mark: SENDER_MARK, data: data(members) }, members });
  }
  return groups;
}
