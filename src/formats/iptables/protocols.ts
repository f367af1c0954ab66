import { parseProtocol } from '../../packet/protocol.ts';
import { parseNumber } from './numbers.ts';

/** A protocol by name or number; `all` and `any` number are as libxtables takes them. 0 stands for every protocol. */
export function readProtocol(text: string): number | undefined {
  return text.toLowerCase() === 'all' ? 0 : (parseNumber(text, 255) ?? parseProtocol(text));
}
