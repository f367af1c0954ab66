import type { Deployment, DeploymentHost } from '../../baseline/deployment.ts';
import { type Result, success } from '../../text/diagnostic.ts';
import { SourceFile } from '../../text/source.ts';
import type { InputFile } from '../input.ts';
import { namedBaselines, readBaselines } from '../plan.ts';
import { HostChecker, type PlacedHost } from './host-checker.ts';

/** What a worker needs of a site beside the hosts that it is given: plain values, which can go to another thread. */
export interface PackedSite {
  /** The deployment's path and text, for messages. */
  readonly path: string;
  readonly text: string;
  /** The deployment without its hosts, packed. */
  readonly deployment: unknown;
  /** Each baseline that hosts name once, packed. */
  readonly references: unknown;
  readonly baselines: readonly (string | InputFile)[];
  readonly files: readonly InputFile[];
  readonly all: boolean;
}

/** Hosts on their way to a worker: {@link PlacedHost}s, packed. */
export type PackedHosts = readonly unknown[];

/** Hosts as plain values. */
export function packHosts(placed: readonly PlacedHost[]): PackedHosts {
  return placed.map(pack);
}

/** A deployment's value as a plain one. */
export const pack = (value: unknown): unknown =>
  mapped(value, (one) => (one instanceof SourceFile ? NO_FILE : one));

/** Stands in a span for its file; no text comes to an object whose key has no value. */
const NO_FILE = undefined;

/** A site without its hosts, in a worker. */
export class SiteWorker {
  private constructor(
    private readonly source: SourceFile,
    private readonly checker: HostChecker,
  ) {}

  /** Reads the baselines again: they are few. */
  static open({ path, text, baselines, files, ...site }: PackedSite): Result<SiteWorker> {
    const source = new SourceFile(path, text);
    const everywhere = readBaselines(baselines, files);
    if (!everywhere.ok) return everywhere;
    const references = unpack(site.references, source) as DeploymentHost['baselines'];
    const named = namedBaselines([{ baselines: references }], { path }, files);
    if (!named.ok) return named;
    const deployment = unpack(site.deployment, source) as Deployment;
    const parts = { path, deployment, named: named.value, everywhere: everywhere.value, all: site.all };
    return success(new SiteWorker(source, new HostChecker(parts)));
  }

  /** See {@link HostChecker.check}. */
  check(
    hosts: PackedHosts,
    ...how: Tail<Parameters<HostChecker['check']>>
  ): ReturnType<HostChecker['check']> {
    return this.checker.check(
      hosts.map((host) => unpack(host, this.source) as PlacedHost),
      ...how,
    );
  }
}

type Tail<T extends readonly unknown[]> = T extends readonly [unknown, ...infer Rest] ? Rest : never;

function unpack(value: unknown, source: SourceFile): unknown {
  return mapped(value, (one, key) => (key === 'file' && one === NO_FILE ? source : one));
}

/** A copy of lists, maps and objects with some values replaced; what `replace` gives in an object's place is not looked into. */
function mapped(value: unknown, replace: (value: unknown, key?: string) => unknown, key?: string): unknown {
  const other = replace(value, key);
  if (other !== value || typeof value !== 'object' || value === null) return other;
  if (Array.isArray(value)) return value.map((one) => mapped(one, replace));
  if (value instanceof Map)
    return new Map(Array.from(value, ([name, one]) => [name, mapped(one, replace)] as const));
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, mapped(one, replace, name)]));
}
