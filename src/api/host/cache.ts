import type { Result } from '../../text/diagnostic.ts';
import { type HostFiles, readHostFiles } from './host.ts';
import type { InputFile } from '../input.ts';

/**
 * Reads the files of hosts, those of a cloud once: its exports are of a whole account and guard many hosts, while the
 * dumps of a host are its own and are forgotten when it is done.
 */
export class HostFileCache {
  private key = '';
  private kept: Result<HostFiles> | undefined;

  /** The files of one host. */
  async read(files: readonly InputFile[]): Promise<Result<HostFiles>> {
    const key = JSON.stringify(files.map(({ path, format }) => [path, format ?? '']));
    if (this.kept !== undefined && this.key === key) return this.kept;
    const read = await readHostFiles(files);
    if (read.ok && read.value.account !== undefined) {
      this.key = key;
      this.kept = { ...read, warnings: [] };
    }
    return read;
  }
}
