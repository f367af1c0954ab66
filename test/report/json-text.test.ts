import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonList, JsonObject, jsonPieces, jsonText, sharedTexts } from '../../src/report/json-text.ts';

const plain = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
const ascii = (size: number): fc.Arbitrary<string> => fc.string({ maxLength: size });

describe('JSON text', () => {
  it('is what JSON.stringify gives, for any value', () => {
    const values = fc.jsonValue({ maxDepth: 5 });
    fc.assert(
      fc.property(values, (value) => {
        expect(JSON.parse(jsonText(value))).toEqual(JSON.parse(plain(value)));
      }),
    );
    const tame = fc.dictionary(
      ascii(5),
      fc.oneof(ascii(5), fc.integer(), fc.array(ascii(3)), fc.constant(null)),
    );
    fc.assert(
      fc.property(tame, (value) => {
        expect(jsonText(value)).toBe(plain(value));
      }),
    );
  });

  it('is the same with lists and objects that are written piece by piece', () => {
    const items = fc.array(fc.record({ name: ascii(6), ports: fc.array(fc.nat(), { maxLength: 3 }) }), {
      maxLength: 80,
    });
    const hosts = fc.array(items, { maxLength: 3 });
    fc.assert(
      fc.property(hosts, fc.option(ascii(4), { nil: undefined }), (value, extra) => {
        const host = (findings: unknown): unknown => ({ findings, extra, after: 1 });
        const lazy = new JsonObject({
          first: 1,
          extra,
          hosts: new JsonList(
            value,
            (list) =>
              new JsonObject(host(new JsonList(list, (item) => item)) as object as Record<string, unknown>),
          ),
          empty: new JsonObject({}),
        });
        expect(jsonText(lazy)).toBe(plain({ first: 1, extra, hosts: value.map(host), empty: {} }));
      }),
    );
  });

  it('comes in pieces that are small beside a large list, and its items get their shape as it goes', () => {
    let shaped = 0;
    const list = new JsonList(
      Array.from({ length: 20_000 }, (_, i) => i),
      (i) => {
        shaped++;
        return { line: i, text: 'x'.repeat(40) };
      },
    );
    const pieces = jsonPieces(list);
    const first = pieces.next().value as string;
    expect(shaped).toBeLessThan(2_000);
    const all = [first, ...pieces];
    expect(Math.max(...all.map((piece) => piece.length))).toBeLessThan(100_000);
    expect(JSON.parse(all.join(''))).toHaveLength(20_000);
  });

  it('escapes what a terminal acts on, wherever it stands', () => {
    const text = 'a\u007fb\u202ec\u{e0041}\u2028\u009b';
    expect(jsonText(new JsonList([text], (item) => item))).toBe(
      '[\n  "a\\u007fb\\u202ec\\udb40\\udc41\\u2028\\u009b"\n]\n',
    );
    expect(jsonText('é ü 漢')).toBe('"é ü 漢"\n');
    // The one that is a byte in UTF-8, as plain characters are, and that JSON leaves as it is.
    expect(jsonText('a\u007fb')).toBe('"a\\u007fb"\n');
  });

  it('is the same for long lists that several values share, at any depth', () => {
    const long = Array.from({ length: 200 }, (_, i) => `10.0.0.${i}\u202e`);
    const short = ['a', 'b'];
    const values = (share: (list: readonly string[]) => unknown): unknown[] => [
      share(long),
      share(short),
      share(long),
    ];
    const shared = new JsonObject({
      deep: new JsonList(values(sharedTexts), (item) => new JsonObject({ sources: item })),
      flat: sharedTexts(long),
    });
    const plainly = { deep: values((list) => list).map((item) => ({ sources: item })), flat: long };
    expect(JSON.parse(jsonText(shared))).toEqual(plainly);
    expect(jsonText(shared)).toBe(jsonText(plainly));
  });
});
