import { describe, expect, it } from 'vitest';
import { formatDiagnostic } from '../../src/api/diagnostic-text.ts';
import { decode, sha256 } from '../../src/api/input.ts';

const read = (bytes: string | Uint8Array) => decode({ path: 'x', bytes: Buffer.from(bytes) });

/** The text, and the numbers of the lines that are not UTF-8. */
function decoded(bytes: string | Uint8Array): { text: string; strange: number[] } {
  const result = read(bytes);
  if (!result.ok) throw new Error(result.errors[0]?.message);
  const { source, coverage } = result.value;
  return { text: source.text, strange: coverage.map(({ span }) => source.position(span.start).line) };
}

/** The first error as the command line prints it. */
function error(bytes: string | Uint8Array): string {
  const result = read(bytes);
  if (result.ok) throw new Error('no error');
  return result.errors.map((one) => formatDiagnostic(one, { colour: false, width: 80 })).join('');
}

describe('the text of a file', () => {
  it('is UTF-8', () => {
    expect(decoded('ä 漢 😀\n')).toEqual({ text: 'ä 漢 😀\n', strange: [] });
    expect(decoded('')).toEqual({ text: '', strange: [] });
  });

  it('loses its byte order mark', () => {
    expect(decoded('\ufeff*filter\n').text).toBe('*filter\n');
    expect(decoded('a\ufeffb').text).toBe('a\ufeffb');
  });

  it('is Latin-1 where it is not UTF-8, so that names that differ stay different', () => {
    const bytes = Buffer.from('ok\n:b\xfcro - [0:0]\n:b\xf6ro - [0:0]\n\xe4', 'latin1');
    expect(decoded(bytes)).toEqual({ text: 'ok\n:büro - [0:0]\n:böro - [0:0]\nä', strange: [2, 3, 4] });
  });

  it('counts overlong and truncated sequences as not UTF-8', () => {
    expect(decoded(Uint8Array.of(0xc0, 0xaf)).strange).toEqual([1]);
    expect(decoded(Uint8Array.of(0x61, 0x0a, 0xe2, 0x82)).strange).toEqual([2]);
  });

  it('is that of UTF-16 with a byte order mark, in either order', () => {
    const little = Buffer.from('\ufeffä\r\n漢 😀\n', 'utf16le');
    expect(decoded(little)).toEqual({ text: 'ä\r\n漢 😀\n', strange: [] });
    expect(decoded(Buffer.from(little).swap16())).toEqual({ text: 'ä\r\n漢 😀\n', strange: [] });
    expect(decoded(Uint8Array.of(0xff, 0xfe)).text).toBe('');
  });

  it('works on a part of a larger buffer', () => {
    expect(decoded(Buffer.from('xxabcxx').subarray(2, 5)).text).toBe('abc');
  });
});

describe('what is no text', () => {
  it('is told with the place of the first NUL byte', () => {
    expect(error('one\ntw\0o\n')).toBe(
      [
        'x:2:3: error: this is a binary file: it has a NUL byte here',
        '  2 | tw␀o',
        '    |   ^',
        '  expected: a text in UTF-8',
        '  help: name the text that the firewall tool printed',
        '',
      ].join('\n'),
    );
  });

  it('is recognised where it is UTF-16 that nobody can be sure of, or gzip', () => {
    const halved = 'x:1:1: error: this is UTF-16 text with half a character in it';
    expect(error(Buffer.from('\ufeffabc', 'utf16le').subarray(0, 5))).toContain(halved);
    expect(error(Buffer.from('\ufeffa\ud800b', 'utf16le'))).toContain(halved);
    expect(error(Buffer.from('*filter\n', 'utf16le'))).toContain('UTF-16 text without a byte order mark');
    // UTF-32 has the same mark, and two zero bytes more.
    expect(error(Uint8Array.of(0xff, 0xfe, 0, 0, 0x61, 0, 0, 0))).toContain(
      'x:1:1: error: this is UTF-16 text',
    );
    expect(error(Buffer.from('\ufeffone\ntw\0o', 'utf16le'))).toContain(
      'x:2:3: error: this is a binary file',
    );
    expect(error(Uint8Array.of(0x1f, 0x8b, 8, 0))).toContain('this is a gzip file');
  });
});

describe('a digest', () => {
  it('is that of the bytes as given', () => {
    expect(sha256(Buffer.from('abc'))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });
});
