import type { Chain, CloudFacts, CoverageEntry } from '../rule/ruleset.ts';
import type { Result } from '../text/diagnostic.ts';
import type { CloudSelector } from '../rule/cloud-selector.ts';
import type { Span } from '../text/source.ts';
import type { CloudContent, ConfigPart, FormatReader } from './reader.ts';

/**
 * Cloud exports. A file by itself filters nothing: several of them describe one account, and rules only take effect
 * at an enforcement point (an interface with its groups, a network security group, a tag). So a cloud's reader reads
 * each file into a part with `cloud` content and without chains, puts the parts together into an account, and makes
 * chains of it for the point that somebody chooses.
 */
export interface CloudReader extends FormatReader {
  readonly provider: CloudContent['provider'];
  /** All cloud files of one host or site together. Files that contradict each other are an error. */
  account(parts: readonly ConfigPart[]): Result<CloudAccount>;
}

/** What the exports of one provider say together. */
export interface CloudAccount {
  readonly provider: CloudContent['provider'];
  /**
   * Where nobody chooses: one point for each distinct set of groups that an interface carries; one for each group (or
   * network security group, or tag) where the exports have no interfaces. In the order of the exports; never empty.
   */
  readonly points: readonly CloudPoint[];
  /**
   * An instance that carries nothing that a rule names, where the provider has such: what a packet without `groups` is about.
   * Undefined where the instance's own address does not tell which of them is meant, or that it is none of them.
   */
  bare?(own: OwnAddress): CloudPoint | undefined;
  /** The point that a deployment's host, or a packet's `groups`, names. An error says what there is instead. */
  find(selector: CloudSelector): Result<CloudPoint>;
  /**
   * The chains that a packet into or out of the point passes, and what is known about groups there.
   *
   * @param gives whether the deployment gives the host an address of a family, whatever the exports show
   */
  enforce(point: CloudPoint, gives?: (family: 4 | 6) => boolean): CloudLayers;
  /** What concerns the whole account: unknown fields, unions that could not be seen, … */
  readonly coverage: readonly CoverageEntry[];
}

/** The address at the instance's end of a packet. */
export interface OwnAddress {
  readonly family: 4 | 6;
  readonly address: bigint;
}

/** One enforcement point. */
export interface CloudPoint {
  /** Names the host of a report: the groups' ids joined by `+`, the security group's or tag's name. Unique. */
  readonly name: string;
  /** The instance's groups as packets name them, sorted. */
  readonly groups: readonly string[];
  /** Where it is described, for messages. */
  readonly origin: Span;
  /** The account's own note of what the point is; only the account looks inside. */
  readonly content: unknown;
}

/**
 * The chains of a point. Base chains stand at the hooks `cloud-ingress` and `cloud-egress`; each stateful group or
 * stateless list is a layer of its own (`Chain.layer`), passed one after the other by `priority`. A packet's peer is
 * `src` at ingress and `dst` at egress. What is stateful accepts packets of state established and related first, by a
 * rule with `implied`.
 */
export interface CloudLayers {
  readonly chains: readonly Chain[];
  readonly families: readonly (4 | 6)[];
  /** The family that no interface of the point has an address of, where the exports say so for sure. */
  readonly lacks?: 4 | 6 | undefined;
  readonly facts: CloudFacts;
  readonly coverage: readonly CoverageEntry[];
}
