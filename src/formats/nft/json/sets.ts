import type { Atom } from '../../../../grammars/nft/atoms.ts';
import { handleOf, type JsonCommand, wrong } from './command.ts';
import { writeElements, writeExpression } from './expressions.ts';
import { quotesElements } from './kinds-of-values.ts';
import { timeText } from './fields.ts';
import { writeStatement } from './statements.ts';
import { isObject, type Json, listOf, type Writer } from './writer.ts';
import type { Problems } from '../problems.ts';

/** A set or a map with its elements, as the block of nft(8). */
export function setAtoms(
  object: Json,
  kind: string,
  writer: Writer,
  command: JsonCommand,
  problems: Problems,
): readonly Atom[] | undefined {
  const body: (readonly Atom[])[] = [handleOf(object, writer)];
  const line = (write: (writer: Writer) => void): void => {
    const one = writer.fresh();
    write(one);
    body.push(one.atoms);
  };
  const type = writer.fresh();
  if (!writeType(object, kind, type)) return wrong(command, problems, 'the type of the elements in `type`');
  body.push(type.atoms);
  const flags = listOf(object.flags).filter((flag) => typeof flag === 'string');
  if (flags.length > 0)
    line((one) => {
      one.words('flags');
      for (const [at, flag] of flags.entries()) (at > 0 ? one.sign(',') : one).words(flag);
    });
  for (const key of ['timeout', 'gc-interval'])
    if (typeof object[key] === 'number') line((one) => one.words(key).name(timeText(object[key] as number)));
  if (typeof object.size === 'number') line((one) => one.words('size').number(object.size as number));
  if (object['auto-merge'] === true) line((one) => one.words('auto-merge'));
  for (const statement of listOf(object.stmt)) line((one) => writeStatement(statement, one));
  let whole = true;
  const elements = listOf(object.elem);
  if (elements.length > 0)
    line((one) => {
      one
        .words('elements')
        .sign('=')
        .group((inner) => {
          whole = writeElements(elements, inner, quotesElements(object.type));
        });
    });
  return whole ? writer.block(body).atoms : wrong(command, problems, 'elements of a set in `elem`');
}

/** `type ipv4_addr . inet_service : verdict`, or `typeof` and expressions. */
function writeType(object: Json, kind: string, writer: Writer): boolean {
  const { type, map } = object;
  if (isObject(type) && type.typeof !== undefined) {
    writer.words('typeof');
    if (!writeExpression(type.typeof, writer)) return false;
  } else {
    writer.words('type');
    for (const [at, one] of listOf(type).entries()) {
      if (typeof one !== 'string') return false;
      (at > 0 ? writer.sign('.') : writer).words(one);
    }
    if (listOf(type).length === 0) return false;
  }
  if (kind !== 'map') return true;
  writer.sign(':');
  const data = isObject(map) && map.typeof !== undefined ? map.typeof : map;
  for (const [at, one] of listOf(data).entries()) {
    if (at > 0) writer.sign('.');
    // nft 1.0 puts the types of a concatenation in one text.
    if (typeof one === 'string')
      for (const [part, name] of one.split(' . ').entries())
        (part > 0 ? writer.sign('.') : writer).words(name);
    else if (!writeExpression(one, writer)) return false;
  }
  return listOf(data).length > 0;
}
