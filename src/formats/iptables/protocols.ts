import { parseProtocol } from '../../packet/protocol.ts';
import type { Word } from './ast.ts';
import { parseNumber } from './numbers.ts';
import type { Problems } from './problems.ts';

/** A protocol by name or number; `all` and `any` number are as libxtables takes them. 0 stands for every protocol. */
export function readProtocol(text: string): number | undefined {
  return text.toLowerCase() === 'all' ? 0 : (parseNumber(text, 255) ?? parseProtocol(text));
}

/** Reports that the argument of `-p` is no protocol. */
export function noProtocol(word: Word, problems: Problems): void {
  problems.error('bad-protocol', word, `\`${word.text}\` is not a protocol`, {
    expected: 'a name of /etc/protocols, a number from 0 to 255, or `all`',
    ...(/[,/]|^(?:both|any)$/i.test(word.text) ? { help: 'several protocols take a rule each' } : {}),
  });
}
