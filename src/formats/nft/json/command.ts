import type { Atom } from '../../../../grammars/nft/atoms.ts';
import type { Place } from '../ast/ast.ts';
import type { Json, Writer } from './writer.ts';
import type { Problems } from '../problems.ts';

/** Where a command stands, and the statements of its rule. */
export interface CommandPlace extends Place {
  readonly statements: readonly Place[];
}

/** A command of the list. */
export interface JsonCommand extends CommandPlace {
  readonly value: unknown;
}

/** Tells a command that has not the shape that libnftables-json(5) describes. */
export function wrong(command: JsonCommand, problems: Problems, expected: string): undefined {
  problems.error('nft-json-shape', command, 'this is no command of nft', {
    expected,
    help: 'libnftables-json(5) describes the commands; `nft -j list ruleset` prints a whole ruleset',
  });
  return undefined;
}

/** The number that a listing has, as `nft -a` prints it behind an opening brace. */
export function handleOf({ handle }: Json, writer: Writer): readonly Atom[] {
  return typeof handle === 'number' ? writer.fresh().handle(handle).atoms : [];
}
