import type { HostRecord } from './record.ts';

/** Where records are kept from run to run, under keys that say everything that they depend on. */
export interface RecordStore {
  /** What is kept under the key; undefined where nothing is, or nothing that can be trusted. */
  get(key: string): Promise<HostRecord | undefined>;
  put(key: string, record: HostRecord): Promise<void>;
}
