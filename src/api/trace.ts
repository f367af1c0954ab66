import type { CloudAccount, CloudPoint } from '../formats/cloud.ts';
import type { Packet } from '../packet/packet.ts';
import type { Ruleset } from '../rule/ruleset.ts';
import { safeJson } from '../report/visible.ts';
import { type Result, success } from '../text/diagnostic.ts';
import { type TraceAnswer, traceLine } from '../trace/trace.ts';
import { choosePoint } from './host/cloud.ts';
import { assembleHost, type HostFiles, readHostFiles } from './host/host.ts';
import type { InputFile } from './input.ts';

/** What `tracer` is asked. */
export interface TraceRequest {
  /** The configs of one host. */
  readonly configs: readonly InputFile[];
}

/** The answer to one line of NDJSON (a packet, schemas/packet.schema.json); undefined where the line is blank. */
export type Tracer = (line: string) => TraceAnswer | undefined;

/** Reads the configs once and answers for any number of packets. */
export async function tracer(request: TraceRequest): Promise<Result<Tracer>> {
  const read = await readHostFiles(request.configs);
  if (!read.ok) return read;
  const { account } = read.value;
  const host = account === undefined ? assembleHost(read.value) : undefined;
  if (host !== undefined && !host.ok) return host;
  const rulesets = new Map<string, Result<Ruleset>>();
  const choose = (packet: Packet): Result<Ruleset> => {
    if (host !== undefined) return success(host.value.ruleset);
    const bare = bareFor(account as CloudAccount, packet);
    const key = bare === undefined ? packet.groups.join('\n') : `\n${bare.name}`;
    const known = rulesets.get(key) ?? rulesetAt(read.value, packet.groups, bare);
    rulesets.set(key, known);
    return known;
  };
  const answer: Tracer = (line) => {
    const found = traceLine(choose, line);
    return found === undefined ? undefined : { ...found, json: safeJson(found.json) };
  };
  return success(answer, [...read.warnings, ...(host?.warnings ?? [])]);
}

/** The instance that carries nothing and that a packet without groups is of, where there can be one. */
function bareFor(account: CloudAccount, packet: Packet): CloudPoint | undefined {
  if (packet.groups.length > 0) return undefined;
  const outward = packet.hook === 'egress' || packet.hook === 'output';
  return account.bare?.({ family: packet.family, address: outward ? packet.src : packet.dst });
}

/** What guards an instance with these groups; without groups and one that carries none, the account's only point. */
function rulesetAt(
  files: HostFiles,
  groups: readonly string[],
  bare: CloudPoint | undefined,
): Result<Ruleset> {
  const account = files.account as CloudAccount;
  const point =
    bare === undefined ? choosePoint(account, groups.length === 0 ? undefined : { groups }) : success(bare);
  if (!point.ok) return point;
  const host = assembleHost(files, point.value);
  return host.ok ? success(host.value.ruleset) : host;
}
