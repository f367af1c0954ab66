import { readFileSync, writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { inProcess, postern } from '../support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'postern-trace-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const CONFIG = 'fixtures/sites/x-road/ss1/rules.v4';
const SETS = 'fixtures/sites/x-road/ss1/sets.ipset';
const packet = (fields: object): string =>
  JSON.stringify({
    hook: 'input',
    in: 'eth0',
    src: '10.1.1.5',
    dst: '10.1.2.10',
    protocol: 'tcp',
    ...fields,
  });

describe('trace', () => {
  it('answers each packet in order, and exits 2 after the last where one can not be read', () => {
    const input = [
      packet({ id: 1, dport: 22 }),
      'nonsense',
      packet({ id: 3, dport: 4000 }),
      '',
      packet({ id: 4, dport: 70000 }),
    ];
    const { status, stdout, stderr } = postern(['trace', CONFIG, SETS, '--packets', '-'], {
      input: input.join('\n'),
    });
    const answers = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect({ status, stderr }).toEqual({ status: 2, stderr: '' });
    expect(answers.map(({ id, verdict, error }) => [id, verdict ?? typeof error])).toEqual([
      [1, 'accept'],
      [null, 'string'],
      [3, 'drop'],
      [4, 'string'],
    ]);
    const rules = readFileSync(CONFIG, 'utf8').split('\n');
    const accepting = answers[0].path.at(-1);
    expect(accepting).toEqual({ file: CONFIG, line: expect.any(Number), text: rules[accepting.line - 1] });
  });

  it('does not assess a family of which nothing was given', async () => {
    const input = packet({ id: 6, src: '2001:db8::1', dst: '2001:db8::2', dport: 22 });
    const { status, stdout } = await inProcess(['trace', CONFIG, SETS, '--packets', '-'], { input });
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ id: 6, verdict: 'not-assessed' });
  });

  it('reads UTF-16 behind its byte order mark, of either byte order', async () => {
    const path = join(folder, 'packets-16');
    const text = Buffer.from(
      `\uFEFF${packet({ id: 1, dport: 22 })}\r\n${packet({ id: 'ü', dport: 4000 })}\r\n`,
      'utf16le',
    );
    for (const bytes of [text, Buffer.from(text).swap16()]) {
      writeFileSync(path, bytes);
      const { status, stdout } = await inProcess(['trace', CONFIG, SETS, '--packets', path]);
      const answers = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect({ status, answers: answers.map(({ id, verdict }) => [id, verdict]) }).toEqual({
        status: 0,
        answers: [
          [1, 'accept'],
          ['ü', 'drop'],
        ],
      });
    }
  });

  it('reads packets from a file, however many, and however long a line', () => {
    const path = join(folder, 'packets');
    const many = Array.from({ length: 8_000 }, (_, id) => packet({ id, dport: id }));
    writeFileSync(path, [...many.slice(0, 4_000), 'x'.repeat(3 << 20), ...many.slice(4_000)].join('\n'));
    const { status, stdout } = postern(['trace', CONFIG, SETS, '--packets', path]);
    const ids = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).id);
    expect(status).toBe(2);
    expect(ids).toHaveLength(8_001);
    expect(ids[4_000]).toBeNull();
    expect(ids.filter((id) => id !== null)).toEqual(many.map((_, id) => id));
  });

  it('needs packets and configs that exist', async () => {
    for (const args of [
      [CONFIG, '--packets', 'absent'],
      ['absent', '--packets', '-'],
      [CONFIG, '--packets', folder],
    ]) {
      const { status, stdout, stderr } = await inProcess(['trace', ...args]);
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(stderr).toMatch(/error: (there is no such file|this is a directory)/);
    }
  });
});
