import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Texts up to so many bytes together stay in memory. */
const IN_MEMORY = 16 << 20;

/**
 * Texts in the order in which they came, to be read again as often as a report asks: a few megabytes in memory, more in
 * a file that has no other reader (mkdtemp(3): mode 0700) and is gone when the run is.
 */
export class Spool {
  private readonly sizes: number[] = [];
  private parts: Uint8Array[] = [];
  private held = 0;
  private folder: string | undefined;
  private file: number | undefined;

  /** Adds a text, in UTF-8. Throws what the file system says where there is no room. */
  add(bytes: Uint8Array): void {
    this.sizes.push(bytes.length);
    this.parts.push(bytes);
    this.held += bytes.length;
    if (this.held > IN_MEMORY) this.flush();
  }

  /** All texts, from the first. */
  *texts(): Generator<string> {
    for (const { buffer, byteOffset, length } of this.bytes())
      yield Buffer.from(buffer, byteOffset, length).toString('utf8');
  }

  /** The same in UTF-8: what is written as it is need not become text again. */
  *bytes(): Generator<Uint8Array> {
    if (this.file !== undefined) this.flush();
    let at = 0;
    for (const [i, size] of this.sizes.entries()) {
      if (this.file === undefined) yield this.parts[i] as Uint8Array;
      else {
        const bytes = Buffer.allocUnsafe(size);
        readSync(this.file, bytes, 0, size, at);
        yield bytes;
      }
      at += size;
    }
  }

  /** Forgets everything. */
  close(): void {
    if (this.file !== undefined) closeSync(this.file);
    this.remove();
    this.file = undefined;
    this.parts = [];
  }

  /** Some systems keep the name of an open file; then it goes when everything is read. */
  private remove(): void {
    try {
      if (this.folder !== undefined) rmSync(this.folder, { recursive: true, force: true });
    } catch {
      return;
    }
    this.folder = undefined;
  }

  private flush(): void {
    if (this.file === undefined) {
      this.folder = mkdtempSync(join(tmpdir(), 'postern-'));
      this.file = openSync(join(this.folder, 'hosts'), 'wx+', 0o600);
      // An open file stays readable without its name (unlink(2)), and is gone however the process ends.
      this.remove();
    }
    // Without a position, writes go on where the last one ended; reads name theirs and move nothing (pwrite(2), pread(2)).
    for (const part of this.parts)
      for (let from = 0; from < part.length; ) from += writeSync(this.file, part, from);
    this.parts = [];
    this.held = 0;
  }
}
