/**
 * The syntax tree of `ipset save` and `ipset restore` files (`ipset(8)`, COMMANDS): commands in the order in which
 * they are carried out. Offsets are UTF-16 offsets into the source text.
 */

/** One word of a line, its quotation marks taken off. */
export interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

interface Command {
  /** The whole line without its line break. */
  readonly start: number;
  readonly end: number;
}

/** `add NAME ENTRY` as `ipset save` prints it for an element without options. */
export interface SavedElementCommand extends Command {
  readonly kind: 'saved-element';
  readonly set: string;
  readonly entry: string;
}

export interface CreateCommand extends Command {
  readonly kind: 'create';
  /** `-exist` or `-!` stands on the line. */
  readonly exist: boolean;
  readonly set: Word;
  readonly type: Word;
  readonly options: readonly Word[];
}

export interface ElementCommand extends Command {
  readonly kind: 'add' | 'del';
  readonly exist: boolean;
  readonly set: Word;
  readonly entry: Word;
  readonly options: readonly Word[];
}

/** `flush` or `destroy`; without a name, of every set. */
export interface WholeSetCommand extends Command {
  readonly kind: 'flush' | 'destroy';
  readonly set: Word | undefined;
}

export interface TwoSetsCommand extends Command {
  readonly kind: 'swap' | 'rename';
  readonly from: Word;
  readonly to: Word;
}

/** `COMMIT`, which `ipset restore` reads as "send what has been collected". */
export interface CommitCommand extends Command {
  readonly kind: 'commit';
}

export type Statement =
  | SavedElementCommand
  | CreateCommand
  | ElementCommand
  | WholeSetCommand
  | TwoSetsCommand
  | CommitCommand;
