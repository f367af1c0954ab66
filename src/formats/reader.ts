import type { NamedSet } from '../rule/named-set.ts';
import type { Chain, CoverageEntry, HostFacts } from '../rule/ruleset.ts';
import type { Result } from '../text/diagnostic.ts';
import type { SourceFile, Span } from '../text/source.ts';
import type { PageOrigin } from './exports/page-origin.ts';

/** The names of `--input-format`. */
export type InputFormat =
  | 'iptables-save'
  | 'ip6tables-save'
  | 'ipset-save'
  | 'nft'
  | 'nft-json'
  | 'aws'
  | 'azure'
  | 'gcp'
  | 'openstack'
  | 'ip-addr';

/** What one config file says, before the files of a host are put together (rule/assemble.ts). */
export interface ConfigPart {
  readonly format: InputFormat;
  readonly source: SourceFile;
  readonly chains: readonly Chain[];
  readonly sets: readonly NamedSet[];
  readonly host?: HostFacts;
  /** The families this file speaks for. */
  readonly families: readonly (4 | 6)[];
  readonly coverage: readonly CoverageEntry[];
  /** Its base chains were registered in the order in which it has them, as a script's are; a listing has them by table. */
  readonly registersInOrder?: true;
  /** Which of the kernel's two iptables an iptables dump is of, where its header says so; a host can have both. */
  readonly backend?: 'legacy' | 'nf_tables';
  /** Sets that rules change as packets pass (`-j SET --add-set`): what was saved of them cannot be trusted. */
  readonly changedSets?: readonly ChangedSet[];
  /** A cloud export: what it says becomes chains only when the enforcement point is chosen, see cloud.ts. */
  readonly cloud?: CloudContent;
}

/** What a cloud's reader found in one file; only that reader looks inside. */
export interface CloudContent {
  readonly provider: 'aws' | 'azure' | 'gcp' | 'openstack';
  readonly content: unknown;
  readonly pages?: ExportPages;
}

/** The lists of which a file has pages. */
export type ExportPages = ReadonlyMap<string, PagesOfList>;

/** The pages that another follows, and those that end an answer: the first of each origin, by its text. */
export interface PagesOfList {
  readonly followed: ReadonlyMap<string, Page>;
  readonly last: ReadonlyMap<string, Page>;
  /** A page that says that one is before it, and whether one is the first. */
  readonly previous: Span | undefined;
  readonly first: boolean;
  /** Pages that have fewer rows than they say that there are. */
  readonly short: readonly ShortPage[];
  /** One that says that a part of the provider could not be asked. */
  readonly unreached: Span | undefined;
}

/** A page, and whose answer it is part of. */
export interface Page {
  readonly place: Span;
  readonly origin: PageOrigin;
}

/** A page of those that somebody may have asked for one by one (`az graph query --skip`). */
export interface ShortPage {
  readonly place: Span;
  /** Its rows' texts. */
  readonly rows: readonly string[];
  /** Of which kinds they are: pages of one answer have some in common. */
  readonly kinds: ReadonlySet<string>;
  /** How many rows there are; undefined where the page says only that there are more. */
  readonly total: number | undefined;
}

/** A set that a rule changes, and the rule. */
export interface ChangedSet {
  readonly name: string;
  readonly span: Span;
}

/**
 * The files that a config includes: one, or those of a pattern in their order. Nothing outside the folder that the
 * caller allows is opened. The diagnostics have no span: the reader knows where the file was named.
 * @param pattern the path as the config has it
 * @param from the file that names it
 */
export type IncludeFiles = (pattern: string, from: SourceFile) => Result<readonly SourceFile[]>;

/** One format: how to recognise it and how to read it. Every format's index.ts exports one of these. */
export interface FormatReader {
  readonly formats: readonly InputFormat[];
  /** The format of a file that looks like one of them (contents first, the name only as a tie-breaker). */
  detect(source: SourceFile): InputFormat | undefined;
  /**
   * @param format the one that was detected or that the user named
   * @param layer a name for the chains' layer, unique among the host's files
   * @param include opens the files that the config includes; where it is absent, a config that includes one is wrong
   */
  read(source: SourceFile, format: InputFormat, layer: string, include?: IncludeFiles): Result<ConfigPart>;
}
