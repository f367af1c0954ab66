import { describe, expect, it } from 'vitest';
import { noRoom } from '../../src/cli/fleet/room.ts';

const errorWith = (more: object): Error => Object.assign(new Error('what Node says'), more);

describe('room that ran out', () => {
  it('on the disk names the folder', () => {
    const told = noRoom(errorWith({ code: 'ENOSPC', syscall: 'write' }));
    expect(told?.code).toBe('unwritable-output');
    expect(told?.message).toContain('ENOSPC');
  });

  it('in a worker’s memory says how much it may take, and how to let it take more', () => {
    const told = noRoom(errorWith({ code: 'ERR_WORKER_OUT_OF_MEMORY' }));
    expect(told?.code).toBe('out-of-memory');
    expect(told?.message).toMatch(/\([1-9][0-9]+ MB for each worker\)/);
    expect(told?.help).toContain('--max-old-space-size');
  });

  it('is no other error', () => {
    expect(noRoom(errorWith({ code: 'EACCES', syscall: 'read' }))).toBeUndefined();
    expect(noRoom(new TypeError('a fault'))).toBeUndefined();
  });
});
