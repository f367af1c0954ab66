import { tmpdir } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import type { Diagnostic } from '../../api.ts';

/**
 * What an error says of room that ran out while hosts were checked: on the disk where results wait, or in the memory of a
 * worker (https://nodejs.org/api/errors.html#err_worker_out_of_memory). Undefined for any other error.
 */
export function noRoom(error: unknown): Diagnostic | undefined {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') return noMemory();
  if (syscall !== 'write' && syscall !== 'open' && syscall !== 'mkdtemp') return undefined;
  return {
    severity: 'error',
    code: 'unwritable-output',
    path: tmpdir(),
    message: `results can't wait there until all hosts are checked (${code ?? 'unknown error'})`,
    help: 'name a folder with more room in the variable TMPDIR',
  };
}

function noMemory(): Diagnostic {
  const limit = Math.floor(getHeapStatistics().heap_size_limit / 2 ** 20);
  return {
    severity: 'error',
    code: 'out-of-memory',
    message: `the configs need more memory than Node.js may take (${limit} MB for each worker)`,
    expected: 'about eight times the size of a cloud’s exports',
    help: 'let it take more (`NODE_OPTIONS=--max-old-space-size=<MB>`), or export a part of the account',
  };
}
