/**
 * Milliseconds of processor time that this process has used until now. Bounds on what work costs are of this: the clock on
 * the wall also counts what others do on a busy machine.
 */
export function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
