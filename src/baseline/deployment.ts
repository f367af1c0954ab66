import type { Ranges } from '../packet/ranges.ts';
import type { CloudSelector } from '../rule/cloud-selector.ts';
import type { InterfacePattern } from '../rule/condition.ts';
import type { NamedGroup } from '../rule/ruleset.ts';
import type { SourceFile, Span } from '../text/source.ts';
import type { AddressSets } from './addresses.ts';
import type { Located } from './located.ts';

/** A deployment file as read: its shape, ports, addresses and paths are right; names are checked when it is resolved. */
export interface Deployment extends Settings {
  readonly title?: string;
  readonly hosts: readonly DeploymentHost[];
  /** The roles that hosts have. */
  readonly hostRoles: ReadonlyMap<string, HostRole>;
  readonly source: SourceFile;
  /** Hex SHA-256 of the file's text (UTF-8). */
  readonly sha256: string;
}

/** A role that hosts of a deployment have. */
export interface HostRole {
  /** How many hosts have it. */
  readonly count: number;
  /** Where the first of them says so. */
  readonly first: Located;
}

/** What a deployment says for all its hosts, and what one host may say otherwise. */
export interface Settings {
  readonly roles: ReadonlyMap<string, Binding>;
  readonly features: ReadonlyMap<string, Setting<boolean | 'undecided'>>;
  readonly parameters: ReadonlyMap<string, Setting<Ranges>>;
  readonly clusters: ReadonlyMap<string, Setting<boolean>>;
  /** Whether packets come in by the interface that leads back to their source. */
  readonly routes?: 'symmetric' | 'unknown';
}

/** A value that somebody set, and where. */
export interface Setting<T> {
  readonly value: T;
  readonly place: Located;
}

/**
 * What a site sets a baseline's feature or parameter to. Two baselines of a host may mean different things by one name; the
 * site then writes the baseline's id before it (`host-essentials.ssh`), and that counts before the name alone.
 */
export function settingOf<T>(
  settings: ReadonlyMap<string, Setting<T>>,
  baseline: { readonly id: string },
  name: string,
): Setting<T> | undefined {
  return settings.get(`${baseline.id}.${name}`) ?? settings.get(name);
}

/** What stands behind a role. */
export interface Binding {
  /** `internet`: any address that no other role of the file has. `unbound`: says so on purpose. */
  readonly kind: 'bound' | 'internet' | 'unbound';
  /** Undefined where no address is written (interfaces, sets or groups bind the role). */
  readonly addresses: AddressSets | undefined;
  /** Every address is written as one address, not as a network or range. */
  readonly individual: boolean;
  readonly interfaces: readonly InterfacePattern[];
  /** Names of ipsets, and of nft sets as `family table name`. */
  readonly sets: readonly string[];
  /** Security groups, tags and service accounts. */
  readonly groups: readonly NamedGroup[];
  /** For display; their addresses are among `addresses`. */
  readonly dns: readonly string[];
  readonly place: Located;
}

/** One machine, group or firewall. */
export interface DeploymentHost extends Settings {
  readonly name: string;
  /** A role of the host's baselines, or `none` for a firewall between zones. */
  readonly role: Setting<string>;
  /** Roles behind the firewall. */
  readonly protects: readonly Setting<string>[];
  /** The host's own addresses, where its role stands for several machines. */
  readonly addresses: AddressSets | undefined;
  /** Of these, those that are written one by one. */
  readonly singles: AddressSets;
  /** The point of a cloud that guards the host, where one is named. */
  readonly selector?: CloudSelector;
  /** Paths relative to the deployment's folder, `/` between their parts, never outside it. */
  readonly configs: readonly FileReference[];
  /** Baselines by id or by path. */
  readonly baselines: readonly BaselineReference[];
  readonly captured: Readonly<Record<string, string>>;
  readonly origin: Span;
}

/** A file that the deployment names. */
export interface FileReference {
  /** As written, but for `./` and `a/..`. */
  readonly path: string;
  readonly span: Span;
}

/** A baseline that the deployment names: a shipped one by its id, or a file. */
export interface BaselineReference {
  readonly kind: 'id' | 'path';
  /** The id, or the path relative to the deployment's folder; no path looks like an id. */
  readonly name: string;
  readonly span: Span;
}
