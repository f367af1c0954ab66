/**
 * What a dump says, before it is given a meaning. Offsets are UTF-16 offsets in the whole file.
 */

/** A stretch of the file, `[start, end)`. */
export interface Place {
  readonly start: number;
  readonly end: number;
}

/** One word of a line, with its quotes and escapes taken away. */
export interface Word extends Place {
  readonly text: string;
}

/** One line that matters. */
export type Statement =
  | { readonly kind: 'table'; readonly name: Word }
  /** `:name policy [packets:bytes]` */
  | { readonly kind: 'chain'; readonly words: readonly Word[] }
  | { readonly kind: 'commit'; readonly place: Place }
  | { readonly kind: 'comment'; readonly text: string; readonly place: Place }
  | { readonly kind: 'command'; readonly words: readonly Word[] };

/** One option of a rule with its arguments, under its full name: `! --dport 22` is `destination-port`, negated. */
export interface OptionUse extends Place {
  readonly name: string;
  readonly negated: boolean;
  readonly values: readonly Word[];
}

/** `-m name` (or the match that `-p` brings in) with its options. */
export interface MatchUse extends Place {
  readonly name: string;
  /** `-p tcp --dport 22` without `-m tcp`. */
  readonly implicit: boolean;
  readonly options: readonly OptionUse[];
  /** Words after a module that postern does not know. */
  readonly rest: readonly Word[];
}

/** `-j name` or `-g name` with its options. */
export interface TargetUse extends Place {
  readonly name: Word;
  readonly goto: boolean;
  readonly options: readonly OptionUse[];
  /** Words after a target that postern does not know. */
  readonly rest: readonly Word[];
}

/** What a rule asks and does. */
export interface RuleSpec extends Place {
  /** `-s -d -i -o -p -f`, each at most once, under its full name. */
  readonly base: readonly OptionUse[];
  readonly matches: readonly MatchUse[];
  readonly target: TargetUse | undefined;
  /** `-4` or `-6`: the other family's tool skips the line. */
  readonly onlyFamily: 4 | 6 | undefined;
}

/** One command of a table's section, in the words of iptables(8). */
export type Command =
  | { readonly kind: 'append'; readonly chain: Word; readonly rule: RuleSpec }
  | { readonly kind: 'insert'; readonly chain: Word; readonly position: number; readonly rule: RuleSpec }
  | { readonly kind: 'replace'; readonly chain: Word; readonly position: number; readonly rule: RuleSpec }
  | { readonly kind: 'delete'; readonly chain: Word; readonly rule: RuleSpec }
  | { readonly kind: 'delete-number'; readonly chain: Word; readonly position: number }
  | { readonly kind: 'check'; readonly chain: Word; readonly rule: RuleSpec }
  | {
      readonly kind: 'flush' | 'zero' | 'delete-chain';
      readonly chain: Word | undefined;
      readonly place: Place;
    }
  | { readonly kind: 'new-chain'; readonly chain: Word }
  | { readonly kind: 'rename-chain'; readonly chain: Word; readonly name: Word }
  | { readonly kind: 'policy'; readonly chain: Word; readonly policy: Word }
  /** `-L`, `-S`, `-h`, `-V`: nothing that the rule set is changed by. */
  | { readonly kind: 'nothing'; readonly chain: Word | undefined };
