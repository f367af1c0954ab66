import { writeExpression } from './expressions.ts';
import { quotesValues } from './kinds-of-values.ts';
import { done, textOf } from './fields.ts';
import type { WriteStatement } from './nat.ts';
import { isObject, listOf } from './writer.ts';

/** nft takes no comparison for granted (src/parser_json.c of nftables, json_parse_match_stmt). */
export const lacksOperator = (statement: unknown): boolean =>
  isObject(statement) && isObject(statement.match) && statement.match.op === undefined;

const COMPARISONS = ['==', '!=', '<', '>', '<=', '>='];

/** The text has `==` only where a comparison without a sign would mean something else, and behind a mask. */
function needsSign(left: unknown): boolean {
  if (!isObject(left)) return false;
  if (['&', '|', '^', '<<', '>>'].some((op) => Object.hasOwn(left, op))) return true;
  const key = textOf(left.ct, 'key');
  if (key === 'state' || key === 'status' || key === 'event' || key === 'label') return true;
  return textOf(left.payload, 'protocol') === 'tcp' && textOf(left.payload, 'field') === 'flags';
}

/** `tcp flags & (fin | syn) == syn`, which the text has as `tcp flags syn / fin,syn`. */
function flagMask(left: unknown, op: unknown, right: unknown): { field: unknown; mask: unknown } | undefined {
  if (!isObject(left) || (op !== '==' && op !== '!=')) return undefined;
  const pair = left['&'];
  if (!Array.isArray(pair) || pair.length !== 2 || !Array.isArray(pair[1])) return undefined;
  return typeof right === 'string' || typeof right === 'number' || Array.isArray(right)
    ? { field: pair[0], mask: pair[1] }
    : undefined;
}

/** Writes `tcp dport != 22` and the like. */
export const match: WriteStatement = (content, writer) => {
  if (!isObject(content)) return false;
  const { left, op, right } = content;
  const flags = flagMask(left, op, right);
  if (flags !== undefined) {
    if (!writeExpression(flags.field, writer)) return false;
    if (op === '!=') writer.sign('!=');
    return writeExpression(right, writer) && done(writer.sign('/')) && writeExpression(flags.mask, writer);
  }
  if (!writeExpression(left, writer)) return false;
  // nft takes the braces of a set of one value away, and the sign stays.
  const isSet = isObject(right) && Object.hasOwn(right, 'set') && listOf(right.set).length !== 1;
  const sign = typeof op === 'string' && COMPARISONS.includes(op);
  if (op === '!') return done(writer.sign('!')) && writeExpression(right, writer);
  if (!sign && op !== 'in') return false;
  if (sign && (op !== '==' || (needsSign(left) && !isSet))) writer.sign(op);
  return writeExpression(right, writer, quotesValues(left));
};
