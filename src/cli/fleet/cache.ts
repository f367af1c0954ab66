import { hash, randomUUID } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Diagnostic } from '../../api.ts';
import type { HostRecord } from '../../api/fleet/record.ts';
import type { RecordStore } from '../../api/fleet/store.ts';

/**
 * Records of hosts in a folder, each in a file named by everything that it depends on. A file holds the digest of its
 * name and contents first; one that does not agree with itself is left alone, told, and made anew. Files are read and written at once:
 * they are small, and a worker has nothing else to do while it waits for another thread.
 */
export class RecordCache implements RecordStore {
  private readonly doubts: Diagnostic[] = [];

  /** @param build names the program: what another one has made does not count */
  constructor(
    private readonly folder: string,
    private readonly build: string,
  ) {}

  async get(key: string): Promise<HostRecord | undefined> {
    const name = this.nameOf(key);
    const path = this.pathOf(name);
    const text = textOf(path);
    if (text === undefined) return undefined;
    const end = text.indexOf('\n');
    const body = text.slice(end + 1);
    if (end === 64 && text.slice(0, end) === sealOf(name, body)) return JSON.parse(body) as HostRecord;
    this.doubt(path, 'this entry of the cache is damaged; the host is checked again');
    return undefined;
  }

  async put(key: string, record: HostRecord): Promise<void> {
    const name = this.nameOf(key);
    const path = this.pathOf(name);
    const body = JSON.stringify(record);
    const temporary = `${path}.${randomUUID()}.tmp`;
    try {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(temporary, `${sealOf(name, body)}\n${body}`, { flag: 'wx' });
      renameSync(temporary, path);
    } catch (error) {
      removed(temporary);
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
      this.doubt(this.folder, `the cache can't be written (${code}); results are not kept`);
    }
  }

  /** What is to be told of the cache since this was asked last. */
  takeDoubts(): Diagnostic[] {
    return this.doubts.splice(0);
  }

  private doubt(path: string, message: string): void {
    this.doubts.push({ severity: 'warning', code: 'cache', path, message });
  }

  private nameOf(key: string): string {
    return digestOf(`${this.build}\n${key}`);
  }

  private pathOf(name: string): string {
    return join(this.folder, name.slice(0, 2), `${name.slice(2)}.record`);
  }
}

/** The digest of a record under its name: what was copied to the place of another is none. */
const sealOf = (name: string, body: string): string => digestOf(`${name}\n${body}`);

const digestOf = (text: string): string => hash('sha256', text);

/** The text of a regular file; a pipe is not waited for (open(2), O_NONBLOCK), and what is made anew takes its place. */
function textOf(path: string): string | undefined {
  let file: number | undefined;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    return fstatSync(file).isFile() ? readFileSync(file, 'utf8') : undefined;
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function removed(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // What cannot be removed is told with what could not be written.
  }
}
