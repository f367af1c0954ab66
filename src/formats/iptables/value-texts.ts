import { kind, numberOf, u32, type ValueKind } from './values.ts';

/** `|61 62|` blocks in a text (libxt_string.c, parse_hex_string); `\\` takes the next character as it is. */
export const hexString: ValueKind = kind('text with blocks such as `|0d0a|`, 1 to 128 characters', (text) => {
  const blocks = text.split('|');
  if (blocks.length % 2 === 0 || text === '') return false;
  const isBlock = (_: string, i: number): boolean => i % 2 === 1;
  return blocks.filter(isBlock).every((block) => /^(?: *[0-9a-fA-F] *[0-9a-fA-F])* *$/.test(block));
});

/** `length,code jt jf k,…` (libxt_bpf.c, bpf_parse_string); at most 64 instructions. */
export const bpfProgram: ValueKind = kind(
  '`2,48 0 0 9,6 0 0 1`: how many instructions, and each with four numbers',
  (text) => {
    const [count = '', ...given] = text.split(',');
    const length = numberOf(count);
    if (length === undefined || length < 1n || length > 64n) return false;
    const instructions = given[given.length - 1]?.trim() === '' ? given.slice(0, -1) : given;
    const isOne = (instruction: string): boolean => {
      const words = instruction.trim().split(/ +/);
      return words.length === 4 && words.every((word) => u32.accepts(word));
    };
    return BigInt(instructions.length) === length && instructions.every(isOne);
  },
);

const NUMBER = '(?:0[xX][0-9a-fA-F]+|[0-9]+)';
const LOCATION = `${NUMBER}(?:(?:&|<<|>>|@)${NUMBER})*`;
const RANGE = `${NUMBER}(?::${NUMBER})?`;
const TEST = new RegExp(`^${LOCATION}=${RANGE}(?:,${RANGE})*$`);

/** `location = range && …` (iptables-extensions(8), u32): at most ten tests of numbers of 32 bits. */
export const u32Tests: ValueKind = kind('tests such as `6 & 0xFF = 1`', (text) => {
  const tests = text.replace(/[ \t]+/g, '').split('&&');
  const isOne = (test: string): boolean =>
    TEST.test(test) && (test.match(new RegExp(NUMBER, 'g')) ?? []).every((word) => u32.accepts(word));
  return tests.length <= 10 && tests.every(isOne);
});
