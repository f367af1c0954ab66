import { isU32, kind, numberOf, u8, type ValueKind } from './values.ts';

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
      return words.length === 4 && words.every((word) => isU32(word));
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
    TEST.test(test) && (test.match(new RegExp(NUMBER, 'g')) ?? []).every((word) => isU32(word));
  return tests.length <= 10 && tests.every(isOne);
});

/** `type` or `type:length` with commas (libip6t_hbh.c and libip6t_dst.c, parse_options): at most sixteen. */
export const headerOptions: ValueKind = kind('up to 16 options as `type` or `type:length`', (text) => {
  const given = text.split(',');
  const isOne = (one: string): boolean => {
    const [type = '', ...lengths] = one.split(':');
    return lengths.length <= 1 && [type, ...lengths].every((number) => numberOf(number) !== undefined);
  };
  return given.length <= 16 && given.every(isOne);
});

const isU8 = (text: string): boolean => u8.accepts(text, 4);

const MOBILITY = [
  'binding-refresh-request',
  'brr',
  'home-test-init',
  'hoti',
  'careof-test-init',
  'coti',
  'home-test',
  'hot',
  'careof-test',
  'cot',
  'binding-update',
  'bu',
  'binding-acknowledgement',
  'ba',
  'binding-error',
  'be',
];

/** A type of mobility headers by number, name or a name's beginning, or two of them with a colon (libip6t_mh.c). */
export const mobilityTypes: ValueKind = kind('a type such as `brr` or `1:4`', (text) =>
  text.split(':').every((end) => isU8(end) || MOBILITY.some((name) => name.startsWith(end.toLowerCase()))),
);

/** What flags chunks of SCTP have (libxt_sctp.c, sctp_chunk_names and chunk_flags). */
const CHUNKS: Readonly<Record<string, string>> = {
  DATA: 'IUBE',
  INIT: '',
  INIT_ACK: '',
  SACK: '',
  HEARTBEAT: '',
  HEARTBEAT_ACK: '',
  ABORT: 'T',
  SHUTDOWN: '',
  SHUTDOWN_ACK: '',
  ERROR: '',
  COOKIE_ECHO: '',
  COOKIE_ACK: '',
  ECN_ECNE: '',
  ECN_CWR: '',
  SHUTDOWN_COMPLETE: 'T',
  I_DATA: 'IUBE',
  RE_CONFIG: '',
  PAD: '',
  ASCONF: '',
  ASCONF_ACK: '',
  FORWARD_TSN: '',
  I_FORWARD_TSN: '',
};

/** `DATA:Be,INIT`, `ALL` or `NONE`; a capital letter is a flag that is set, another one that is not. */
export const chunkTypes: ValueKind = kind('types of chunks such as `DATA:Be,INIT`', (text) => {
  if (['ALL', 'NONE'].includes(text.toUpperCase())) return true;
  return text.split(',').every((one) => {
    const [name = '', flags = ''] = one.toUpperCase().split(':');
    if (one === '') return true;
    return Object.hasOwn(CHUNKS, name) && [...flags].every((flag) => CHUNKS[name]?.includes(flag));
  });
});
